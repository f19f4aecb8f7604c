import { readFileSync } from 'node:fs'
import { parseSmaps, parseStat } from '../../proc-text.js'

/** Seconds of all threads of a process on the CPU, user and system, to 10 ms. */
export function cpuSeconds(pid: number): number {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')) / 1e9
}

/** Megabytes. */
export interface Memory {
  readonly rss: number
  readonly pss: number
}

export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return { rss: parseSmaps(text, 'Rss') / 1024 ** 2, pss: parseSmaps(text, 'Pss') / 1024 ** 2 }
}
