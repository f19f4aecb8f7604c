import * as ffi from 'ffi'
import {
  METHODS,
  METHODS_PLACE,
  REQUESTS,
  layoutOf,
  type Layout,
  type RequestMetrics,
} from '../model/request-metrics.js'
import type { HostDocument, Route } from '../model/documents.js'
import type { Passage } from '../request/passage.js'
import { hasContext } from './carried.js'
import { config } from './config.js'
import { bucketOf, padded, type Bounds } from './metrics-buckets.js'
import { labelsFor, OVERFLOW, type RouteLabels } from './metrics-labels.js'
import { type Cells, foldAll, isRoomLeft, openSeries, type Series } from './metrics-fold.js'
import type { Chosen } from './chosen.js'
import { takeUnsized } from './unsized.js'
import { variables } from './variables.js'

/**
 * `log_by_lua` of every public location where metrics are on: the request is added to the numbers of its label set, in this
 * worker's own memory; `metrics-fold.ts` hands them on. Nothing here is per request but additions (docs/design/metrics.md).
 */

ffi.cdef('long long strtoll(const char *text, char **end, int base);')

/** Of a pointer. */
declare const plus: LuaAddition<object, number, object>

/** Label sets of a route by the canary that served, and by status and method. */
interface Tally {
  readonly epoch: number
  readonly labels: RouteLabels
  readonly main: SeriesByKey
  readonly others: Record<string, { readonly byKey: SeriesByKey } | undefined>
}

type SeriesByKey = LuaTable<number, Series | undefined>

/** What was counted of a route is kept with it, and so gone with its document once it is handed on. */
interface CountedRoute extends Route {
  tally?: Tally
  /** Where names that nobody declared are counted each for itself. */
  unknown?: { readonly epoch: number; readonly byName: Record<string, Tally | undefined>; count: number }
}

interface Known {
  readonly layout: Layout
  readonly times: Bounds
  readonly lengths: Bounds
  readonly sizes: Bounds
  readonly settings: RequestMetrics
}

/** Of all workers together: a label set takes about 750 bytes, and they may have 48 MB. */
const MOST_IN_NGINX = 65_536

/** Names that nobody declared, in each worker: clients invent as many as they like, and each costs some kilobytes. */
const MOST_UNKNOWN = 1_000

let known: Known | undefined
let most = 0
const methodNumbers: Record<string, number | undefined> = {}

/** Label sets that are open, and which emptying of this memory they are of. */
let count = 0
let epoch = 0
let overflow: Series | undefined

/** To be called before the workers begin; counts nothing where the frame has no metrics. */
export function prepareMetrics(): void {
  const settings = config().metrics
  if (settings === undefined) return
  for (let i = 0; i < METHODS.length; i++) methodNumbers[METHODS[i] ?? ''] = i
  most = math.min(settings.most, math.floor(MOST_IN_NGINX / ngx.worker.count()))
  known = {
    layout: layoutOf(settings),
    times: padded(settings.times, 1000),
    lengths: padded(settings.lengths, 1),
    sizes: padded(settings.sizes, 1),
    settings,
  }
}

export function countRequest(): void {
  if (known === undefined) return
  // One of HTTP/2 may have ended while its body was awaited.
  if (!hasContext()) takeUnsized()
  const { route, host, passage, by } = ngx.ctx as Partial<Chosen> // as `route` has set it
  if (host === undefined) return
  if (route !== undefined) return add(known, seriesFor(known, route, host, passage))
  // Hosts answer before any path does, and what is one's own page (health, status) is nobody's request.
  if (by !== undefined && by !== 'www') add(known, seriesFor(known, host.root, host, undefined))
}

function seriesFor(
  { settings }: Known,
  route: CountedRoute,
  host: HostDocument,
  passage: Passage | undefined,
): Series | undefined {
  const status = settings.statusClasses ? math.floor(ngx.status / 100) : ngx.status
  const key = status * METHODS_PLACE + (methodNumbers[ngx.req.get_method()] ?? 0)
  const { tally } = route
  if (tally !== undefined && tally.epoch === epoch && passage?.split === undefined) {
    const series = tally.main.get(key)
    if (series !== undefined) return series
  }
  return findSeries(settings, route, host, passage, key)
}

/** Of the first request of its kind. */
function findSeries(
  settings: RequestMetrics,
  route: CountedRoute,
  host: HostDocument,
  passage: Passage | undefined,
  key: number,
): Series | undefined {
  const tally = tallyOf(settings, route, host)
  if (tally === undefined) return undefined
  if (tally === 'too many') return overflowSeries()
  const split = passage?.split
  const canary = split?.side === 'alternative' ? (split.logged ?? '') : ''
  const sets = canary === '' ? tally.main : setsOf(tally, canary)
  const found = sets.get(key)
  if (found !== undefined) return found
  if (count >= most && !makeRoom()) return overflowSeries()
  const made = createSeries(labelsFor(tally.labels, canary, key, settings.statusClasses))
  count++
  sets.set(key, made)
  return made
}

function setsOf({ others }: Tally, canary: string): SeriesByKey {
  const other = others[canary] ?? { byKey: newTable() }
  others[canary] = other
  return other.byKey
}

