import { byteAt, find, slice } from '#bytes'
import type { AnswerHead } from './answer-head.js'
import { hexValue } from './byte-class.js'

/**
 * Whether the bytes behind a head are its body, whole and nothing else. `unsure`: they are not what the head says, and what
 * comes next on the connection is nobody's answer.
 */
export function bodyState(body: AnswerHead['body'], bytes: string): 'whole' | 'more' | 'unsure' {
  if (body === 'until close') return 'unsure'
  if (body === 'chunked') return chunkedState(bytes)
  return bytes.length === body ? 'whole' : bytes.length < body ? 'more' : 'unsure'
}

/** Digits of the size of a chunk. */
const MOST_DIGITS = 8

/** Chunks without extensions, and no trailers (RFC 9112, 7.1): whoever sends more does without a kept connection. */
function chunkedState(bytes: string): 'whole' | 'more' | 'unsure' {
  let at = 0
  while (at < bytes.length) {
    const lineEnd = find(bytes, '\r\n', at)
    const size = sizeOf(slice(bytes, at, lineEnd < 0 ? bytes.length : lineEnd), lineEnd < 0)
    if (size === undefined) return 'unsure'
    if (lineEnd < 0) return 'more'
    const next = lineEnd + 2 + size
    const behind = slice(bytes, next, next + 2)
    if (behind !== '\r\n') return behind === '' || behind === '\r' ? 'more' : 'unsure'
    if (size === 0) return next + 2 === bytes.length ? 'whole' : 'unsure'
    at = next + 2
  }
  return 'more'
}

/** `unfinished`: the line may still grow, and may have its CR already. */
function sizeOf(line: string, unfinished: boolean): number | undefined {
  const cut = unfinished && line !== '' && slice(line, line.length - 1, line.length) === '\r'
  const digits = cut ? slice(line, 0, line.length - 1) : line
  if (digits.length > MOST_DIGITS || (digits === '' && (cut || !unfinished))) return undefined
  let size = 0
  for (let i = 0; i < digits.length; i++) {
    const value = hexValue(byteAt(digits, i))
    if (value < 0) return undefined
    size = size * 16 + value
  }
  return size
}
