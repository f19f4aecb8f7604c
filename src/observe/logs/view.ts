import type { Condition, Dimension, RecordView } from '../analytics.js'
import { compileCondition } from './conditions.js'
import type { createAgentReader } from './agents.js'
import { ownCopy, pathOf, readable, servedBy, type LogRecord } from './record.js'
import type { Place } from './roll-up.js'

/** A record as others get it: what is absent is absent, texts are UTF-8. */
export function viewOf(record: LogRecord): RecordView {
  const text = (name: keyof RecordView, value: string): Partial<RecordView> =>
    value === '' ? {} : { [name]: readable(ownCopy(value)) }
  const number = (name: keyof RecordView, value: number): Partial<RecordView> => (value >= 0 ? { [name]: value } : {})
  return {
    time: record.time,
    status: record.status,
    ...text('client', record.client),
    ...text('user', record.user),
    ...text('method', record.method),
    ...text('host', record.host),
    ...text('uri', record.uri),
    ...number('bytesSent', record.bytesSent),
    ...number('requestBytes', record.requestBytes),
    ...number('seconds', record.seconds),
    ...text('service', servedBy(record)),
    ...(record.alternative === '' ? {} : text('mainService', record.service)),
    ...text('upstreamAddress', record.upstreamAddress),
    ...text('upstreamStatus', record.upstreamStatus),
    ...number('upstreamSeconds', record.upstreamSeconds),
    ...text('referer', record.referer),
    ...text('userAgent', record.userAgent),
    ...text('requestId', record.requestId),
  }
}

export interface DimensionReaders {
  readonly agents: ReturnType<typeof createAgentReader>
  placeOf?(client: string): Place | undefined
}

export function dimensionOfRecord(
  record: LogRecord,
  dimension: Dimension,
  { agents, placeOf }: DimensionReaders,
): string {
  switch (dimension) {
    case 'host':
      return readable(record.host)
    case 'path':
      return readable(pathOf(record.uri))
    case 'status':
      return String(record.status)
    case 'method':
      return record.method
    case 'service':
      return servedBy(record)
    case 'upstreamStatus':
      return record.upstreamStatus
    case 'client':
      return record.client
    case 'browser':
    case 'os':
    case 'device':
      return agents.read(record.userAgent)[dimension]
    case 'country':
    case 'region':
    case 'city':
      return placeOf?.(record.client)?.[dimension] ?? ''
  }
}

/** Whether a record fits all conditions. */
export function compileRecordFilter(
  filter: readonly Condition[],
  readers: DimensionReaders,
): (record: LogRecord) => boolean {
  const tests = filter.map((condition) => ({ dimension: condition.dimension, fits: compileCondition(condition) }))
  return (record) => {
    readers.agents.begin()
    return tests.every(({ dimension, fits }) => fits(dimensionOfRecord(record, dimension, readers)))
  }
}
