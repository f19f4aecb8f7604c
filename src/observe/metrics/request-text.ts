import { REQUESTS, type Layout, type RequestMetrics } from '../../model/request-metrics.js'
import type { RequestLabels } from './labels.js'
import type { RequestMetricsStore, RequestRow } from './store.js'
import { header, printBound, printLabels, type Form, type Labels } from './text.js'

export const PREFIX = 'nginx_ingress_controller_'

interface Family {
  /** Without the prefix. */
  readonly name: string
  readonly help: string
  /** undefined: the number of requests. */
  readonly histogram?: {
    readonly at: Exclude<keyof Layout, 'length'>
    readonly bounds: 'times' | 'lengths' | 'sizes'
  }
}

/** The request metrics of observability.md section 2.1, in its order. */
export const requestFamilies: readonly Family[] = [
  { name: 'requests', help: 'Requests that were finished.' },
  duration('request_duration_seconds', 'From the first byte read to the last byte sent.', 'requestDuration'),
  duration('response_duration_seconds', "To receive the backend's response.", 'responseDuration'),
  duration('header_duration_seconds', "To the header of the backend's response.", 'headerDuration'),
  duration('connect_duration_seconds', 'To connect to the backend.', 'connectDuration'),
  size('request_size', 'Bytes of the request: line, header and body.', 'requestSize', 'lengths'),
  size('response_size', 'Bytes sent to the client.', 'responseSize', 'lengths'),
  size('bytes_sent', 'Bytes sent to the client; deprecated, see response_size.', 'bytesSent', 'sizes'),
]

function duration(name: string, help: string, at: Exclude<keyof Layout, 'length'>): Family {
  return { name, help, histogram: { at, bounds: 'times' } }
}

function size(name: string, help: string, at: Exclude<keyof Layout, 'length'>, bounds: 'lengths' | 'sizes'): Family {
  return { name, help, histogram: { at, bounds } }
}

/** MET-2: the names of `--exclude-socket-metrics`, with or without the prefix; undefined says which is none. */
export function parseExcluded(text: string): {
  readonly names: ReadonlySet<string>
  readonly unknown: readonly string[]
} {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name))
  const known = new Set(requestFamilies.map(({ name }) => name))
  return { names: new Set(names), unknown: names.filter((name) => !known.has(name)) }
}

/** How much text comes in one piece, so that others have their turn between two. */
const PIECE = 131_072

/**
 * The request metrics in pieces. Label sets may come and go between two of them; what belongs to one histogram of one is
 * written in one.
 *
 * @param constant labels that are the same for all
 */
export function* printRequestMetrics(
  store: RequestMetricsStore,
  constant: Labels,
  excluded: ReadonlySet<string>,
  form: Form,
): Generator<string, undefined> {
  const { settings, layout } = store
  const known = new Map<RequestRow, string>()
  const labelsOf = (row: RequestRow): string => {
    const made = known.get(row) ?? printRequestLabels(row.labels, constant, settings.perHost)
    known.set(row, made)
    return made
  }
  let text = ''
  for (const { name, help, histogram } of requestFamilies) {
    if (excluded.has(name)) continue
    const full = PREFIX + name
    text += header(full, histogram === undefined ? 'counter' : 'histogram', help, form)
    const print = histogram === undefined ? printCount(full) : printHistogram(full, histogram, settings, layout, form)
    for (const row of store.rows()) {
      text += print(row, labelsOf(row))
      if (text.length >= PIECE) {
        yield text
        text = ''
      }
    }
  }
  yield text
  return undefined
}

type PrintRow = (row: RequestRow, labels: string) => string

function printCount(name: string): PrintRow {
  return ({ cells }, labels) => `${name}{${labels}} ${cells[REQUESTS - 1] ?? 0}\n`
}

function printHistogram(
  name: string,
  { at, bounds: set }: NonNullable<Family['histogram']>,
  settings: RequestMetrics,
  layout: Layout,
  form: Form,
): PrintRow {
  const bounds = settings[set]
  const scale = set === 'times' ? 1000 : 1
  const ends = [...bounds.map(printBound), '+Inf'].map((bound) => `,le="${bound}"} `)
  const from = layout[at]
  const withExample = form === 'openmetrics' && at === 'requestDuration'
  return ({ cells, example }, labels) => {
    const begin = `${name}_bucket{${labels}`
    const place = withExample && example !== undefined ? placeOf(bounds, example.seconds) : -1
    let text = ''
    let count = 0
    for (let i = 0; i < ends.length; i++) {
      count += cells[from + i] ?? 0
      text += begin + ends[i] + count
      if (i === place && example !== undefined)
        text += ` # {request_id="${example.requestId}"} ${example.seconds} ${example.at}`
      text += '\n'
    }
    // Nothing was observed: MET-3.
    if (count === 0) return ''
    return `${text}${name}_sum{${labels}} ${(cells[from - 1] ?? 0) / scale}\n${name}_count{${labels}} ${count}\n`
  }
}

function placeOf(bounds: readonly number[], value: number): number {
  const place = bounds.findIndex((bound) => value <= bound)
  return place < 0 ? bounds.length : place
}

function printRequestLabels(labels: RequestLabels, constant: Labels, perHost: boolean): string {
  const own = Object.entries(labels).filter(([name]) => name !== 'host' || perHost)
  return printLabels([...constant, ...own])
}
