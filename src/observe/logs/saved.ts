import { cubes, keyOf, type CubeName } from './cubes.js'
import type { KeptRow, KeptTally } from './tally.js'

/** One interval of one level as a line of JSON, so that neither writing nor reading needs all of them at once. */
export function printInterval(
  seconds: number,
  start: number,
  rowsOfCubes: ReadonlyMap<CubeName, ReadonlyMap<string, KeptRow>>,
): string {
  const rows = [...rowsOfCubes].map(([name, each]) => [
    name,
    [...each.values()].map(({ values, tally }) => [values, COUNTS.map((count) => tally[count]), ...sketchesOf(tally)]),
  ])
  return JSON.stringify([seconds, start, rows])
}

export interface SavedInterval {
  readonly seconds: number
  readonly start: number
  readonly rows: Map<CubeName, Map<string, KeptRow>>
}

/** undefined: the line is none that `printInterval` has written. */
export function readInterval(line: string): SavedInterval | undefined {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return undefined
  }
  if (!Array.isArray(json)) return undefined
  const [seconds, start, saved] = json as readonly unknown[] // each is looked at
  if (typeof seconds !== 'number' || typeof start !== 'number' || !Array.isArray(saved)) return undefined
  const rows = new Map<CubeName, Map<string, KeptRow>>()
  for (const each of saved as readonly unknown[]) {
    if (!Array.isArray(each)) return undefined
    const [name, list] = each as readonly unknown[] // each is looked at
    const cube = cubes.find((one) => one.name === name)
    if (cube === undefined || !Array.isArray(list)) return undefined
    const ofCube = new Map<string, KeptRow>()
    for (const one of list as readonly unknown[]) {
      const row = readRow(one, cube.dimensions.length)
      if (row === undefined) return undefined
      ofCube.set(keyOf(row.values), row)
    }
    rows.set(cube.name, ofCube)
  }
  return { seconds, start, rows }
}

const COUNTS = [
  'requests',
  'success',
  'notFound',
  'serverErrors',
  'notForwarded',
  'mobile',
  'android',
  'ios',
  'bytesSent',
  'requestBytes',
  'seconds',
  'timed',
  'upstreamSeconds',
  'upstreamTimed',
] as const

function sketchesOf({ latency, upstreamLatency, visitors }: KeptTally): readonly unknown[] {
  if (visitors === undefined) return [latency, upstreamLatency]
  const { registers, few } = visitors
  return [
    latency,
    upstreamLatency,
    registers === undefined ? [...(few ?? [])] : Buffer.from(registers).toString('base64'),
  ]
}

function readRow(json: unknown, width: number): KeptRow | undefined {
  if (!Array.isArray(json)) return undefined
  const [values, counts, latency, upstreamLatency, visitors] = json as readonly unknown[] // each is looked at
  if (!isListOf(values, isText) || values.length !== width) return undefined
  if (!isListOf(counts, isNumber) || counts.length !== COUNTS.length) return undefined
  if (!isText(latency) || !isText(upstreamLatency)) return undefined
  const known = readVisitors(visitors)
  if (known === 'wrong') return undefined
  const numbers = Object.fromEntries(COUNTS.map((count, i) => [count, counts[i] ?? 0]))
  return {
    values,
    tally: { ...(numbers as Record<(typeof COUNTS)[number], number>), latency, upstreamLatency, visitors: known }, // all of COUNTS
  }
}

function readVisitors(json: unknown): KeptTally['visitors'] | 'wrong' {
  if (json === undefined) return undefined
  if (isListOf(json, isNumber)) return { few: new Set(json), registers: undefined }
  if (!isText(json)) return 'wrong'
  const bytes = Buffer.from(json, 'base64')
  return bytes.length === 2048 ? { few: undefined, registers: Uint8Array.from(bytes) } : 'wrong'
}

function isListOf<T>(value: unknown, is: (each: unknown) => each is T): value is readonly T[] {
  return Array.isArray(value) && value.every(is)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}
