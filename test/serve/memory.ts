import { readFileSync } from 'node:fs'
import type { Program } from './program.js'

/** Resident memory in MB. */
export interface Memory {
  readonly controller: number
  /** All workers of NGINX together. */
  readonly workers: number
}

export function readMemory(program: Program): Memory {
  return {
    controller: residentOf(program.controller().pid ?? 0),
    workers: childrenOf(program.nginx()).reduce((sum, pid) => sum + residentOf(pid), 0),
  }
}

/** The least of some readings: what garbage there was at the moment does not count. */
export function leastOf(readings: readonly Memory[]): Memory {
  return {
    controller: Math.min(...readings.map(({ controller }) => controller)),
    workers: Math.min(...readings.map(({ workers }) => workers)),
  }
}

export function describeMemory({ controller, workers }: Memory): string {
  return `controller ${Math.round(controller)} MB, workers ${Math.round(workers)} MB`
}

function residentOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}
