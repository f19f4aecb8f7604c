import { OTHER } from '../analytics.js'
import { createAgentReader } from './agents.js'
import { createCollector, type CollectedRow, type Collector } from './collector.js'
import { cubes, keyOf, SEPARATOR, valuesWhenRare, type Cube, type CubeName } from './cubes.js'
import { addHash, hashOf, mergeDistinct } from './distinct.js'
import type { LogRecord } from './record.js'
import { printInterval, readInterval } from './saved.js'
import { createTally, keepTally, mergeKept, mergeTally, visitorsOf, type KeptRow, type Tally } from './tally.js'

/** One interval of one level: the rows of each cube. */
export type Interval = ReadonlyMap<CubeName, ReadonlyMap<string, KeptRow>>

/** How wide intervals are, how many are kept, and how many rows each cube of one has at most, but for those of OTHER. */
export interface Level {
  readonly seconds: number
  readonly intervals: number
  readonly rows: number
}

/** An hour in full, three hours and a day in less detail, and five weeks to compare with. */
export const standardLevels: readonly Level[] = [
  { seconds: 10, intervals: 360, rows: 100 },
  { seconds: 60, intervals: 180, rows: 100 },
  { seconds: 300, intervals: 300, rows: 60 },
  { seconds: 3_600, intervals: 840, rows: 40 },
]

export interface Place {
  readonly country: string
  readonly region: string
  readonly city: string
}

export interface RollUpOptions {
  readonly levels?: readonly Level[]
  /** Beyond it the oldest intervals go, the narrowest first. Default 60,000. */
  readonly maxRows?: number
  placeOf?(client: string): Place | undefined
}

export interface RollUp {
  add(record: LogRecord): void
  /** Closes what is open, so that a reading sees all. */
  settle(): void
  intervals(level: Level): ReadonlyMap<number, Interval>
  readonly levels: readonly Level[]
  rows(): number
  readonly maxRows: number
  /** Times of records, in milliseconds. */
  range(): { readonly oldest: number; readonly newest: number } | undefined
  tooOld(): number
  /** Lines for `load`, of everything that is closed. */
  save(): Iterable<string>
  /** Takes over an interval that was saved; false: the line is none, or of a level that there is not. */
  load(line: string): boolean
}

const OPEN_SECONDS = 10
/** Lines come a little late, from workers that keep them for a second or so. */
const MOST_OPEN = 3
/** Of one interval, by each cube, before the levels choose theirs of it: four times sorting all would be most of the work. */
const MOST_AT_ONCE = 400

/**
 * Adds requests up by interval and by the dimensions of each cube. Records may come in any order; a late one is added to the
 * interval that it belongs to. Memory is bounded in rows.
 */
