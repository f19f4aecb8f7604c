import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Bystander, startBystander } from './bystander.js'
import { errorLogBytes, readDictionaries, readWorkers, type WorkerState, type World } from './world.js'

/**
 * What a flood may cost each worker, in MB of memory of its own, whatever its size. docs/hardening.md has what it was
 * seen to cost.
 */
export const MOST_MEGABYTES = 64

/** What a flood may make NGINX write to its error log, all in all. */
const MOST_LOG_BYTES = 64 * 1024

/** Answers that somebody else has to get meanwhile. */
const LEAST_ANSWERS = 10

/** Files that a worker may have more than before: idle connections to the backend of those who asked meanwhile. */
const SPARE_FILES = 16

const LOOK_MILLISECONDS = 50

/** Why a dictionary may be fuller after a flood than before. */
export interface Allowed {
  readonly logBytes?: number
  /** Names of dictionaries that the flood may write to. */
  readonly dictionaries?: readonly string[]
}

/**
 * Carries out a flood and holds that nobody else suffers: the same workers live, none has taken more memory than it may,
 * somebody else got every answer, the log was not flooded, and files and shared memory are free again. Prints what it cost.
 */
export async function withstand<T>(
  world: World,
  name: string,
  flood: () => Promise<T>,
  { logBytes = MOST_LOG_BYTES, dictionaries = [] }: Allowed = {},
): Promise<T> {
  const before = readWorkers(world)
  const memory = await readDictionaries(world)
  const written = errorLogBytes(world)
  const bystander = startBystander(world.program.http)
  const peaks = new Map(before.map(({ pid, own, files }) => [pid, { own, files }]))
  const timer = setInterval(() => noteHighest(peaks, readWorkers(world)), LOOK_MILLISECONDS)
  const begun = performance.now()
  let outcome: T
  try {
    outcome = await flood()
    await poll(() => bystander.latencies.length >= LEAST_ANSWERS)
  } finally {
    clearInterval(timer)
    await bystander.stop()
  }
  const seconds = (performance.now() - begun) / 1000
  noteHighest(peaks, readWorkers(world))
  process.stdout.write(`${describeFlood(name, seconds, before, peaks, bystander)}\n`)

  expect(readWorkers(world).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid))
  expect(bystander.failed).toEqual([])
  for (const { pid, own } of before) expect((peaks.get(pid)?.own ?? own) - own).toBeLessThan(MOST_MEGABYTES)
  expect(errorLogBytes(world) - written).toBeLessThan(logBytes)
  await poll(() => {
    const open = new Map(readWorkers(world).map(({ pid, files }) => [pid, files]))
    return before.every(({ pid, files }) => (open.get(pid) ?? 0) <= files + SPARE_FILES)
  })
  const now = await readDictionaries(world)
  const fuller = Object.entries(memory)
    .filter(([dictionary, { free }]) => (now[dictionary]?.free ?? 0) < free && dictionary !== METRICS)
    .map(([dictionary]) => dictionary)
  expect(fuller.filter((dictionary) => !dictionaries.includes(dictionary))).toEqual([])
  return outcome
}

/** What is in it changes with every request and every second. */
const METRICS = 'fairlead_metrics'

const DEADLINE_MILLISECONDS = 60_000

async function poll(fact: () => boolean): Promise<void> {
  for (const end = Date.now() + DEADLINE_MILLISECONDS; !fact(); await sleep(LOOK_MILLISECONDS))
    if (Date.now() > end) throw new Error(`it did not come true in ${DEADLINE_MILLISECONDS} ms`)
}

type Peaks = Map<number, { readonly own: number; readonly files: number }>

function noteHighest(peaks: Peaks, workers: readonly WorkerState[]): void {
  for (const { pid, own, files } of workers) {
    const peak = peaks.get(pid)
    if (peak !== undefined) peaks.set(pid, { own: Math.max(own, peak.own), files: Math.max(files, peak.files) })
  }
}

function describeFlood(
  name: string,
  seconds: number,
  before: readonly WorkerState[],
  peaks: Peaks,
  { latencies }: Bystander,
): string {
  const highest = [...peaks.values()]
  const most = Math.max(...highest.map(({ own }) => own))
  const least = Math.min(...before.map(({ own }) => own))
  const files = Math.max(...highest.map(({ files }) => files))
  const times = [...latencies].sort((a, b) => a - b)
  const p99 = times[Math.floor(times.length * 0.99)] ?? 0
  return `${name}: ${seconds.toFixed(1)} s; a worker ${least.toFixed(1)} MB, at most ${most.toFixed(1)} MB and ${files} files; somebody else ${times.length} answers, p99 ${p99.toFixed(0)} ms`
}
