/**
 * A sketch of durations: how many fell into each of a row of widths that grow by 2 percent, so that a quantile is within 1
 * percent. Two sketches are joined by adding what each bucket has. Unit: seconds; below half a millisecond is 0.
 * Source: DDSketch (Masson, Rim, Lee; VLDB 2019).
 */
export interface Sketch {
  /** Numbers of buckets, ascending. */
  readonly keys: number[]
  readonly counts: number[]
}

const GAMMA = 1.02
const LOG_GAMMA = Math.log(GAMMA)
const LONGEST_MILLISECONDS = 86_400_000

export function createSketch(): Sketch {
  return { keys: [], counts: [] }
}

export function addSeconds(sketch: Sketch, seconds: number): void {
  addCount(sketch, bucketOf(seconds), 1)
}

export function mergeSketch(into: Sketch, from: Sketch): void {
  for (let i = 0; i < from.keys.length; i++) addCount(into, from.keys[i] ?? 0, from.counts[i] ?? 0)
}

/** @returns seconds; null if nothing was added */
export function quantileOf({ keys, counts }: Sketch, quantile: number): number | null {
  let total = 0
  for (const count of counts) total += count
  if (total === 0) return null
  const rank = quantile * (total - 1)
  let seen = 0
  for (let i = 0; i < keys.length; i++) {
    seen += counts[i] ?? 0
    if (seen > rank) return secondsOf(keys[i] ?? 0)
  }
  return secondsOf(keys.at(-1) ?? 0)
}

/** The sketch as a text of a few bytes per bucket, for those that are only kept. */
export function packSketch({ keys, counts }: Sketch): string {
  let packed = ''
  let last = -1
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? 0
    packed += number(key - last) + number(counts[i] ?? 0)
    last = key
  }
  return packed
}

export function mergePacked(into: Sketch, packed: string): void {
  let at = 0
  let key = -1
  const next = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = packed.charCodeAt(at++)
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < packed.length) {
    key += next()
    addCount(into, key, next())
  }
}

/** Seven bits at a time. */
function number(value: number): string {
  let text = ''
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) text += String.fromCharCode(128 + (rest % 128))
  return text + String.fromCharCode(rest)
}

const table = Uint16Array.from({ length: 16_384 }, (_, milliseconds) => bucketByLog(milliseconds))

function bucketOf(seconds: number): number {
  const milliseconds = Math.round(seconds * 1000)
  return table[milliseconds] ?? bucketByLog(milliseconds)
}

/** 0 is for 0; bucket k holds what is above GAMMA^(k-2) and at most GAMMA^(k-1). */
function bucketByLog(milliseconds: number): number {
  if (!(milliseconds > 0)) return 0
  return 1 + Math.ceil(Math.log(Math.min(milliseconds, LONGEST_MILLISECONDS)) / LOG_GAMMA)
}

function secondsOf(key: number): number {
  if (key === 0) return 0
  return (2 * GAMMA ** (key - 1)) / (1 + GAMMA) / 1000
}

function addCount({ keys, counts }: Sketch, key: number, count: number): void {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] ?? 0) < key) low = middle + 1
    else high = middle
  }
  if (keys[low] === key) counts[low] = (counts[low] ?? 0) + count
  else {
    keys.splice(low, 0, key)
    counts.splice(low, 0, count)
  }
}