export function createRollUp({ levels = standardLevels, maxRows = 60_000, placeOf }: RollUpOptions = {}): RollUp {
  const agents = createAgentReader()
  const open = new Map<number, Collector>()
  const kept = new Map(levels.map((level) => [level, new Map<number, Map<CubeName, Map<string, KeptRow>>>()]))
  let rows = 0
  let oldest = Number.POSITIVE_INFINITY
  let newest = Number.NEGATIVE_INFINITY
  let tooOld = 0
  let favoured: ReadonlySet<string> = new Set()
  let lastStart = Number.NaN
  let lastCollector: Collector | undefined

  function collectorAt(start: number): Collector {
    const found = open.get(start)
    if (found !== undefined) return found
    if (open.size >= MOST_OPEN) close(Math.min(...open.keys()))
    const made = createCollector(agents, favoured)
    open.set(start, made)
    return made
  }

  function close(start: number): void {
    const collector = open.get(start)
    if (collector === undefined) return
    open.delete(start)
    if (start === lastStart) lastCollector = undefined
    const made = cubesOf(collector, placeOf)
    favoured = mostFrequent(collector.full, 1_000)
    const frequent = new Map(cubes.map((cube) => [cube.name, withoutRare(cube, made.get(cube.name) ?? new Map())]))
    for (const level of levels) keepAt(level, start, frequent)
    while (rows > maxRows && dropOldest());
  }

  function keepAt(level: Level, start: number, made: ReadonlyMap<CubeName, ReadonlyMap<string, CollectedRow>>): void {
    const width = level.seconds * 1000
    const at = Math.floor(start / width) * width
    const intervals = kept.get(level) ?? new Map<number, Map<CubeName, Map<string, KeptRow>>>()
    const first = Math.floor(newest / width) * width - (level.intervals - 1) * width
    for (const old of intervals.keys()) if (old < first) drop(intervals, old)
    if (at < first) {
      if (level === levels.at(-1)) tooOld += made.get('total')?.get('')?.tally.requests ?? 0
      return
    }
    const interval = intervals.get(at) ?? new Map<CubeName, Map<string, KeptRow>>()
    intervals.set(at, interval)
    for (const cube of cubes) {
      const before = interval.get(cube.name)
      const after = joined(cube, before, made.get(cube.name) ?? new Map(), level.rows)
      rows += after.size - (before?.size ?? 0)
      interval.set(cube.name, after)
    }
  }

  function drop(intervals: Map<number, Map<CubeName, Map<string, KeptRow>>>, at: number): void {
    for (const each of intervals.get(at)?.values() ?? []) rows -= each.size
    intervals.delete(at)
  }

  /** Each level keeps one interval in eight as long as that can be, so that no length of time is without its answer. */
  function dropOldest(): boolean {
    for (const share of [8, Number.POSITIVE_INFINITY]) {
      for (const level of levels) {
        const intervals = kept.get(level)
        if (intervals === undefined || intervals.size <= Math.max(2, level.intervals / share)) continue
        drop(intervals, Math.min(...intervals.keys()))
        return true
      }
    }
    return false
  }

  return {
    levels,
    maxRows,
    rows: () => rows,
    tooOld: () => tooOld,
    range: () => (newest < oldest ? undefined : { oldest, newest }),
    intervals: (level) => kept.get(level) ?? new Map(),
    add(record) {
      const { time } = record
      if (time < oldest) oldest = time
      if (time > newest) newest = time
      const start = Math.floor(time / (OPEN_SECONDS * 1000)) * OPEN_SECONDS * 1000
      if (start !== lastStart || lastCollector === undefined) {
        lastCollector = collectorAt(start)
        lastStart = start
      }
      lastCollector.add(record)
    },
    *save() {
      for (const [level, intervals] of kept)
        for (const [start, interval] of intervals) yield printInterval(level.seconds, start, interval)
    },
    load(line) {
      const saved = readInterval(line)
      const level = levels.find(({ seconds }) => seconds === saved?.seconds)
      if (saved === undefined || level === undefined) return false
      kept.get(level)?.set(saved.start, saved.rows)
      for (const each of saved.rows.values()) rows += each.size
      oldest = Math.min(oldest, saved.start)
      // Of the narrowest level there is always the newest interval.
      if (level === levels[0]) newest = Math.max(newest, saved.start + level.seconds * 1000 - 1)
      return true
    },
    settle() {
      for (const start of [...open.keys()].toSorted((a, b) => a - b)) close(start)
    },
  }
}

/** The rows of all cubes, made of what was collected. */
function cubesOf(
  collector: Collector,
  placeOf: RollUpOptions['placeOf'],
): ReadonlyMap<CubeName, ReadonlyMap<string, CollectedRow>> {
  const total = new Map<string, CollectedRow>()
  const host = new Map<string, CollectedRow>()
  const status = new Map<string, CollectedRow>()
  const service = new Map<string, CollectedRow>()
  const all = tallyOf(total, [])
  for (const { values, tally } of collector.full.values()) {
    const [ofHost = '', , ofStatus = '', , ofService = ''] = values
    mergeTally(all, tally)
    mergeTally(host.get(ofHost)?.tally ?? tallyOf(host, [ofHost]), tally)
    const hostAndStatus = ofHost + SEPARATOR + ofStatus
    mergeTally(status.get(hostAndStatus)?.tally ?? tallyOf(status, [ofHost, ofStatus]), tally)
    const hostAndService = ofHost + SEPARATOR + ofService
    mergeTally(service.get(hostAndService)?.tally ?? tallyOf(service, [ofHost, ofService]), tally)
  }
  mergeDistinct(visitorsOf(all), collector.visitors)
  for (const [name, visitors] of collector.visitorsOfHosts) {
    const row = host.get(name)
    if (row !== undefined) mergeDistinct(visitorsOf(row.tally), visitors)
  }
  const place = placeOf === undefined ? new Map<string, CollectedRow>() : placesOf(collector.clients, placeOf)
  return new Map([
    ['total', total],
    ['host', host],
    ['status', status],
    ['service', service],
    ['agent', collector.agents],
    ['client', collector.clients],
    ['place', place],
    ['full', collector.full],
  ] as const)
}

