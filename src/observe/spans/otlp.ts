import type { SpanRecord, Try } from './span-record.js'

/** Attributes of whatever sends spans, by name. */
export type Resource = Readonly<Record<string, string>>

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue: string } | { readonly intValue: string }
}

const SERVER = 2
const CLIENT = 3
const ERROR = 2

/**
 * The message of OTLP for spans, as JSON (opentelemetry-proto, ExportTraceServiceRequest), with the names of the semantic
 * conventions for HTTP. `makeId`: 16 hexadecimal digits of chance, for spans of tries.
 */
export function exportRequest(records: readonly SpanRecord[], resource: Resource, makeId: () => string): object {
  const spans = records.flatMap((record) => [spanOf(record), ...triesOf(record, makeId)])
  const attributes = attributesOf(resource)
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: 'fairlead' }, spans }] }] }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'])

function spanOf(record: SpanRecord): object {
  const { method, status, tries, target } = record
  const isKnown = METHODS.has(method)
  const [last] = tries.slice(-1)
  return {
    traceId: record.trace,
    spanId: record.span,
    ...(record.parent === '' ? {} : { parentSpanId: record.parent }),
    name: record.name === '' ? `${isKnown ? method : 'HTTP'} ${record.route}`.trim() : record.name,
    kind: SERVER,
    startTimeUnixNano: nanoseconds(record.start),
    endTimeUnixNano: nanoseconds(record.end),
    attributes: attributesOf({
      'http.request.method': isKnown ? method : '_OTHER',
      ...(isKnown ? {} : { 'http.request.method_original': method }),
      'http.route': record.route,
      // Without the query, in which there may be secrets.
      'url.path': target.split('?', 1)[0] ?? '',
      'url.scheme': record.scheme,
      'server.address': record.host,
      'server.port': record.port,
      'client.address': record.client,
      'network.protocol.name': 'http',
      'network.protocol.version': /^HTTP\/(\d(?:\.[1-9])?)/.exec(record.protocol)?.[1] ?? '',
      'user_agent.original': record.agent,
      'http.response.status_code': status,
      'http.request.size': record.receivedBytes,
      'http.response.body.size': record.sentBytes,
      'fairlead.namespace': record.namespace,
      'fairlead.ingress': record.ingress,
      'fairlead.service': record.service,
      'fairlead.endpoint': last?.endpoint ?? '',
      'fairlead.tries': tries.length,
    }),
    ...(status >= 500 ? { status: { code: ERROR } } : {}),
  }
}

/** One try is as long as its request and says nothing more; several are shown, one behind the other. */
function triesOf({ tries, trace, span, end, method }: SpanRecord, makeId: () => string): readonly object[] {
  if (tries.length < 2) return []
  return tries.map(({ endpoint, status, milliseconds }: Try, at) => {
    const start = end - tries.slice(at).reduce((sum, one) => sum + one.milliseconds, 0)
    const [, address = endpoint, port = ''] = /^(.*):(\d+)$/.exec(endpoint) ?? []
    return {
      traceId: trace,
      spanId: makeId(),
      parentSpanId: span,
      name: METHODS.has(method) ? method : 'HTTP',
      kind: CLIENT,
      startTimeUnixNano: nanoseconds(start),
      endTimeUnixNano: nanoseconds(start + milliseconds),
      attributes: attributesOf({
        'http.request.method': METHODS.has(method) ? method : '_OTHER',
        'server.address': address,
        'server.port': Number(port),
        'http.response.status_code': status,
        'http.request.resend_count': at,
      }),
      ...(status === 0 || status >= 400 ? { status: { code: ERROR } } : {}),
    }
  })
}

/** Those that say something: neither empty nor 0. */
function attributesOf(values: Readonly<Record<string, string | number>>): readonly Attribute[] {
  return Object.entries(values).flatMap(([key, value]): Attribute[] => {
    if (value === '' || value === 0) return []
    return [{ key, value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) } }]
  })
}

function nanoseconds(milliseconds: number): string {
  return `${milliseconds}000000`
}
