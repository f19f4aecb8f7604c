import { clearRecord, createRecord, type LogRecord } from './record.js'
import type { LogFormat } from './formats.js'
import { createTimeReader } from './time.js'

/**
 * Reads a line, without its end, into `record`; false: the line is not of the format, and what `record` holds is of no
 * use.
 */
export type LineParser = (line: string, record: LogRecord) => boolean

/** Puts a value in its place; false: it is none of that kind. */
type Setter = (record: LogRecord, value: string) => boolean

interface Step {
  readonly literal: string
  readonly isList: boolean
  readonly set: Setter | undefined
}

/**
 * Makes a parser of a format, once. A variable reaches to the next occurrence of the text behind it; a list of several
 * backends (`a, b : c`) and an escaped quote do not end it. Variables that analytics has no use for are passed over.
 *
 * @param now what time a line has whose format has none, in milliseconds
 */
export function compileParser(format: LogFormat, now: () => number): LineParser {
  const { head, steps } = stepsOf(format)
  const hasTime = format.parts.some(
    (part) => part.kind === 'variable' && /^(time_local|time_iso8601|msec)$/.test(part.name),
  )
  return (line, record) => {
    clearRecord(record)
    if (!line.startsWith(head)) return false
    let at = head.length
    for (const { literal, isList, set } of steps) {
      const end = literal === '' ? line.length : endOfValue(line, literal, at, isList)
      if (end < 0) return false
      if (set !== undefined && end > at && !isAbsent(line, at, end) && !set(record, plain(line.slice(at, end))))
        return false
      at = end + literal.length
    }
    if (at !== line.length) return false
    if (!hasTime) record.time = now()
    return record.time === record.time && record.status !== 0
  }
}

/** Tries the parser that fitted last first, so that a log whose format changes on the way is read as well. */
export function joinParsers(parsers: readonly LineParser[]): LineParser {
  let last = parsers[0]
  return (line, record) => {
    if (last?.(line, record) === true) return true
    for (const parser of parsers) {
      if (parser === last || !parser(line, record)) continue
      last = parser
      return true
    }
    return false
  }
}

/** The first of the formats that fits most of the lines; undefined: none fits any. */
export function guessFormat(lines: readonly string[], formats: readonly LogFormat[]): LogFormat | undefined {
  let best: LogFormat | undefined
  let most = 0
  const record = createRecord()
  for (const format of formats) {
    const parse = compileParser(format, () => 0)
    const count = lines.filter((line) => parse(line, record)).length
    if (count <= most) continue
    most = count
    best = format
  }
  return best
}

function stepsOf({ parts }: LogFormat): { readonly head: string; readonly steps: readonly Step[] } {
  const steps: Step[] = []
  let head = ''
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'text') {
      if (index === 0) head = bytesOf(part.text)
      continue
    }
    const next = parts[index + 1]
    const literal = next?.kind === 'text' ? bytesOf(next.text) : ''
    // Two variables without a text between them: where one ends cannot be known.
    if (next?.kind === 'variable') return { head: '\n', steps: [] }
    const setter = setters(part.name)
    steps.push({
      literal,
      isList: part.name.startsWith('upstream_') && literal.startsWith(' '),
      set: setter,
    })
  }
  return { head, steps }
}

function endOfValue(line: string, literal: string, from: number, isList: boolean): number {
  let end = line.indexOf(literal, from)
  if (isList) {
    while (end > from && goesOn(line, end))
      end = line.indexOf(literal, end + (line.charCodeAt(end + 1) === COLON ? 3 : 1))
    return end
  }
  while (end > from && literal.charCodeAt(0) === QUOTE && isEscaped(line, end, from))
    end = line.indexOf(literal, end + 1)
  return end
}

const QUOTE = 34
const COMMA = 44
const DASH = 45
const COLON = 58
const BACKSLASH = 92

/** `a, b` are tries one after the other, `a : b` those before and after an internal redirect. */
function goesOn(line: string, at: number): boolean {
  return line.charCodeAt(at - 1) === COMMA || (line.charCodeAt(at + 1) === COLON && line.charCodeAt(at + 2) === 32)
}

function isEscaped(line: string, at: number, from: number): boolean {
  let start = at
  while (start > from && line.charCodeAt(start - 1) === BACKSLASH) start--
  return (at - start) % 2 === 1
}

function isAbsent(line: string, at: number, end: number): boolean {
  return end === at + 1 && line.charCodeAt(at) === DASH
}

