/**
 * One request as its line tells it; the parser fills the same object again and again, so whoever wants to keep it copies.
 * Texts have one character per byte, as the file has them; '' is absent. Numbers: NaN is absent.
 */
export interface LogRecord {
  /** Milliseconds since 1970. */
  time: number
  client: string
  user: string
  method: string
  host: string
  /** As the client sent it, with its query. */
  uri: string
  protocol: string
  status: number
  bytesSent: number
  requestBytes: number
  seconds: number
  service: string
  alternative: string
  upstreamAddress: string
  upstreamBytes: string
  /** The last backend's, of a list. */
  upstreamStatus: string
  /** The sum, of a list. */
  upstreamSeconds: number
  referer: string
  userAgent: string
  requestId: string
}

export function createRecord(): LogRecord {
  const record = {
    time: 0.5,
    client: '',
    user: '',
    method: '',
    host: '',
    uri: '',
    protocol: '',
    status: 0,
    bytesSent: 0.5,
    requestBytes: 0.5,
    seconds: 0.5,
    service: '',
    alternative: '',
    upstreamAddress: '',
    upstreamBytes: '',
    upstreamStatus: '',
    upstreamSeconds: 0.5,
    referer: '',
    userAgent: '',
    requestId: '',
  }
  clearRecord(record)
  return record
}

export function clearRecord(record: LogRecord): void {
  record.time = Number.NaN
  record.client = ''
  record.user = ''
  record.method = ''
  record.host = ''
  record.uri = ''
  record.protocol = ''
  record.status = 0
  record.bytesSent = Number.NaN
  record.requestBytes = Number.NaN
  record.seconds = Number.NaN
  record.service = ''
  record.alternative = ''
  record.upstreamAddress = ''
  record.upstreamBytes = ''
  record.upstreamStatus = ''
  record.upstreamSeconds = Number.NaN
  record.referer = ''
  record.userAgent = ''
  record.requestId = ''
}

/** Who served: what the request was split off to (ack.md 4.1, field 21), else what its path names. */
export function servedBy(record: LogRecord): string {
  return record.alternative === '' ? record.service : record.alternative
}

/** The path without its query. */
export function pathOf(uri: string): string {
  const end = uri.indexOf('?')
  return end < 0 ? uri : uri.slice(0, end)
}

/** Text of one character per byte as people read it: UTF-8, and U+FFFD for what is none. */
export function readable(bytes: string): string {
  for (let i = 0; i < bytes.length; i++)
    if (bytes.charCodeAt(i) > 0x7f) return Buffer.from(bytes, 'latin1').toString('utf8')
  return bytes
}

/** A copy that stands alone: a piece of a line keeps alive what the line was read from, a hundred kilobytes. */
export function ownCopy(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('latin1')
}
