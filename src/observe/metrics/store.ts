import { layoutOf, REQUESTS, type Layout, type RequestMetrics } from '../../model/request-metrics.js'
import { parseCounted, type Example } from './counted.js'
import { OVERFLOW, parseLabels, type RequestLabels } from './labels.js'

/** Everything that was counted of requests since the controller began, by label set. */
export interface RequestMetricsStore {
  readonly settings: RequestMetrics
  readonly layout: Layout
  /** Adds what workers handed on: lines of `edge/metrics-fold.ts`, one character per byte. */
  add(text: string): void
  /** The label sets with their numbers as they are now. They live on: copy what shall stay. */
  rows(): Iterable<RequestRow>
  /** The same for who wants to compare two moments: copies, in no order. */
  snapshot(): readonly RequestSeries[]
  /** MET-5: forgets label sets of Ingresses (`namespace/name`) that are not among these. */
  keepOnly(ingresses: { has(key: string): boolean }): void
  size(): number
  /** Requests that were counted under `_overflow`, since there were too many label sets (`--metrics-max-series`). */
  overflowed(): number
}

export interface RequestRow {
  readonly labels: RequestLabels
  /** By position in the layout minus 1; times in milliseconds, sizes in bytes. */
  readonly cells: Float64Array
  readonly example: Example | undefined
}

/** Numbers of one label set at a moment; they only grow, until the Ingress is deleted. */
export interface RequestSeries {
  readonly labels: RequestLabels
  readonly requests: number
  readonly requestSeconds: Histogram
  /** Only where one backend was asked (MET-3). */
  readonly responseSeconds: Histogram
  readonly requestBytes: Histogram
  readonly responseBytes: Histogram
}

export interface Histogram {
  /** Upper bounds; there is one bucket more, of what is above all of them. */
  readonly bounds: readonly number[]
  /** How many values fell into each bucket; not cumulative. */
  readonly buckets: readonly number[]
  readonly sum: number
}

const ROWS_AT_A_TIME = 128

interface Row extends RequestRow {
  readonly labels: RequestLabels
  readonly cells: Float64Array
  example: Example | undefined
}

export function createRequestMetricsStore(settings: RequestMetrics): RequestMetricsStore {
  const layout = layoutOf(settings)
  const rows = new Map<string, Row>()
  /** Keys of rows by `namespace/name`. */
  const byIngress = new Map<string, string[]>()
  let free: Float64Array[] = []
  let overflow: Row | undefined

  function takeCells(): Float64Array {
    if (free.length === 0) {
      const block = new Float64Array(layout.length * ROWS_AT_A_TIME)
      free = Array.from({ length: ROWS_AT_A_TIME }, (_, i) =>
        block.subarray(i * layout.length, (i + 1) * layout.length),
      )
    }
    return free.pop() ?? new Float64Array(layout.length)
  }

  function rowFor(key: string): Row | undefined {
    const known = rows.get(key)
    if (known !== undefined) return known
    const labels = parseLabels(key)
    if (labels === undefined) return undefined
    if (labels.ingress === OVERFLOW || rows.size >= settings.most) return overflowRow()
    const row: Row = { labels, cells: takeCells(), example: undefined }
    rows.set(key, row)
    const ingress = `${labels.namespace}/${labels.ingress}`
    const keys = byIngress.get(ingress)
    if (keys === undefined) byIngress.set(ingress, [key])
    else keys.push(key)
    return row
  }

  function overflowRow(): Row {
    const all = OVERFLOW
    const labels = {
      namespace: all,
      ingress: all,
      service: all,
      host: all,
      path: all,
      canary: '',
      method: all,
      status: all,
    }
    overflow ??= { labels, cells: new Float64Array(layout.length), example: undefined }
    return overflow
  }

  function addLine(line: string): void {
    const counted = parseCounted(line)
    const row = counted === undefined ? undefined : rowFor(counted.labels)
    if (counted === undefined || row === undefined) return
    const { numbers, example } = counted
    for (let i = 0; i < numbers.length; i += 2) {
      const at = (numbers[i] ?? 0) - 1
      row.cells[at] = (row.cells[at] ?? 0) + (numbers[i + 1] ?? 0)
    }
    if (example !== undefined) row.example = example
  }

  function* all(): Generator<Row, undefined> {
    yield* rows.values()
    if (overflow !== undefined) yield overflow
    return undefined
  }

  return {
    settings,
    layout,
    add(text) {
      for (let from = 0, end = text.indexOf('\n'); end >= 0; from = end + 1, end = text.indexOf('\n', from))
        addLine(text.slice(from, end))
    },
    rows: all,
    snapshot: () => [...all()].map((row) => seriesOf(row, settings, layout)),
    keepOnly(ingresses) {
      for (const [ingress, keys] of byIngress) {
        if (ingress === '/' || ingresses.has(ingress)) continue
        for (const key of keys) {
          const row = rows.get(key)
          if (row !== undefined) free.push(row.cells.fill(0))
          rows.delete(key)
        }
        byIngress.delete(ingress)
      }
    },
    size: () => rows.size,
    overflowed: () => overflow?.cells[REQUESTS - 1] ?? 0,
  }
}

function seriesOf({ labels, cells }: RequestRow, settings: RequestMetrics, layout: Layout): RequestSeries {
  const { times, lengths } = settings
  return {
    labels,
    requests: cells[REQUESTS - 1] ?? 0,
    requestSeconds: histogramAt(cells, layout.requestDuration, times, 1000),
    responseSeconds: histogramAt(cells, layout.responseDuration, times, 1000),
    requestBytes: histogramAt(cells, layout.requestSize, lengths, 1),
    responseBytes: histogramAt(cells, layout.responseSize, lengths, 1),
  }
}

function histogramAt(cells: Float64Array, position: number, bounds: readonly number[], scale: number): Histogram {
  const buckets = [...cells.subarray(position, position + bounds.length + 1)]
  return { bounds, buckets, sum: (cells[position - 1] ?? 0) / scale }
}
