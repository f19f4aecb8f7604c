import { byteAt, find, lower, slice } from '#bytes'
import type { AuthAnswer } from './auth-question.js'
import { isControl, isDigit, isLetter } from './byte-class.js'

/** The head of an answer in HTTP/1.1, and what it says of its body. */
export interface AnswerHead extends AuthAnswer {
  /** A number: so many bytes. `until close`: nobody can say where it ends. */
  readonly body: number | 'chunked' | 'until close'
  /** The connection may serve another request afterwards. */
  readonly keeps: boolean
}

/**
 * Reads a head from its status line to before the empty line; undefined: it is not HTTP/1.x, or it says two things at once.
 * Strict, since whom it lets in is nobody's guess. Source: RFC 9112, sections 4 to 6.
 */
export function parseHead(text: string, method: string): AnswerHead | undefined {
  const lineEnd = endOfLine(text, 0)
  const status = statusOf(slice(text, 0, lineEnd))
  const headers = status === undefined ? undefined : fieldsOf(text, lineEnd + 2)
  if (status === undefined || headers === undefined) return undefined
  const body = bodyOf(status, method, headers)
  if (body === undefined) return undefined
  const keeps = byteAt(text, 7) === ONE && body !== 'until close' && !isClosing(headers['connection'])
  return { status, headers, body, keeps }
}

const TAB = 9
const BLANK = 32
const DOT_BEFORE_MINOR = 'HTTP/1.'
const ZERO = 48
const ONE = 49

function endOfLine(text: string, from: number): number {
  const end = find(text, '\r\n', from)
  return end < 0 ? text.length : end
}

/**
 * Of lines that were read before: a service says the same again and again, and looking at each byte costs more than all
 * else.
 */
let statuses: Record<string, number | undefined> = {}
let fields: Record<string, Field | undefined> = {}
let count = 0
const MOST_KNOWN = 1000
/** What is the same in every answer is short; sessions and tokens are long, and are nothing to keep. */
const LONGEST_KNOWN = 64

/** Only what can be read is remembered. When there are too many, all are forgotten. */
function makeRoom(): void {
  count++
  if (count <= MOST_KNOWN) return
  statuses = {}
  fields = {}
  count = 1
}

function statusOf(line: string): number | undefined {
  const known = statuses[line]
  // What every object of JavaScript has is no status.
  if (typeof known === 'number') return known
  const status = readStatus(line)
  if (status === undefined || line.length > LONGEST_KNOWN) return status
  makeRoom()
  statuses[line] = status
  return status
}

/** `HTTP/1.1 200 OK`; the blank and what stands behind it may be absent. */
function readStatus(line: string): number | undefined {
  if (line.length < 12 || slice(line, 0, 7) !== DOT_BEFORE_MINOR) return undefined
  const minor = byteAt(line, 7)
  if ((minor !== ZERO && minor !== ONE) || byteAt(line, 8) !== BLANK) return undefined
  const status = numberOf(slice(line, 9, 12))
  if (status === undefined || status < 100 || status > 599) return undefined
  if (line.length > 12 && byteAt(line, 12) !== BLANK) return undefined
  return isText(line, 12) ? status : undefined
}

/** By name in lower case, the values of all lines. */
function fieldsOf(text: string, from: number): Record<string, string[]> | undefined {
  const found: Record<string, string[]> = {}
  let at = from
  while (at < text.length) {
    const end = endOfLine(text, at)
    const field = fieldOf(slice(text, at, end))
    if (field === undefined) return undefined
    const known = found[field.name]
    if (known === undefined) found[field.name] = [field.value]
    else known.push(field.value)
    at = end + 2
  }
  return found
}

interface Field {
  readonly line: string
  /** In lower case. */
  readonly name: string
  readonly value: string
}

function fieldOf(line: string): Field | undefined {
  const known = fields[line]
  if (known !== undefined && known.line === line) return known
  const field = readField(line)
  if (field === undefined || line.length > LONGEST_KNOWN) return field
  makeRoom()
  fields[line] = field
  return field
}

function readField(line: string): Field | undefined {
  const colon = find(line, ':', 0)
  if (colon < 1 || !isToken(slice(line, 0, colon)) || !isText(line, colon)) return undefined
  return { line, name: lower(slice(line, 0, colon)), value: trimmed(line, colon + 1) }
}

/** RFC 9110, 5.6.2. */
function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = byteAt(text, i)
    if (!isLetter(byte) && !isDigit(byte) && find("!#$%&'*+-.^_`|~", slice(text, i, i + 1), 0) < 0) return false
  }
  return true
}

/** No control bytes but tabs: no line end, no NUL. */
function isText(line: string, from: number): boolean {
  for (let i = from; i < line.length; i++) {
    const byte = byteAt(line, i)
    if (isControl(byte) && byte !== TAB) return false
  }
  return true
}

function trimmed(line: string, from: number): string {
  let start = from
  let end = line.length
  while (start < end && isBlank(byteAt(line, start))) start++
  while (end > start && isBlank(byteAt(line, end - 1))) end--
  return slice(line, start, end)
}

function isBlank(byte: number): boolean {
  return byte === BLANK || byte === TAB
}

function isClosing(lines: readonly string[] | undefined): boolean {
  for (const line of lines ?? []) if (find(lower(line), 'close', 0) >= 0) return true
  return false
}

function bodyOf(status: number, method: string, headers: Record<string, string[]>): AnswerHead['body'] | undefined {
  const lengths = headers['content-length']
  const codings = headers['transfer-encoding']
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return 0
  if (method === 'CONNECT' || (lengths !== undefined && codings !== undefined)) return 'until close'
  if (codings !== undefined)
    return codings.length === 1 && lower(codings[0] ?? '') === 'chunked' ? 'chunked' : 'until close'
  if (lengths === undefined) return 'until close'
  return lengths.length === 1 ? numberOf(lengths[0] ?? '') : undefined
}

/** Of at most 15 digits, so that it is exact. */
function numberOf(digits: string): number | undefined {
  if (digits === '' || digits.length > 15) return undefined
  let number = 0
  for (let i = 0; i < digits.length; i++) {
    const byte = byteAt(digits, i)
    if (!isDigit(byte)) return undefined
    number = number * 10 + byte - ZERO
  }
  return number
}
