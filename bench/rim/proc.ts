import { readFileSync } from 'node:fs'
import { parseSchedstat, parseSmaps, parseStat } from '../proc-text.js'

/** Nanoseconds that a process has been on the CPU; to the nanosecond where the kernel counts so, else to 10 ms. */
export function cpuNanoseconds(pid: number): number {
  try {
    return parseSchedstat(readFileSync(`/proc/${pid}/schedstat`, 'utf8'))
  } catch {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  }
}

/** PSS in bytes: a page that several processes share counts in parts, so that the sum over them counts it once. */
export function memoryOf(pid: number): number {
  return parseSmaps(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss')
}

export function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}
