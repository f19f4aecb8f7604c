import { byteAt, find, slice } from '#bytes'
import type { TextPart } from '../model/text-part.js'
import { isDigit, isLetter } from './byte-class.js'
import type { RequestPort } from './port.js'

const UNDERSCORE = 95
const OPEN_BRACE = 123

/**
 * Divides a text with variables as NGINX writes them: `$name` and `${name}` of letters, digits and `_`, where `$` and one
 * digit is a group of a pattern (`$12` is `$1` and a `2`). To be done once per text; `expandParts` is for each request.
 *
 * There is no escape: a `$` that begins no name stands for itself, and so does `${` without a name and a `}` after it.
 */
export function parseVariables(text: string): readonly TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  let at = find(text, '$', 0)
  while (at >= 0) {
    const braced = at + 1 < text.length && byteAt(text, at + 1) === OPEN_BRACE
    const start = braced ? at + 2 : at + 1
    const end = endOfName(text, start, braced)
    const closed = !braced || (end < text.length && slice(text, end, end + 1) === '}')
    if (end > start && closed) {
      if (at > from) parts.push({ kind: 'text', text: slice(text, from, at) })
      parts.push({ kind: 'variable', name: slice(text, start, end) })
      from = braced ? end + 1 : end
      at = find(text, '$', from)
    } else at = find(text, '$', at + 1)
  }
  if (from < text.length) parts.push({ kind: 'text', text: slice(text, from, text.length) })
  return parts
}

/**
 * The text with the values that `lookUp` gives; a variable that is unknown or has no value is nothing, as in
 * ingress-nginx.
 */
export function expandParts(parts: readonly TextPart[], lookUp: RequestPort['variable']): string {
  let expanded = ''
  for (const part of parts) expanded = expanded + (part.kind === 'text' ? part.text : (lookUp(part.name) ?? ''))
  return expanded
}

function endOfName(text: string, start: number, braced: boolean): number {
  if (!braced && start < text.length && isDigit(byteAt(text, start))) return start + 1
  let end = start
  while (end < text.length && isNameByte(byteAt(text, end))) end++
  return end
}

function isNameByte(byte: number): boolean {
  return isLetter(byte) || isDigit(byte) || byte === UNDERSCORE
}
