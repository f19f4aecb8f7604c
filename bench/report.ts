import { featureRatios } from './feature-variants.js'
import { formatValue, verdictOf, type Figure } from './figure.js'
import type { Sample, Series } from './parts/load.js'
import { type Ratio, ratiosFor, workloads, type Variant, type Workload } from './scenarios.js'
import { pairedRatios, quantile, spreadOf } from './statistics.js'
import { printTable, type Column } from './text-table.js'
import { certificateRatios, clientRatios } from './tls-variants.js'

/** From this share on a row is marked: it measures the opening of connections as well. */
const TOO_MANY_CONNECTIONS = 0.01

const left = (title: string): Column => ({ title, align: 'left' })
const right = (title: string): Column => ({ title, align: 'right' })

/** A table for each workload: what was measured for each variant. */
export function printSeries(series: readonly Series[], variants: readonly Variant[]): string {
  return workloads
    .filter(({ id }) => series.some(({ workload }) => workload === id))
    .map((workload) => {
      const own = series.filter((each) => each.workload === workload.id)
      const rows = own.map((each) => {
        const label = variants.find(({ id }) => id === each.variant)?.label ?? each.variant
        return [label, ...(workload.looksAt === 'cpu' ? cpuCells(each.samples) : latencyCells(each.samples))]
      })
      const columns = workload.looksAt === 'cpu' ? cpuColumns : latencyColumns
      return `${workload.label}\n\n${printTable([left(''), ...columns], rows)}`
    })
    .join('\n')
}

const cpuColumns = [
  right('CPU us/request'),
  right('quartiles'),
  right('requests'),
  right('worker busy'),
  right('upstream conns/request'),
  left(''),
]

function cpuCells(samples: readonly Sample[]): readonly string[] {
  const { median, lower, upper } = spreadOf(samples.map(({ cpuMicroseconds }) => cpuMicroseconds))
  const requests = samples.reduce((sum, sample) => sum + sample.requests, 0)
  return [
    median.toFixed(1),
    `${lower.toFixed(1)}-${upper.toFixed(1)}`,
    String(requests),
    percent(
      middle(samples, ({ busy }) => busy),
      0,
    ),
    percent(
      middle(samples, ({ upstreamConnections }) => upstreamConnections),
      2,
    ),
    marks(samples),
  ]
}

const latencyColumns = [
  right('p50 ms'),
  right('quartiles'),
  right('p90 ms'),
  right('p99 ms'),
  right('CPU us/request'),
  left(''),
]

function latencyCells(samples: readonly Sample[]): readonly string[] {
  const p50 = spreadOf(samples.map(({ latency }) => latency?.p50 ?? Number.NaN))
  return [
    p50.median.toFixed(2),
    `${p50.lower.toFixed(2)}-${p50.upper.toFixed(2)}`,
    middle(samples, ({ latency }) => latency?.p90 ?? Number.NaN).toFixed(2),
    middle(samples, ({ latency }) => latency?.p99 ?? Number.NaN).toFixed(2),
    middle(samples, ({ cpuMicroseconds }) => cpuMicroseconds).toFixed(1),
    marks(samples),
  ]
}

/** What makes a row mean something else than it says. */
function marks(samples: readonly Sample[]): string {
  const failures = samples.reduce((sum, sample) => sum + sample.failures, 0)
  const opened = middle(samples, ({ upstreamConnections }) => upstreamConnections)
  return [
    ...(opened > TOO_MANY_CONNECTIONS ? ['! opens upstream connections: measures something else'] : []),
    ...(failures > 0 ? [`! ${failures} requests failed`] : []),
  ].join('; ')
}

/** The quotients of a workload's variants, by round. */
export function ratioFigures(series: readonly Series[], variants: readonly Variant[]): readonly Figure[] {
  return workloads.flatMap((workload) => {
    const own = new Map(series.filter((each) => each.workload === workload.id).map((each) => [each.variant, each]))
    const all = ratiosOf(workload, variants)
    return all
      .filter(({ over, under }) => own.has(over) && own.has(under))
      .map((ratio): Figure => {
        const [over, under] = [ratio.over, ratio.under].map((id) => valuesOf(workload, own.get(id)?.samples ?? []))
        const spread = spreadOf(pairedRatios(over ?? [], under ?? []))
        return {
          id: `${workload.id}/${ratio.id}`,
          what: `${workload.id}: ${ratio.what}`,
          unit: 'times',
          value: spread.median,
          spread,
          goal: workload.looksAt === 'cpu' ? ratio.goal : undefined,
        }
      })
  })
}

function ratiosOf({ compares }: Workload, variants: readonly Variant[]): readonly Ratio[] {
  switch (compares) {
    case 'sizes':
      return ratiosFor(variants)
    case 'features':
      return featureRatios
    case 'certificates':
      return certificateRatios
    case 'clients':
      return clientRatios
  }
}

function valuesOf({ looksAt }: Workload, samples: readonly Sample[]): readonly number[] {
  return samples.map(({ cpuMicroseconds, latency }) => (looksAt === 'cpu' ? cpuMicroseconds : (latency?.p50 ?? 0)))
}

/** All figures in one table, with what was asked of them. */
export function printFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { what, unit, value, spread, goal, note } = figure
    return [
      what,
      formatValue(value, unit),
      spread === undefined ? '' : `${formatValue(spread.lower, unit)} - ${formatValue(spread.upper, unit)}`,
      goal === undefined ? '' : formatValue(goal.atMost, unit),
      goal === undefined ? '' : formatValue(goal.aim, unit),
      verdictOf(figure),
      note ?? '',
    ]
  })
  const columns = [
    left('what'),
    right('median'),
    right('quartiles'),
    right('at most'),
    right('aim'),
    left(''),
    left(''),
  ]
  return printTable(columns, rows)
}

/** Sentences about what makes the run doubtful; empty when nothing does. */
export function doubts(series: readonly Series[], figures: readonly Figure[]): readonly string[] {
  const failures = series.flatMap(({ samples }) => samples).reduce((sum, sample) => sum + sample.failures, 0)
  const noisy = figures.filter(({ id, value }) => id.endsWith('/noise') && Math.abs(value - 1) > 0.05)
  return [
    ...(failures > 0 ? [`${failures} requests failed: the rows marked so are worth nothing.`] : []),
    ...noisy.map(({ what, value }) => `${what} is ${value.toFixed(2)}: differences of that size mean nothing.`),
  ]
}

function middle(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return quantile(samples.map(of), 0.5)
}

function percent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)} %`
}
