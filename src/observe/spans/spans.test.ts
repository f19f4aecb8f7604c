import { expect, test } from 'vitest'
import { createLines } from './lines.js'
import { exportRequest } from './otlp.js'
import { readAnswer } from './post.js'
import { parseSpanLine } from './span-record.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

function line(more: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    span: `${TRACE}\t${SPAN}\t\tshop\tfront\tcart\t/cart\t`,
    end: '1790000000.500',
    seconds: '0.250',
    method: 'GET',
    target: '/cart/7?token=secret',
    status: '200',
    host: 'shop.test',
    port: '443',
    scheme: 'https',
    protocol: 'HTTP/2.0',
    client: '192.0.2.1',
    agent: 'curl',
    received: '120',
    sent: '5',
    endpoints: '10.0.0.1:8080',
    statuses: '200',
    times: '0.249',
    ...more,
  })
}

interface Told {
  readonly name: string
  readonly kind: number
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status?: object
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, string>> }[]
}

function spansOf(text: string): readonly Told[] {
  const record = parseSpanLine(text)
  if (record === undefined) throw new Error('no span')
  const message = exportRequest([record], { 'service.name': 'edge', 'k8s.pod.name': '' }, () => 'aaaaaaaaaaaaaaaa')
  const read = JSON.parse(JSON.stringify(message)) as {
    readonly resourceSpans: readonly [
      { readonly resource: object; readonly scopeSpans: readonly [{ readonly spans: readonly Told[] }] },
    ]
  }
  expect(read.resourceSpans[0].resource).toEqual({
    attributes: [{ key: 'service.name', value: { stringValue: 'edge' } }],
  })
  return read.resourceSpans[0].scopeSpans[0].spans
}

function attributes({ attributes: list }: Told): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(list.map(({ key, value }) => [key, value['stringValue'] ?? value['intValue']]))
}

test('a span says by the names of the conventions what NGINX wrote, and no query', () => {
  const [span, ...more] = spansOf(line())
  if (span === undefined) throw new Error('no span')
  expect(more).toEqual([])
  expect(span).toMatchObject({
    name: 'GET /cart',
    kind: 2,
    startTimeUnixNano: '1790000000250000000',
    endTimeUnixNano: '1790000000500000000',
  })
  expect(span).not.toHaveProperty('parentSpanId')
  expect(span).not.toHaveProperty('status')
  expect(attributes(span)).toMatchObject({
    'http.request.method': 'GET',
    'http.response.status_code': '200',
    'http.route': '/cart',
    'url.path': '/cart/7',
    'url.scheme': 'https',
    'server.address': 'shop.test',
    'server.port': '443',
    'client.address': '192.0.2.1',
    'network.protocol.version': '2',
    'fairlead.namespace': 'shop',
    'fairlead.ingress': 'front',
    'fairlead.service': 'cart',
    'fairlead.endpoint': '10.0.0.1:8080',
  })
  expect(JSON.stringify(span)).not.toContain('secret')
})

test('several tries are spans of clients below it, one behind the other, and failures are errors', () => {
  const [span, first, second] = spansOf(
    line({ status: '502', endpoints: '10.0.0.1:80, [::1]:81', statuses: '504, 502', times: '0.100, 0.050' }),
  )
  expect(span?.status).toEqual({ code: 2 })
  expect(first).toMatchObject({
    kind: 3,
    parentSpanId: SPAN,
    startTimeUnixNano: '1790000000350000000',
    endTimeUnixNano: '1790000000450000000',
    status: { code: 2 },
  })
  expect(second === undefined ? {} : attributes(second)).toMatchObject({
    'server.address': '[::1]',
    'server.port': '81',
  })
})

test('a name that is given is the name, also with tabs of a client in it; another method is not', () => {
  expect(spansOf(line({ span: `${TRACE}\t${SPAN}\t\tn\ti\ts\t/p\tbuy\tnow` }))[0]?.name).toBe('buy now')
  const [odd] = spansOf(line({ method: 'BREW' }))
  expect(odd?.name).toBe('HTTP /cart')
  expect(odd === undefined ? {} : attributes(odd)).toMatchObject({ 'http.request.method': '_OTHER' })
})

test.each([
  ['half a line', line().slice(0, 80)],
  ['a line without ids', line({ span: '' })],
  ['ids of other letters', line({ span: `${'z'.repeat(32)}\t${SPAN}\t` })],
  ['a line without a time', line({ end: '' })],
  ['another kind of text', '[]'],
])('%s is no span', (_, text) => {
  expect(parseSpanLine(text)).toBeUndefined()
})

test('lines are whole, however they come; one without an end is given up', () => {
  const seen: string[] = []
  const sink = createLines((one) => seen.push(one))
  for (const piece of ['a', 'b\nc\n', '', 'd', '\n']) sink.write(Buffer.from(piece))
  expect(seen).toEqual(['ab', 'c', 'd'])
  for (let i = 0; i < 5; i++) sink.write(Buffer.alloc(64 * 1024, 'x'))
  sink.write(Buffer.from('tail\nlast\n'))
  expect(seen.at(-1)).toBe('last')
  expect(seen[3]?.length).toBeLessThan(256 * 1024)
})

test.each([
  ['taken', 200, undefined, '{}', { kind: 'taken', rejected: 0 }],
  ['taken in part', 200, undefined, '{"partialSuccess":{"rejectedSpans":"3"}}', { kind: 'taken', rejected: 3 }],
  ['asked to come again', 429, '7', '', { kind: 'later', afterMilliseconds: 7000 }],
  ['asked to come at a time', 503, new Date(5000).toUTCString(), '', { kind: 'later', afterMilliseconds: 4000 }],
  ['not now', 504, undefined, '', { kind: 'later', afterMilliseconds: undefined }],
  ['nonsense for the collector', 400, undefined, '', { kind: 'refused' }],
  ['nothing that it answers for', 500, '7', '', { kind: 'refused' }],
])('an answer says that spans were %s', (_, status, retryAfter, body, expected) => {
  expect(readAnswer(status, retryAfter, body, 1000)).toMatchObject(expected)
})