/** MET-1: undefined for a host that nobody declared. */
function tallyOf(settings: RequestMetrics, route: CountedRoute, host: HostDocument): Tally | 'too many' | undefined {
  const isDeclared = host.name !== '_'
  if (isDeclared || !settings.perHost) {
    if (route.tally === undefined || route.tally.epoch !== epoch)
      route.tally = createTally(settings.perHost ? nameOf(host) : '', route)
    return route.tally
  }
  if (!settings.undefinedHosts) return undefined
  // Names are the clients' own, any number of them: those of an emptying before go with it.
  if (route.unknown === undefined || route.unknown.epoch !== epoch) route.unknown = { epoch, byName: {}, count: 0 }
  const { unknown } = route
  const name = variables['host'] ?? ''
  const found = unknown.byName[name]
  if (found !== undefined) return found
  // While nobody takes what was counted, none of them is kept beyond the bound either.
  if (unknown.count >= MOST_UNKNOWN || count >= most) return 'too many'
  unknown.count++
  const tally = createTally(name, route)
  unknown.byName[name] = tally
  return tally
}

/** Behind `~` is the host whose aliases a pattern says. */
function nameOf({ name }: HostDocument): string {
  return string.byte(name, 1) === TILDE ? string.sub(name, 2) : name
}

const TILDE = 126

function createTally(host: string, { path, labels }: Route): Tally {
  return { epoch, labels: { owner: labels ?? '  ', host, path }, main: newTable(), others: {} }
}

function newTable(): SeriesByKey {
  return new LuaTable<number, Series | undefined>()
}

/** Everything is handed on and forgotten; false where that cannot be, since nobody takes it. */
function makeRoom(): boolean {
  if (!isRoomLeft()) return false
  foldAll()
  epoch++
  count = 0
  return true
}

function overflowSeries(): Series {
  overflow = overflow ?? createSeries(OVERFLOW)
  return overflow
}

function createSeries(labels: string): Series {
  const cells = new LuaTable<number, number>()
  const length = known?.layout.length ?? 0
  for (let i = 1; i <= length; i++) cells.set(i, 0)
  return { labels, cells, length, isOpen: false, example: '' }
}

function add({ layout, times, lengths, sizes }: Known, series: Series | undefined): void {
  if (series === undefined) return
  const { cells } = series
  const milliseconds = math.max(math.floor((ngx.now() - ngx.req.start_time()) * 1000 + 0.5), 0)
  if (!series.isOpen) openSeries(series, milliseconds)
  cells.set(REQUESTS, cells.get(REQUESTS) + 1)
  observe(cells, layout.requestDuration, times, milliseconds)
  const values = variables['observed'] ?? ''
  let at = 19
  if (string.byte(values, 6) === BAR && string.byte(values, 12) === BAR && string.byte(values, 18) === BAR) {
    observe(cells, layout.connectDuration, times, shortTime(values, 1))
    observe(cells, layout.headerDuration, times, shortTime(values, 7))
    observe(cells, layout.responseDuration, times, shortTime(values, 13))
  } else at = observeOthers(cells, layout, times, values)
  const sent = numberAt(values, at)
  const [bar] = string.find(values, '|', at, true)
  observe(cells, layout.responseSize, lengths, sent)
  observe(cells, layout.bytesSent, sizes, sent)
  observe(cells, layout.requestSize, lengths, numberAt(values, (bar ?? at) + 1))
}

/** `|` */
const BAR = 124

function observe(cells: Cells, position: number, bounds: Bounds, value: number): void {
  cells.set(position, cells.get(position) + value)
  const bucket = position + 1 + bucketOf(bounds, value)
  cells.set(bucket, cells.get(bucket) + 1)
}

/** `D.DDD`, in milliseconds. */
function shortTime(text: string, at: number): number {
  const seconds = string.byte(text, at)
  const tenths = string.byte(text, at + 2)
  const hundredths = string.byte(text, at + 3)
  const thousandths = string.byte(text, at + 4)
  return seconds * 1000 + tenths * 100 + hundredths * 10 + thousandths - 48 * 1111
}

/** A number without signs and fractions; the text need not be copied for it. */
function numberAt(text: string, at: number): number {
  return tonumber(ffi.C.strtoll(plus(ffi.cast('const char *', text), at - 1), undefined, 10)) ?? 0
}

/**
 * Times of 10 s and more; none where no backend was asked; and MET-3: several where more than one was, which say nothing
 * about the one that answered. Gives where the rest begins.
 */
function observeOthers(cells: Cells, layout: Layout, times: Bounds, values: string): number {
  const [, , connect, header, response, at] = string.find(values, '^([^|]*)|([^|]*)|([^|]*)|()')
  observeTime(cells, layout.connectDuration, times, connect)
  observeTime(cells, layout.headerDuration, times, header)
  observeTime(cells, layout.responseDuration, times, response)
  return tonumber(at) ?? 1
}

function observeTime(cells: Cells, position: number, times: Bounds, text: string | number | undefined): void {
  const seconds = tonumber(text)
  if (seconds !== undefined) observe(cells, position, times, math.floor(seconds * 1000 + 0.5))
}