/** Without the escapes of NGINX (`\x22`) and of JSON. */
function plain(value: string): string {
  if (!value.includes('\\')) return value
  return value.replaceAll(
    /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))/g,
    (_, byte: string | undefined, unit: string | undefined, one: string | undefined) => {
      if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16))
      if (unit !== undefined) return bytesOf(String.fromCharCode(Number.parseInt(unit, 16)))
      return SHORT[one ?? ''] ?? one ?? ''
    },
  )
}

const SHORT: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function setters(name: string): Setter | undefined {
  switch (name) {
    case 'remote_addr':
    case 'the_real_ip':
    case 'realip_remote_addr':
      return (record, value) => {
        record.client = value
        return true
      }
    case 'remote_user':
      return (record, value) => {
        record.user = value
        return true
      }
    case 'time_local':
    case 'time_iso8601':
    case 'msec':
      return setTime(name)
    case 'request':
      return setRequest
    case 'request_method':
      return (record, value) => {
        record.method = value
        return true
      }
    case 'request_uri':
      return (record, value) => {
        record.uri = value
        return true
      }
    case 'uri':
    case 'document_uri':
      return (record, value) => {
        record.uri = record.uri === '' ? value : record.uri
        return true
      }
    case 'server_protocol':
      return (record, value) => {
        record.protocol = value
        return true
      }
    case 'host':
    case 'best_http_host':
    case 'http_host':
      return (record, value) => {
        record.host = record.host === '' ? value.toLowerCase() : record.host
        return true
      }
    case 'status':
      return setStatus
    case 'body_bytes_sent':
    case 'bytes_sent':
      return (record, value) => isNumber((record.bytesSent = Number(value)))
    case 'request_length':
      return (record, value) => isNumber((record.requestBytes = Number(value)))
    case 'request_time':
      return (record, value) => isNumber((record.seconds = Number(value)))
    case 'proxy_upstream_name':
      return (record, value) => {
        record.service = value
        return true
      }
    case 'proxy_alternative_upstream_name':
      return (record, value) => {
        record.alternative = value
        return true
      }
    case 'upstream_addr':
      return (record, value) => {
        record.upstreamAddress = value
        return true
      }
    case 'upstream_response_length':
      return (record, value) => {
        record.upstreamBytes = value
        return true
      }
    case 'upstream_response_time':
      return setUpstreamSeconds
    case 'upstream_status':
      return setUpstreamStatus
    case 'http_referer':
      return (record, value) => {
        record.referer = value
        return true
      }
    case 'http_user_agent':
      return (record, value) => {
        record.userAgent = value
        return true
      }
    case 'req_id':
    case 'request_id':
      return (record, value) => {
        record.requestId = value
        return true
      }
    default:
      return undefined
  }
}

function isNumber(value: number): boolean {
  return value >= 0
}

function setTime(kind: 'time_local' | 'time_iso8601' | 'msec'): Setter {
  const read = createTimeReader(kind)
  return (record, value) => {
    record.time = read(value)
    return record.time === record.time
  }
}

/** What is no request line (a TLS handshake on the HTTP port) is kept as the path, so that it is counted. */
function setRequest(record: LogRecord, value: string): boolean {
  const first = value.indexOf(' ')
  const last = value.lastIndexOf(' ')
  if (first <= 0 || first > 32) {
    record.uri = value
    return true
  }
  record.method = value.slice(0, first)
  record.uri = last === first ? value.slice(first + 1) : value.slice(first + 1, last)
  record.protocol = last === first ? '' : value.slice(last + 1)
  return true
}

function setStatus(record: LogRecord, value: string): boolean {
  const status = Number(value)
  record.status = status
  return value.length === 3 && status >= 100 && status <= 999
}

function setUpstreamStatus(record: LogRecord, value: string): boolean {
  const last = value.length === 3 ? value : lastOf(value)
  record.upstreamStatus = last === '-' ? '' : last
  return last === '-' || (last.length <= 3 && Number(last) >= 0)
}

function setUpstreamSeconds(record: LogRecord, value: string): boolean {
  const one = Number(value)
  record.upstreamSeconds = one
  if (one === one) return one >= 0
  let sum = 0
  let some = false
  for (const each of value.split(/[,:]/)) {
    const text = each.trim()
    if (text === '-') continue
    const seconds = Number(text)
    if (!(seconds >= 0)) return false
    sum += seconds
    some = true
  }
  record.upstreamSeconds = some ? sum : Number.NaN
  return true
}

function lastOf(list: string): string {
  return list.slice(Math.max(list.lastIndexOf(','), list.lastIndexOf(':')) + 1).trim()
}
