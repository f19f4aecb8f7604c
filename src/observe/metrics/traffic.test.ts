import { expect, test } from 'vitest'
import type { RequestMetrics } from '../../model/request-metrics.js'
import { quantileOf } from './quantile.js'
import { createRequestMetricsStore } from './store.js'
import { createTraffic } from './traffic.js'

const settings: RequestMetrics = {
  times: [0.1, 1],
  lengths: [10],
  sizes: [100],
  perHost: true,
  undefinedHosts: false,
  statusClasses: false,
  most: 4,
}

function watched() {
  const store = createRequestMetricsStore(settings)
  let seconds = 1_000
  const traffic = createTraffic(store, () => seconds * 1000)
  return {
    store,
    traffic,
    /** So many requests of so many milliseconds each, in the bucket up to 0.1 s. */
    count(host: string, path: string, status: string, requests: number, milliseconds = 50) {
      store.add(
        `ns\ti\tapp\t${host}\t${path}\t\tGET\t${status}\t\t1:${requests} 2:${requests * milliseconds} 3:${requests} \n`,
      )
    },
    later() {
      seconds += 5
      traffic.look()
    },
  }
}

test('rate, errors and latency of the last minute, by route, by host and of all', () => {
  const { traffic, count, later } = watched()
  later()
  count('a.test', '/', '200', 30)
  count('a.test', '/', '502', 10, 90)
  count('a.test', '/cart', '404', 10)
  count('b.test', '/', '200', 50)
  later()
  expect(traffic.ofRoute('a.test', '/')).toEqual({
    requestsPerSecond: 8,
    clientErrorShare: 0,
    serverErrorShare: 0.25,
    latencyAverage: 0.06,
    latencyP95: expect.closeTo(0.095) as number,
  })
  expect(traffic.ofHost('a.test')).toMatchObject({
    requestsPerSecond: 10,
    clientErrorShare: 0.2,
    serverErrorShare: 0.2,
  })
  expect(traffic.all()).toMatchObject({ requestsPerSecond: 20, serverErrorShare: 0.1 })
  expect(traffic.ofRoute('c.test', '/')).toBeUndefined()
  later()
  expect(traffic.all().requestsPerSecond).toBe(10)
  expect(traffic.recent().map(({ requestsPerSecond }) => requestsPerSecond)).toEqual([20, 0])
})

test('after a minute without requests a route is forgotten, and comes back with the next', () => {
  const { traffic, count, later } = watched()
  later()
  count('a.test', '/', '200', 60)
  later()
  for (let i = 0; i < 11; i++) later()
  expect(traffic.ofRoute('a.test', '/')?.requestsPerSecond).toBe(1)
  later()
  expect(traffic.ofRoute('a.test', '/')).toBeUndefined()
  expect(traffic.all()).toMatchObject({ requestsPerSecond: 0, serverErrorShare: null, latencyAverage: null })
  count('a.test', '/', '200', 120)
  later()
  expect(traffic.ofRoute('a.test', '/')?.requestsPerSecond).toBe(2)
})

test('what was counted before the first look is of nobody knows when', () => {
  const { traffic, count, later } = watched()
  count('a.test', '/', '200', 1_000_000)
  later()
  later()
  expect(traffic.all().requestsPerSecond).toBe(0)
  count('a.test', '/', '200', 10)
  later()
  expect(traffic.all().requestsPerSecond).toBe(1)
})

test('an Ingress that is deleted and comes back does not count backwards; what is beyond the bound counts in all', () => {
  const { store, traffic, count, later } = watched()
  later()
  count('a.test', '/', '200', 100)
  later()
  store.keepOnly(new Set())
  later()
  count('a.test', '/', '200', 50)
  later()
  expect(traffic.recent().map(({ requestsPerSecond }) => requestsPerSecond)).toEqual([20, 0, 10])
  for (let i = 0; i < 10; i++) count(`many-${i}.test`, '/', '200', 1)
  later()
  expect(traffic.recent().at(-1)?.requestsPerSecond).toBe(2)
  expect(traffic.ofHost('_overflow')).toBeUndefined()
})

test('quantiles of buckets', () => {
  expect(quantileOf(0.5, [1, 2], [0, 0, 0])).toBeNull()
  expect(quantileOf(0.5, [1, 2], [10, 10, 0])).toBe(1)
  expect(quantileOf(0.95, [1, 2], [0, 100, 0])).toBeCloseTo(1.95)
  expect(quantileOf(0.95, [1, 2], [0, 0, 5])).toBe(2)
})