function placesOf(
  clients: Collector['clients'],
  placeOf: (client: string) => Place | undefined,
): ReadonlyMap<string, CollectedRow> {
  const places = new Map<string, CollectedRow>()
  for (const { values, tally } of clients.values()) {
    const [client = ''] = values
    const place = client === OTHER ? undefined : placeOf(client)
    const row = tallyOf(places, place === undefined ? ['', '', ''] : [place.country, place.region, place.city])
    mergeTally(row, tally)
    addHash(visitorsOf(row), hashOf(client))
  }
  return places
}

function tallyOf(rows: Map<string, CollectedRow>, values: readonly string[]): Tally {
  const key = keyOf(values)
  const found = rows.get(key)
  if (found !== undefined) return found.tally
  const tally = createTally()
  rows.set(key, { values, tally })
  return tally
}

function withoutRare(cube: Cube, rows: ReadonlyMap<string, CollectedRow>): ReadonlyMap<string, CollectedRow> {
  if (rows.size <= MOST_AT_ONCE) return rows
  const counts = Uint32Array.from(rows.values(), ({ tally }) => tally.requests).sort()
  const least = counts[counts.length - MOST_AT_ONCE] ?? 0
  const left = new Map<string, CollectedRow>()
  const rest = new Map<string, CollectedRow>()
  const statusAt = cube.dimensions.indexOf('status')
  for (const [key, row] of rows) {
    const { values, tally } = row
    if (tally.requests > least || (tally.requests === least && left.size < MOST_AT_ONCE)) {
      left.set(key, row)
      continue
    }
    const status = values[statusAt] ?? ''
    let sum = rest.get(status)
    if (sum === undefined) rest.set(status, (sum = { values: valuesWhenRare(cube, values), tally: createTally() }))
    mergeTally(sum.tally, tally)
  }
  for (const { values, tally } of rest.values()) mergeTally(tallyOf(left, values), tally)
  return left
}

/** Both together, and of them the most frequent; the rest is added up as OTHER. */
function joined(
  cube: Cube,
  before: ReadonlyMap<string, KeptRow> | undefined,
  added: ReadonlyMap<string, CollectedRow>,
  most: number,
): Map<string, KeptRow> {
  const rows = new Map(before)
  const rare: { readonly values: readonly string[]; readonly tally: Tally }[] = []
  const frequent = before === undefined && added.size <= most ? undefined : mostRequested(rows, added, most)
  for (const [key, { values, tally }] of added) {
    if (frequent !== undefined && !frequent.has(key)) rare.push({ values, tally })
    else join(cube, rows, key, values, tally)
  }
  if (frequent !== undefined) {
    for (const [key, { values, tally }] of rows) {
      if (frequent.has(key) || isRest(cube, values)) continue
      const unpacked = createTally()
      mergeKept(unpacked, tally, { latency: true, upstream: true })
      rare.push({ values, tally: unpacked })
      rows.delete(key)
    }
  }
  const rest = new Map<string, CollectedRow>()
  for (const { values, tally } of rare) mergeTally(tallyOf(rest, valuesWhenRare(cube, values)), tally)
  for (const [key, { values, tally }] of rest) join(cube, rows, key, values, tally)
  return rows
}

function join(cube: Cube, rows: Map<string, KeptRow>, key: string, values: readonly string[], tally: Tally): void {
  const known = rows.get(key)
  if (known === undefined) {
    rows.set(key, { values, tally: keepTally(tally, cube) })
    return
  }
  const sum = createTally()
  mergeKept(sum, known.tally, { latency: cube.times, upstream: cube.times })
  mergeTally(sum, tally)
  rows.set(key, { values: known.values, tally: keepTally(sum, cube) })
}

function isRest(cube: Cube, values: readonly string[]): boolean {
  return cube.dimensions.length > 0 && values.every((value, i) => value === OTHER || cube.dimensions[i] === 'status')
}

/** Keys of the `most` rows with the most requests in both. */
function mostRequested(
  before: ReadonlyMap<string, KeptRow>,
  added: ReadonlyMap<string, CollectedRow>,
  most: number,
): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const [key, { tally }] of before) counts.set(key, tally.requests)
  for (const [key, { tally }] of added) counts.set(key, (counts.get(key) ?? 0) + tally.requests)
  if (counts.size <= most) return new Set(counts.keys())
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a)
  return new Set(sorted.slice(0, most).map(([key]) => key))
}

function mostFrequent(rows: ReadonlyMap<string, CollectedRow>, most: number): ReadonlySet<string> {
  if (rows.size <= most) return new Set(rows.keys())
  return mostRequested(new Map(), rows, most)
}
