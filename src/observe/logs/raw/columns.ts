import type { RecordView } from '../../analytics.js'
import type { Agent } from '../agents.js'
import { pathOf, readable, type LogRecord } from '../record.js'
import type { Place } from '../roll-up.js'

/** Of the table of lines, in their order. Times of the clock and of requests are in milliseconds. */
const bigColumns = ['time', 'bytesSent', 'requestBytes'] as const
const smallColumns = ['status', 'duration', 'upstreamDuration'] as const

/** '' is absent. `service` is the one that served, `mainService` the one that the path names, where it is another one. */
const textColumns = [
  'client',
  'user',
  'method',
  'host',
  'path',
  'query',
  'service',
  'mainService',
  'upstreamAddress',
  'upstreamStatus',
  'referer',
  'userAgent',
  'requestId',
  'browser',
  'os',
  'device',
  'country',
  'region',
  'city',
] as const

export const columnDefinitions = [
  ...bigColumns.map((name) => `"${name}" BIGINT`),
  ...smallColumns.map((name) => `"${name}" INTEGER`),
  ...textColumns.map((name) => `"${name}" VARCHAR`),
].join(', ')

/** The kinds of the columns, in their order. */
export const columnKinds = [
  ...bigColumns.map(() => 'big' as const),
  ...smallColumns.map(() => 'small' as const),
  ...textColumns.map(() => 'text' as const),
]

/** What a row is written to, value by value in the order of the columns. */
export interface RowWriter {
  appendBigInt(value: bigint): void
  appendInteger(value: number): void
  appendVarchar(value: string): void
  appendNull(): void
  endRow(): void
}

export function writeRow(
  into: RowWriter,
  record: LogRecord,
  { browser, os, device }: Agent,
  place: Place | undefined,
): void {
  const { alternative, service, uri } = record
  const path = pathOf(uri)
  writeBig(into, record.time)
  writeBig(into, record.bytesSent)
  writeBig(into, record.requestBytes)
  writeSmall(into, record.status)
  writeSmall(into, record.seconds * 1000)
  writeSmall(into, record.upstreamSeconds * 1000)
  writeText(into, record.client)
  writeText(into, record.user)
  writeText(into, record.method)
  writeText(into, record.host)
  writeText(into, path)
  writeText(into, uri.slice(path.length))
  writeText(into, alternative === '' ? service : alternative)
  writeText(into, alternative === '' ? '' : service)
  writeText(into, record.upstreamAddress)
  writeText(into, record.upstreamStatus)
  writeText(into, record.referer)
  writeText(into, record.userAgent)
  writeText(into, record.requestId)
  into.appendVarchar(browser)
  into.appendVarchar(os)
  into.appendVarchar(device)
  into.appendVarchar(place?.country ?? '')
  into.appendVarchar(place?.region ?? '')
  into.appendVarchar(place?.city ?? '')
  into.endRow()
}

/** @param row what was read of a row, by column */
export function viewOfRow(row: Readonly<Record<string, unknown>>): RecordView {
  const number = (column: (typeof bigColumns | typeof smallColumns)[number]): number | undefined => {
    const value = row[column]
    return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined
  }
  const text = (column: (typeof textColumns)[number]): string => {
    const value = row[column]
    return typeof value === 'string' ? value : ''
  }
  const seconds = number('duration')
  const upstreamSeconds = number('upstreamDuration')
  const all = {
    time: number('time') ?? 0,
    status: number('status') ?? 0,
    client: text('client'),
    user: text('user'),
    method: text('method'),
    host: text('host'),
    uri: text('path') + text('query'),
    bytesSent: number('bytesSent'),
    requestBytes: number('requestBytes'),
    seconds: seconds === undefined ? undefined : seconds / 1000,
    service: text('service'),
    mainService: text('mainService'),
    upstreamAddress: text('upstreamAddress'),
    upstreamStatus: text('upstreamStatus'),
    upstreamSeconds: upstreamSeconds === undefined ? undefined : upstreamSeconds / 1000,
    referer: text('referer'),
    userAgent: text('userAgent'),
    requestId: text('requestId'),
  }
  const present = Object.entries(all).filter(([, value]) => value !== undefined && value !== '')
  return { time: all.time, status: all.status, ...Object.fromEntries(present) }
}

/** Beyond it no figure of a request is one; what a client makes NGINX write is no reason to fail. */
const LARGEST = 1e15
const LARGEST_SMALL = 2 ** 31 - 1

function writeBig(into: RowWriter, value: number): void {
  if (value >= 0 && value <= LARGEST) into.appendBigInt(BigInt(Math.round(value)))
  else into.appendNull()
}

function writeSmall(into: RowWriter, value: number): void {
  if (value >= 0) into.appendInteger(Math.min(Math.round(value), LARGEST_SMALL))
  else into.appendNull()
}

function writeText(into: RowWriter, value: string): void {
  into.appendVarchar(readable(value))
}
