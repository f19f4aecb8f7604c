import { OTHER } from '../analytics.js'
import type { createAgentReader } from './agents.js'
import { keyOf, SEPARATOR } from './cubes.js'
import { addHash, createDistinct, hashOf, type Distinct } from './distinct.js'
import { ownCopy, pathOf, readable, servedBy, type LogRecord } from './record.js'
import { addSeconds } from './sketch.js'
import { createTally, latencyOf, upstreamLatencyOf, type Counts, type Tally } from './tally.js'

export interface CollectedRow {
  readonly values: readonly string[]
  readonly tally: Tally
}

/** The requests of one interval while it is open. Bounded, whatever comes. */
export interface Collector {
  add(record: LogRecord): void
  /** By all of the dimensions of the cube `full`. */
  readonly full: ReadonlyMap<string, CollectedRow>
  /** By browser, system and device; by client. Without sketches. */
  readonly agents: ReadonlyMap<string, CollectedRow>
  readonly clients: ReadonlyMap<string, CollectedRow>
  readonly visitors: Distinct
  readonly visitorsOfHosts: ReadonlyMap<string, Distinct>
}

const MOST_ROWS = 4_000
const MOST_WITHOUT_PATH = 4_000
const MOST_CLIENTS = 4_000
const MOST_HOSTS_WITH_VISITORS = 500
const LONGEST_PATH = 200
const LONGEST_VALUE = 253

/** @param favoured keys of `full` that were frequent before: they find room, whatever else comes */
export function createCollector(
  agentsReader: ReturnType<typeof createAgentReader>,
  favoured: ReadonlySet<string>,
): Collector {
  const full = new Map<string, CollectedRow>()
  const agents = new Map<string, CollectedRow>()
  const clients = new Map<string, CollectedRow>()
  const visitors = createDistinct()
  const visitorsOfHosts = new Map<string, Distinct>()
  let withPath = 0
  let withoutPath = 0
  agentsReader.begin()

  function rowOf(record: LogRecord): Tally {
    const service = servedBy(record)
    const before = record.host + SEPARATOR
    const behind = `${SEPARATOR}${record.status}${SEPARATOR}${record.method}${SEPARATOR}${service}${SEPARATOR}${record.upstreamStatus}`
    const key = before + shownPath(record.uri) + behind
    const found = full.get(key)
    if (found !== undefined) return found.tally
    if (withPath < MOST_ROWS || favoured.has(key)) {
      withPath++
      return add(full, key)
    }
    const shorter = before + OTHER + behind
    const known = full.get(shorter)
    if (known !== undefined) return known.tally
    if (withoutPath < MOST_WITHOUT_PATH) {
      withoutPath++
      return add(full, shorter)
    }
    const last = keyOf([OTHER, OTHER, String(record.status), OTHER, OTHER, OTHER])
    return full.get(last)?.tally ?? add(full, last)
  }

  function clientRow(client: string): Tally {
    const found = clients.get(client)
    if (found !== undefined) return found.tally
    const key = clients.size < MOST_CLIENTS ? ownCopy(client) : OTHER
    return clients.get(key)?.tally ?? add(clients, key)
  }

  function visit(record: LogRecord): void {
    if (record.client === '') return
    const hash = hashOf(record.client)
    addHash(visitors, hash)
    const known = visitorsOfHosts.get(record.host)
    if (known !== undefined) return addHash(known, hash)
    if (visitorsOfHosts.size >= MOST_HOSTS_WITH_VISITORS) return
    const made = createDistinct()
    addHash(made, hash)
    visitorsOfHosts.set(ownCopy(record.host), made)
  }

  return {
    full,
    agents,
    clients,
    visitors,
    visitorsOfHosts,
    add(record) {
      const agent = agentsReader.read(record.userAgent)
      const tally = rowOf(record)
      const kind = `${agent.browser}${SEPARATOR}${agent.os}${SEPARATOR}${agent.device}`
      const ofAgent = agents.get(kind)?.tally ?? add(agents, kind)
      count(tally, record, agent.device, agent.os)
      count(ofAgent, record, agent.device, agent.os)
      count(clientRow(record.client), record, agent.device, agent.os)
      if (record.seconds >= 0) addSeconds(latencyOf(tally), record.seconds)
      if (record.upstreamSeconds >= 0) addSeconds(upstreamLatencyOf(tally), record.upstreamSeconds)
      visit(record)
    },
  }
}

/** The values are pieces of the key, which is no piece of a line: it was put together. */
function add(rows: Map<string, CollectedRow>, key: string): Tally {
  const tally = createTally()
  rows.set(key, { values: key.split(SEPARATOR).map((value) => readable(value).slice(0, LONGEST_VALUE)), tally })
  return tally
}

function shownPath(uri: string): string {
  const path = pathOf(uri)
  const shown = path.length > LONGEST_PATH ? path.slice(0, LONGEST_PATH) : path
  return shown.includes(SEPARATOR) ? shown.replaceAll(SEPARATOR, '?') : shown
}

function count(counts: Counts, record: LogRecord, device: string, os: string): void {
  const { status } = record
  counts.requests++
  if (status < 400) counts.success++
  else if (status >= 500) counts.serverErrors++
  else if (status === 404) counts.notFound++
  if (record.upstreamStatus === '') counts.notForwarded++
  if (device === 'mobile') counts.mobile++
  if (os === 'Android') counts.android++
  if (os === 'iOS') counts.ios++
  if (record.bytesSent >= 0) counts.bytesSent += record.bytesSent
  if (record.requestBytes >= 0) counts.requestBytes += record.requestBytes
  if (record.seconds >= 0) {
    counts.seconds += record.seconds
    counts.timed++
  }
  if (record.upstreamSeconds >= 0) {
    counts.upstreamSeconds += record.upstreamSeconds
    counts.upstreamTimed++
  }
}
