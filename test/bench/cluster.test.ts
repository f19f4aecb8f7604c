import { expect, test } from 'vitest'
import { countRequests } from '../../bench/cluster/metrics-text.js'
import { addressesOf, slice, sliceName, spareAddress, surroundings } from '../../bench/cluster/objects.js'
import { parseClusterOptions } from '../../bench/cluster/options.js'
import { inParallel } from '../../bench/cluster/parallel.js'
import { quantileFigures } from '../../bench/cluster/quantile-figures.js'

test('options: what is given wins over what quick sets', () => {
  expect(parseClusterOptions([], 'there')).toMatchObject({ hosts: [0, 1_000, 10_000], changes: 100, out: 'there' })
  const options = parseClusterOptions(['--quick', '--hosts', '500,0,500', '--rate', '50', '--out', 'here'], 'there')
  expect(options).toMatchObject({ hosts: [0, 500], changes: 20, rate: 50, seconds: 10, out: 'here' })
})

test('endpoints: no two share an address, and the API server takes all of them', () => {
  const hosts = [0, 1, 19_999, 30_000, 32_000, 40_100]
  const all = hosts.flatMap((index) => [...addressesOf(index), spareAddress(index)])
  expect(new Set(all).size).toBe(hosts.length * 6)
  for (const address of all) {
    const parts = address.split('.').map(Number)
    expect(parts[0]).toBe(10)
    expect(parts[1]).toBeGreaterThanOrEqual(128)
    expect(parts.every((part) => part <= 255)).toBe(true)
  }
})

test('a slice has the addresses it is given, under the name it is replaced by', () => {
  const { endpoints, metadata } = slice(7, ['10.128.0.1'])
  expect(endpoints).toEqual([{ addresses: ['10.128.0.1'], conditions: { ready: true } }])
  expect(metadata).toMatchObject({ name: sliceName(7), namespace: 'bench' })
})

test('namespaces come before what is in them', () => {
  expect(surroundings('certificate', 'key').map(({ kind }) => kind)).toEqual([
    'Namespace',
    'Namespace',
    'Namespace',
    'IngressClass',
    'ConfigMap',
    'Secret',
  ])
})

test('requests are counted by resource, verb and success', () => {
  const line = (code: number, resource: string, subresource: string, verb: string, value: string): string =>
    `apiserver_request_total{code="${code}",component="apiserver",resource="${resource}",subresource="${subresource}",verb="${verb}",version="v1"} ${value}`
  const text = [
    '# TYPE apiserver_request_total counter',
    line(200, 'ingresses', 'status', 'PATCH', '990'),
    line(201, 'ingresses', 'status', 'PATCH', '1e+01'),
    line(200, 'ingresses', 'status', 'PUT', '3'),
    line(409, 'ingresses', 'status', 'PATCH', '5'),
    line(200, 'ingresses', 'status', 'GET', '7'),
    line(200, 'ingresses', '', 'PATCH', '11'),
    line(200, 'services', 'status', 'PATCH', '13'),
    '',
  ].join('\n')
  const labels = { resource: 'ingresses', subresource: 'status' }
  expect(countRequests(text, labels, ['PATCH', 'PUT'])).toBe(1003)
  expect(countRequests(text, labels, ['PUT'])).toBe(3)
})

test('in parallel: every item once, never more than so many, and a failure is seen', async () => {
  const done: number[] = []
  let underWay = 0
  let most = 0
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++underWay)
    await Promise.resolve()
    done.push(item)
    underWay--
  })
  expect(done.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(most).toBe(3)
  const failing = inParallel([1, 2], 1, () => Promise.reject(new Error('no')))
  await expect(failing).rejects.toThrow('no')
})

test('quantiles: the goal is that of p90', () => {
  const times = Array.from({ length: 101 }, (_, i) => i)
  const figures = quantileFigures('x', 'this', times, { atMost: 100, aim: 20 })
  expect(figures.map(({ id, value }) => [id, value])).toEqual([
    ['x-p50', 50],
    ['x-p90', 90],
    ['x-p99', 99],
  ])
  expect(figures.map(({ goal }) => goal?.atMost)).toEqual([undefined, 100, undefined])
})
