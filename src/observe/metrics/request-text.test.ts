import { describe, expect, test } from 'vitest'
import type { RequestMetrics } from '../../model/request-metrics.js'
import { parseExcluded, printRequestMetrics } from './request-text.js'
import { createRequestMetricsStore } from './store.js'
import { printBound } from './text.js'

const settings: RequestMetrics = {
  times: [0.5, 1],
  lengths: [10],
  sizes: [1e6],
  perHost: true,
  undefinedHosts: false,
  statusClasses: false,
  most: 1_000_000,
}
const constant = [['controller_pod', 'p"1']] as const

function print(excluded = '', form: 'text' | 'openmetrics' = 'text'): string {
  const store = createRequestMetricsStore(settings)
  store.add('ns\ti\ts\th\t/"\t\tGET\t200\t700 abc 12.5\t1:3 2:2700 3:1 4:1 5:1 \n')
  return [...printRequestMetrics(store, constant, parseExcluded(excluded).names, form)].join('')
}

const LABELS =
  'canary="",controller_pod="p\\"1",host="h",ingress="i",method="GET",namespace="ns",path="/\\"",service="s",status="200"'

describe('the text of request metrics', () => {
  test('counters and cumulative histograms; nothing of a histogram without values (MET-3)', () => {
    const lines = print().split('\n')
    expect(lines.filter((line) => !line.startsWith('#') && line !== '')).toEqual([
      `nginx_ingress_controller_requests{${LABELS}} 3`,
      `nginx_ingress_controller_request_duration_seconds_bucket{${LABELS},le="0.5"} 1`,
      `nginx_ingress_controller_request_duration_seconds_bucket{${LABELS},le="1"} 2`,
      `nginx_ingress_controller_request_duration_seconds_bucket{${LABELS},le="+Inf"} 3`,
      `nginx_ingress_controller_request_duration_seconds_sum{${LABELS}} 2.7`,
      `nginx_ingress_controller_request_duration_seconds_count{${LABELS}} 3`,
    ])
  })

  test('the example stands at the bucket that it fell into', () => {
    expect(print('', 'openmetrics')).toContain('le="1"} 2 # {request_id="abc"} 0.7 12.5\n')
    expect(print()).not.toContain('abc')
  })

  test('metrics are left out by name, with or without the prefix (MET-2)', () => {
    const text = print('request_duration_seconds, nginx_ingress_controller_bytes_sent')
    expect(text).not.toMatch(/request_duration|bytes_sent/)
    expect(text).toContain('nginx_ingress_controller_request_size')
    expect(parseExcluded('requests,nonsense').unknown).toEqual(['nonsense'])
  })

  test('much text comes in pieces', () => {
    const store = createRequestMetricsStore(settings)
    for (let i = 0; i < 2_000; i++) store.add(`ns\ti${i}\ts\th\t/\t\tGET\t200\t\t1:1 2:1 3:1 \n`)
    const pieces = [...printRequestMetrics(store, constant, new Set(), 'text')]
    expect(pieces.length).toBeGreaterThan(10)
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(200_000)
    expect(pieces.join('').match(/^nginx_ingress_controller_requests\{/gm)).toHaveLength(2_000)
  })
})

test.each([
  [0.005, '0.005'],
  [1, '1'],
  [100_000, '100000'],
  [1e6, '1e+06'],
  [12_500_000, '1.25e+07'],
  [0.00001, '1e-05'],
])('the bound %d is written as by the library of ingress-nginx: %s', (bound, text) => {
  expect(printBound(bound)).toBe(text)
})
