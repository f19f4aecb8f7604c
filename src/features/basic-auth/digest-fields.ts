import { byteAt, lower, slice } from '#bytes'

/** What a client says in `Authorization: Digest …`; quotes and escapes undone. */
export interface Fields {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly response: string
  /** 8 hexadecimal digits. */
  readonly nc: string
  readonly cnonce: string
}

/** More of them than any client sends. */
const MOST_FIELDS = 20

const BLANK = 32
const TAB = 9
const QUOTE = 34
const COMMA = 44
const EQUALS = 61
const BACKSLASH = 92

/**
 * Reads `name=token` and `name="text"` with commas between them (RFC 2617, 3.2.2; RFC 9110, 5.6). undefined: something is
 * missing, there twice, or asks for another algorithm or quality of protection than MD5 and auth.
 */
export function readFields(text: string): Fields | undefined {
  const found: Record<string, string | undefined> = {}
  let at = 0
  for (let count = 0; at < text.length; count++) {
    const read = count < MOST_FIELDS ? readField(text, at) : undefined
    if (read === undefined) return undefined
    const name = `=${read.name}`
    if (found[name] !== undefined) return undefined
    found[name] = read.value
    at = read.next
  }
  const { '=username': username, '=realm': realm, '=nonce': nonce, '=uri': uri } = found
  const { '=response': response, '=nc': nc, '=cnonce': cnonce } = found
  const algorithm = found['=algorithm'] ?? 'MD5'
  if (lower(algorithm) !== 'md5' || lower(found['=qop'] ?? '') !== 'auth') return undefined
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined) return undefined
  if (response === undefined || nc === undefined || cnonce === undefined || !isHex(nc, 8)) return undefined
  return { username, realm, nonce, uri, response, nc, cnonce }
}

interface Field {
  readonly name: string
  readonly value: string
  /** Where the next one begins. */
  readonly next: number
}

function readField(text: string, from: number): Field | undefined {
  const start = skipBlanks(text, from)
  let at = start
  while (at < text.length && isToken(byteAt(text, at))) at++
  const name = lower(slice(text, start, at))
  at = skipBlanks(text, at)
  if (name === '' || at >= text.length || byteAt(text, at) !== EQUALS) return undefined
  at = skipBlanks(text, at + 1)
  if (at < text.length && byteAt(text, at) === QUOTE) return readQuoted(text, at + 1, name)
  const begin = at
  while (at < text.length && isToken(byteAt(text, at))) at++
  return at === begin ? undefined : endField(text, at, name, slice(text, begin, at))
}

function readQuoted(text: string, from: number, name: string): Field | undefined {
  let value = ''
  let begin = from
  for (let at = from; at < text.length; at++) {
    const byte = byteAt(text, at)
    if (byte === QUOTE) return endField(text, at + 1, name, value + slice(text, begin, at))
    if (byte !== BACKSLASH) continue
    value = value + slice(text, begin, at)
    // What is escaped stands for itself, a quote too.
    at++
    begin = at
  }
  return undefined
}

function endField(text: string, from: number, name: string, value: string): Field | undefined {
  const at = skipBlanks(text, from)
  if (at >= text.length) return { name, value, next: text.length }
  return byteAt(text, at) === COMMA ? { name, value, next: skipBlanks(text, at + 1) } : undefined
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && (byteAt(text, at) === BLANK || byteAt(text, at) === TAB)) at++
  return at
}

/** All that neither ends a field nor a value. */
function isToken(byte: number): boolean {
  return byte > BLANK && byte !== QUOTE && byte !== COMMA && byte !== EQUALS && byte !== BACKSLASH
}

function isHex(text: string, length: number): boolean {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) {
    const byte = byteAt(lower(text), i)
    if (!((byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102))) return false
  }
  return true
}
