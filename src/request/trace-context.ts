import { byteAt, slice } from '#bytes'

/** Who called, by a header `traceparent` (W3C Trace Context, section 3.2). */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly trace: string
  /** 16 hexadecimal digits. */
  readonly span: string
  readonly sampled: boolean
}

const HYPHEN = 45
const ZERO = 48
/** Where a header of version 00 ends, and one of a later version may go on. */
const LENGTH = 55

/** Reads a `traceparent`; undefined where it is none, so that it is as if there were no header at all. */
export function parseTraceParent(text: string): TraceParent | undefined {
  if (text.length < LENGTH || byteAt(text, 2) !== HYPHEN || byteAt(text, 35) !== HYPHEN || byteAt(text, 52) !== HYPHEN)
    return undefined
  if (!isHex(text, 0, 2) || !isHex(text, 3, 35) || !isHex(text, 36, 52) || !isHex(text, 53, LENGTH)) return undefined
  const version = slice(text, 0, 2)
  if (version === 'ff' || isZero(text, 3, 35) || isZero(text, 36, 52)) return undefined
  if (text.length > LENGTH && (version === '00' || byteAt(text, LENGTH) !== HYPHEN)) return undefined
  return { trace: slice(text, 3, 35), span: slice(text, 36, 52), sampled: digitAt(text, 54) % 2 === 1 }
}

/** The 52 bits by which a trace is sampled: the upper ones of its last eight bytes, as other tracers compare them. */
export function sampleOf(trace: string): number {
  let value = 0
  for (let at = 16; at < 29; at++) value = value * 16 + digitAt(trace, at)
  return value
}

function isHex(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (digitAt(text, at) < 0) return false
  return true
}

function isZero(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (byteAt(text, at) !== ZERO) return false
  return true
}

/** -1 for what is no lower-case hexadecimal digit; others are not allowed. */
function digitAt(text: string, at: number): number {
  const byte = byteAt(text, at)
  if (byte >= ZERO && byte <= 57) return byte - ZERO
  return byte >= 97 && byte <= 102 ? byte - 87 : -1
}
