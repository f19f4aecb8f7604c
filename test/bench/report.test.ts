import { expect, test } from 'vitest'
import type { Sample, Series } from '../../bench/parts/load.js'
import { doubts, printFigures, printSeries, ratioFigures } from '../../bench/report.js'
import { variantsFor } from '../../bench/scenarios.js'

const variants = variantsFor([1])

const sample = (cpuMicroseconds: number, more: Partial<Sample> = {}): Sample => ({
  requests: 1000,
  failures: 0,
  cpuMicroseconds,
  busy: 0.5,
  upstreamConnections: 0.001,
  ...more,
})

const series = (variant: string, samples: readonly Sample[], workload = 'http'): Series => ({
  workload,
  variant,
  samples,
})

test('a ratio of rounds, with its goal and whether that was reached', () => {
  const measured = [
    series('plain-1', [sample(10), sample(100), sample(20)]),
    series('plain-1-again', [sample(10), sample(101), sample(20)]),
    series('fairlead-1', [sample(14), sample(140), sample(28)]),
  ]
  const figures = ratioFigures(measured, variants)
  expect(figures.map(({ id }) => id)).toEqual(['http/noise', 'http/one-host'])
  expect(figures[1]?.value).toBeCloseTo(1.4)
  expect(printFigures(figures)).toMatch(
    /against plain NGINX, 1 server +1\.40 x +1\.40 x - 1\.40 x +1\.35 x +1\.15 x +NOT reached/,
  )
  expect(doubts(measured, figures)).toEqual([])
})

test('goals are about CPU time, not about latency', () => {
  const slow = sample(10, { latency: { p50: 3, p90: 4, p99: 5 } })
  const quick = sample(10, { latency: { p50: 1, p90: 2, p99: 3 } })
  const measured = [series('plain-1', [quick], 'latency-http'), series('fairlead-1', [slow], 'latency-http')]
  const [figure] = ratioFigures(measured, variants)
  expect(figure).toMatchObject({ id: 'latency-http/one-host', value: 3, goal: undefined })
  expect(printSeries(measured, variants)).toMatch(/Fairlead, 1 host +3\.00 +3\.00-3\.00 +4\.00 +5\.00/)
})

test('a row is marked when connections to the backend were opened, and when requests failed', () => {
  const printed = printSeries(
    [
      series('plain-1', [sample(10)]),
      series('plain-1-again', [sample(10, { upstreamConnections: 0.02 })]),
      series('fairlead-1', [sample(10, { failures: 3 })]),
    ],
    variants,
  )
  const rows = printed.split('\n').filter((line) => /^(?:plain|the same|Fairlead)/.test(line))
  expect(rows.map((row) => /! (.*)$/.exec(row)?.[1])).toEqual([
    undefined,
    'opens upstream connections: measures something else',
    '3 requests failed',
  ])
})

test('failures and a noise of more than 5 % are said', () => {
  const measured = [
    series('plain-1', [sample(10)]),
    series('plain-1-again', [sample(11)]),
    series('fairlead-1', [sample(12, { failures: 2 })]),
  ]
  expect(doubts(measured, ratioFigures(measured, variants))).toEqual([
    '2 requests failed: the rows marked so are worth nothing.',
    expect.stringMatching(/noise.* is 1\.10/),
  ])
})
