import type { StreamService, StreamServices } from '../model/streams.js'

/** What njs looks up, by key; `streams/njs.ts` says what a record is. */
export type StreamRecords = ReadonlyMap<string, string>

/** More bytes than that are no message to NGINX. What is beyond it gets no connections. */
const MOST_CHARACTERS = 60_000

export function encodeStreams(services: StreamServices): StreamRecords {
  return new Map([...services].map(([key, service]) => [key, encodeStream(service)]))
}

/** Endpoints of one port stand together, since only they can stand in for each other. */
export function encodeStream({ label, endpoints }: StreamService): string {
  const encoded = endpoints
    .map(({ address, port }) => ({ address: addressDigits(address), port: hex(port, 4) }))
    .sort((a, b) => compare(a.port, b.port) || compare(a.address, b.address))
  const of = (length: number): string =>
    encoded
      .filter(({ address }) => address.length === length)
      .map(({ address, port }) => address + port)
      .join('')
  const fours = cut(of(8), 12)
  return `${label.replace(/[^\x21-\x7e]/g, '?')} ${fours} ${cut(of(32), 36)}`
}

/** What makes the records that NGINX has into those that are wanted: an empty one is none. */
export function changedRecords(known: StreamRecords, wanted: StreamRecords): StreamRecords {
  const changes = new Map<string, string>()
  for (const [key, record] of wanted) if (known.get(key) !== record) changes.set(key, record)
  for (const [key, record] of known) if (record !== '' && !wanted.has(key)) changes.set(key, '')
  return changes
}

/** Texts of about so many characters at most, each a message without its end. */
export function* packRecords(records: StreamRecords): Generator<string, undefined> {
  let text = ''
  for (const [key, record] of records) {
    const line = `${key}=${record}\n`
    if (text !== '' && text.length + line.length > MOST_CHARACTERS) {
      yield text
      text = ''
    }
    text += line
  }
  if (text !== '') yield text
}

function cut(digits: string, width: number): string {
  return digits.slice(0, Math.floor(MOST_CHARACTERS / 2 / width) * width)
}

function addressDigits(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '')
  if (!bare.includes(':'))
    return bare
      .split('.')
      .map((byte) => hex(Number(byte), 2))
      .join('')
  // IPv4 at the end of an IPv6 address is two groups.
  const mixed = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare)
  const [, before = '', ...bytes] = mixed ?? []
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number)
  const text = mixed === null ? bare : `${before}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  const [head = '', tail] = text.split('::')
  const groups = (part: string): readonly string[] => (part === '' ? [] : part.split(':'))
  const left = groups(head)
  const right = groups(tail ?? '')
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].map((group) => group.toLowerCase().padStart(4, '0')).join('')
}

function hex(number: number, width: number): string {
  return number.toString(16).padStart(width, '0')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
