import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks'
import { counter, gauge, type Family } from './family.js'

/**
 * Figures of this process under the names that Prometheus' libraries have for them: `process_*`, and `nodejs_*` in
 * place of the `go_*` of a program in Go, of which there are none here.
 */
export function createProcessFamilies(): () => readonly Family[] {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  return () => [...processFamilies(), ...loopFamilies(delay)]
}

function processFamilies(): readonly Family[] {
  const { user, system } = process.cpuUsage()
  const memory = process.memoryUsage()
  return [
    counter('process_cpu_seconds_total', 'CPU time of the controller, user and system.', (user + system) / 1e6),
    gauge('process_resident_memory_bytes', 'Resident memory of the controller.', memory.rss),
    gauge('process_virtual_memory_bytes', 'Virtual memory of the controller.', virtualBytes()),
    gauge(
      'process_start_time_seconds',
      'When the controller began, in seconds since 1970.',
      Math.round(Date.now() - process.uptime() * 1000) / 1000,
    ),
    gauge('process_open_fds', 'Open files of the controller.', openFiles()),
    gauge('process_max_fds', 'Open files that the controller may have.', mostFiles()),
    gauge('nodejs_heap_size_total_bytes', 'Size of the heap.', memory.heapTotal),
    gauge('nodejs_heap_size_used_bytes', 'What of the heap is used.', memory.heapUsed),
    gauge('nodejs_external_memory_bytes', 'Memory outside of the heap.', memory.external),
    gauge('nodejs_version_info', 'Version of Node.js.', 1, [['version', process.version]]),
  ]
}

/** Since the scrape before. */
function loopFamilies(delay: IntervalHistogram): readonly Family[] {
  const name = 'nodejs_eventloop_lag'
  const seconds = (nanoseconds: number): number => (Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0)
  const families = [
    gauge(`${name}_mean_seconds`, 'Mean delay of the event loop since the scrape before.', seconds(delay.mean)),
    gauge(`${name}_max_seconds`, 'Longest delay of the event loop since the scrape before.', seconds(delay.max)),
    gauge(`${name}_p99_seconds`, '99th percentile of the delay of the event loop.', seconds(delay.percentile(99))),
  ]
  delay.reset()
  return families
}

function virtualBytes(): number | undefined {
  const pages = Number(read('/proc/self/statm')?.split(' ')[0])
  return Number.isFinite(pages) ? pages * 4096 : undefined
}

function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}

function mostFiles(): number | undefined {
  const [, most] = /^Max open files\s+(\d+)/m.exec(read('/proc/self/limits') ?? '') ?? []
  return most === undefined ? undefined : Number(most)
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
