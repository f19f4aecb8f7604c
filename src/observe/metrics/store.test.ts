import { describe, expect, test } from 'vitest'
import type { RequestMetrics } from '../../model/request-metrics.js'
import { parseCounted } from './counted.js'
import { parseLabels } from './labels.js'
import { createRequestMetricsStore } from './store.js'

const settings: RequestMetrics = {
  times: [0.5, 1],
  lengths: [10],
  sizes: [100],
  perHost: true,
  undefinedHosts: false,
  statusClasses: false,
  most: 3,
}

function line(ingress: string, numbers: string, example = ''): string {
  return `ns\t${ingress}\tapp\ta.test\t/\t\tGET\t200\t${example}\t${numbers}\n`
}

describe('the store of request metrics', () => {
  test('adds up what workers hand on', () => {
    const store = createRequestMetricsStore(settings)
    store.add(line('one', '1:2 2:1500 3:1 5:1 ') + line('one', '1:1 2:10 3:1 '))
    expect(store.snapshot()).toEqual([
      {
        labels: {
          namespace: 'ns',
          ingress: 'one',
          service: 'app',
          host: 'a.test',
          path: '/',
          canary: '',
          method: 'GET',
          status: '200',
        },
        requests: 3,
        requestSeconds: { bounds: [0.5, 1], buckets: [2, 0, 1], sum: 1.51 },
        responseSeconds: { bounds: [0.5, 1], buckets: [0, 0, 0], sum: 0 },
        requestBytes: { bounds: [10], buckets: [0, 0], sum: 0 },
        responseBytes: { bounds: [10], buckets: [0, 0], sum: 0 },
      },
    ])
  })

  test('has one more label set for all that are beyond the bound, and loses no request', () => {
    const store = createRequestMetricsStore(settings)
    for (let i = 0; i < 10; i++) store.add(line(`i${i}`, '1:1 '))
    expect(store.size()).toBe(3)
    expect(store.overflowed()).toBe(7)
    expect(store.snapshot().reduce((sum, { requests }) => sum + requests, 0)).toBe(10)
  })

  test('gives the place of a deleted Ingress to the next one, with nothing left in it (MET-5)', () => {
    const store = createRequestMetricsStore(settings)
    for (let i = 0; i < 3; i++) store.add(line(`i${i}`, '1:1 2:5 '))
    store.keepOnly(new Set(['ns/i1']))
    expect(store.snapshot().map(({ labels }) => labels.ingress)).toEqual(['i1'])
    store.add(line('i9', '1:1 '))
    expect(
      store.snapshot().map(({ labels, requests, requestSeconds }) => [labels.ingress, requests, requestSeconds.sum]),
    ).toEqual([
      ['i1', 1, 0.005],
      ['i9', 1, 0],
    ])
  })

  test('keeps the default server, which is of no Ingress', () => {
    const store = createRequestMetricsStore(settings)
    store.add('\t\t\tx.test\t/\t\tGET\t404\t\t1:1 \n')
    store.keepOnly(new Set())
    expect(store.size()).toBe(1)
  })

  test.each([
    ['no fields', 'abc\n'],
    ['a number that is none', line('one', '1:x ')],
    ['a position that is none', line('one', 'x:1 ')],
    ['too few labels', 'ns\tone\tapp\t\t1:1 \n'],
    ['no end', line('one', '1:1 ').trimEnd()],
  ])('passes over a line with %s', (_, text) => {
    const store = createRequestMetricsStore(settings)
    store.add(text)
    expect(store.size()).toBe(0)
  })
})

describe('what the edge writes', () => {
  test('labels with tabs, line ends and other letters', () => {
    const bytes = Buffer.from('ü', 'utf8').toString('latin1')
    expect(parseLabels(`ns\ti\ts\th\t/a%09b%0A%25${bytes}\tc\tGET\t200`)?.path).toBe('/a\tb\n%ü')
  })

  test.each([
    [
      'an id of our own',
      '4 0123456789abcdef0123456789abcdef 1795719336.395',
      { seconds: 0.004, requestId: '0123456789abcdef0123456789abcdef', at: 1795719336.395 },
    ],
    ['an id of a client that would break out', '4 a"}b 1.5', undefined],
    ['no example', '', undefined],
  ])('an example with %s', (_, text, example) => {
    expect(parseCounted(line('i', '1:1 ', text).trimEnd())?.example).toEqual(example)
  })
})
