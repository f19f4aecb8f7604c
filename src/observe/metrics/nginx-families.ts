import { readFileSync } from 'node:fs'
import { byLabel, counter, gauge, type Family } from './family.js'
import { PREFIX } from './request-text.js'
import type { Labels } from './text.js'

/** One process of NGINX at a moment. */
export interface NginxProcessUse {
  readonly pid: number
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly virtualBytes: number
  /** Seconds since 1970. */
  readonly startSeconds: number
  readonly readBytes: number
  readonly writeBytes: number
}

/** NGINX's own counters since its start. */
export interface Connections {
  readonly active: number
  readonly reading: number
  readonly writing: number
  readonly waiting: number
  readonly accepted: number
  readonly handled: number
  readonly requests: number
}

/** Section 2.4 of observability.md. Counters go on when workers end and others take their place. */
export function createNginxFamilies(
  constant: Labels,
): (processes: readonly NginxProcessUse[], connections: Connections | undefined) => readonly Family[] {
  const cpu = createTotal(({ cpuSeconds }) => cpuSeconds)
  const read = createTotal(({ readBytes }) => readBytes)
  const written = createTotal(({ writeBytes }) => writeBytes)
  const prefix = `${PREFIX}nginx_process_`
  return (processes, connections) => {
    const sum = (of: (one: NginxProcessUse) => number): number => processes.reduce((all, one) => all + of(one), 0)
    const oldest = processes.length === 0 ? undefined : Math.min(...processes.map(({ startSeconds }) => startSeconds))
    const { active = 0, reading = 0, writing = 0, waiting = 0, accepted = 0, handled = 0, requests } = connections ?? {}
    const now = { active, reading, writing, waiting }
    const ever = { accepted, handled }
    const known = <T>(entries: Iterable<T>): Iterable<T> => (connections === undefined ? [] : entries)
    return [
      byLabel(
        `${prefix}connections`,
        'gauge',
        'Client connections by state.',
        'state',
        known(Object.entries(now)),
        constant,
      ),
      byLabel(
        `${prefix}connections_total`,
        'counter',
        'Client connections since NGINX began.',
        'state',
        known(Object.entries(ever)),
        constant,
      ),
      counter(
        `${prefix}requests_total`,
        'Requests since NGINX began, those of the controller too.',
        requests,
        constant,
      ),
      gauge(`${prefix}num_procs`, 'Processes of NGINX.', processes.length, constant),
      gauge(
        `${prefix}resident_memory_bytes`,
        'Resident memory of all of them, shared memory counted for each.',
        sum(({ residentBytes }) => residentBytes),
        constant,
      ),
      gauge(
        `${prefix}virtual_memory_bytes`,
        'Virtual memory of all of them.',
        sum(({ virtualBytes }) => virtualBytes),
        constant,
      ),
      gauge(`${prefix}oldest_start_time_seconds`, 'When the oldest began, in seconds since 1970.', oldest, constant),
      counter(`${prefix}cpu_seconds_total`, 'CPU time, user and system.', cpu(processes), constant),
      counter(`${prefix}read_bytes_total`, 'Bytes read from disk.', read(processes), constant),
      counter(`${prefix}write_bytes_total`, 'Bytes written to disk.', written(processes), constant),
    ]
  }
}

/** What all processes came to, those that have ended too as far as they were seen. */
function createTotal(of: (one: NginxProcessUse) => number): (processes: readonly NginxProcessUse[]) => number {
  let last = new Map<string, number>()
  let total = 0
  return (processes) => {
    const now = new Map(processes.map((one) => [`${one.pid} ${one.startSeconds}`, of(one)]))
    for (const [key, value] of now) total += Math.max(value - (last.get(key) ?? 0), 0)
    last = now
    return total
  }
}

/** The processes of the master `pid`, itself first; undefined: none runs. */
export function readNginxProcesses(pid: number | undefined): readonly NginxProcessUse[] {
  if (pid === undefined) return []
  const children = (read(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').flatMap((word) => Number(word) || [])
  return [pid, ...children].flatMap((one) => readProcess(one) ?? [])
}

const TICKS = 100
const PAGE_BYTES = 4096

/** Source: proc(5), /proc/PID/stat and /proc/PID/io. */
function readProcess(pid: number): NginxProcessUse | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // Behind the name, which may hold anything; the first is field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3] ?? 0)
  const io = read(`/proc/${pid}/io`) ?? ''
  return {
    pid,
    cpuSeconds: (field(14) + field(15)) / TICKS,
    startSeconds: bootSeconds() + field(22) / TICKS,
    virtualBytes: field(23),
    residentBytes: field(24) * PAGE_BYTES,
    readBytes: Number(/^read_bytes: (\d+)/m.exec(io)?.[1] ?? 0),
    writeBytes: Number(/^write_bytes: (\d+)/m.exec(io)?.[1] ?? 0),
  }
}

function bootSeconds(): number {
  return Number(/^btime (\d+)/m.exec(read('/proc/stat') ?? '')?.[1] ?? 0)
}

/** As `stub_status` prints them (ngx_http_stub_status_module); undefined: this is something else. */
export function parseConnections(text: string): Connections | undefined {
  const found =
    /^Active connections: (\d+)\s+server accepts handled requests\s+(\d+) (\d+) (\d+)\s+Reading: (\d+) Writing: (\d+) Waiting: (\d+)/.exec(
      text,
    )
  if (found === null) return undefined
  const [active = 0, accepted = 0, handled = 0, requests = 0, reading = 0, writing = 0, waiting = 0] = found
    .slice(1)
    .map(Number)
  return { active, accepted, handled, requests, reading, writing, waiting }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
