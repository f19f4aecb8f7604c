import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { annotated, mainConfigMap, service, slice, writeObjects } from './manifests.js'
import { createProgram, until, type Program } from './program.js'

/** What a collector got, as far as the tests look at it. */
interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, string>> }[]
}

const PATIENCE = 60_000
const CLIENT = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' }
const traceparent = (flags: string): string => `00-${CLIENT.trace}-${CLIENT.span}-${flags}`

let program: Program
let backend: Server
let collector: Server
/** By path. */
const seen = new Map<string, IncomingHttpHeaders>()
const spans: Span[] = []
/** Statuses of the collector's next answers; then 200. */
const answers: number[] = []

beforeEach(async () => {
  for (const list of [spans, answers]) list.length = 0
  seen.clear()
  backend = await listen((asked, _, respond) => {
    seen.set(asked.url ?? '', asked.headers)
    respond(asked.url === '/teapot' ? 503 : 200)
  })
  collector = await listen((asked, body, respond) => {
    const status = answers.shift() ?? 200
    if (status === 200 && asked.url === '/v1/traces') spans.push(...spansIn(body))
    respond(status)
  })
  program = await createProgram()
  const traced = (name: string, annotations: Readonly<Record<string, string>>): object =>
    annotated(name, `${name}.test`, 'app', { 'enable-opentelemetry': 'true', ...annotations })
  writeObjects(program.manifests, 'app', [
    service('app'),
    slice('app', [portOf(backend)]),
    traced('plainly', {}),
    traced('named', { 'opentelemetry-operation-name': 'buy' }),
    traced('wary', { 'opentelemetry-trust-incoming-span': 'false' }),
    traced('closed', { 'denylist-source-range': '127.0.0.0/8' }),
    traced('buffered', { 'proxy-buffering': 'on' }),
    annotated('untraced', 'untraced.test', 'app', {}),
  ])
  configure({})
  await program.start()
})

afterEach(async () => {
  await program.remove()
  backend.close()
  collector.close()
})

function configure(more: Readonly<Record<string, string>>): void {
  const data = {
    'otlp-collector-host': '127.0.0.1',
    'otlp-collector-port': String(portOf(collector)),
    'otel-schedule-delay-millis': '50',
    'otel-service-name': 'edge',
    ...more,
  }
  writeObjects(program.manifests, 'config', [mainConfigMap(data)])
}

test('OTEL-1 OTEL-2 OTEL-3: a request is a span of the trace that its backend is told, and of that of its client where it is trusted', async () => {
  answers.push(503, 429)
  await ask('plainly', '/new')
  await ask('plainly', '/continued?secret=1', { traceparent: traceparent('01'), tracestate: 'vendor=1' })
  await ask('plainly', '/not-sampled', { traceparent: traceparent('00') })
  await ask('plainly', '/nonsense', { traceparent: 'nonsense', tracestate: 'vendor=1' })
  await ask('wary', '/begun', { traceparent: traceparent('01'), tracestate: 'vendor=1' })
  await ask('named', '/named')
  await ask('buffered', '/profile')
  await ask('untraced', '/untraced', { traceparent: traceparent('01') })
  expect(await ask('closed', '/closed')).toBe(403)
  expect(await ask('plainly', '/teapot')).toBe(503)

  // The collector took nothing at first, and has everything once all the same.
  const paths = ['/new', '/continued', '/nonsense', '/begun', '/named', '/profile', '/closed', '/teapot']
  await until(() => Promise.resolve(paths.every((path) => find(path) !== undefined)), PATIENCE)
  const told = spans.map((one) => said(one, 'url.path'))
  expect([told.length, new Set(told)]).toEqual([paths.length, new Set(paths)])
  expect(answers).toEqual([])

  const backendOf = (path: string): readonly string[] => String(seen.get(path)?.['traceparent']).split('-')
  for (const [path, query] of [
    ['/new'],
    ['/continued', '?secret=1'],
    ['/nonsense'],
    ['/begun'],
    ['/named'],
    ['/profile'],
  ] as const) {
    const [version, trace, span, flags] = backendOf(`${path}${query ?? ''}`)
    expect([path, version, flags]).toEqual([path, '00', '01'])
    expect([path, find(path)?.traceId, find(path)?.spanId]).toEqual([path, trace, span])
  }
  expect(find('/continued')).toMatchObject({ traceId: CLIENT.trace, parentSpanId: CLIENT.span })
  expect(seen.get('/continued?secret=1')?.['tracestate']).toBe('vendor=1')
  expect(JSON.stringify(spans)).not.toContain('secret')
  for (const path of ['/new', '/nonsense', '/begun', '/closed']) {
    expect([path, find(path)?.traceId === CLIENT.trace]).toEqual([path, false])
    expect(find(path)).not.toHaveProperty('parentSpanId')
  }
  expect([seen.get('/nonsense')?.['tracestate'], seen.get('/begun')?.['tracestate']]).toEqual([undefined, undefined])
  // The other log has its lines all the same.
  const log = (): string => readFileSync(join(program.state, 'log', 'access.log'), 'utf8')
  const logged = ['GET /new ', 'GET /not-sampled ', 'GET /closed ', 'GET /profile ']
  await until(() => Promise.resolve(logged.every((line) => log().split(line).length === 2)), PATIENCE)
  // A decision not to sample is passed on, and a route without tracing leaves everything as it was.
  const [, trace, span, flags] = backendOf('/not-sampled')
  expect([trace, flags]).toEqual([CLIENT.trace, '00'])
  expect(span).not.toBe(CLIENT.span)
  expect(seen.get('/untraced')?.['traceparent']).toBe(traceparent('01'))
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)

  expect(spans.every(({ kind }) => kind === 2)).toBe(true)
  expect([find('/named')?.name, find('/new')?.name]).toEqual(['buy', 'GET /'])
  const about = (path: string): readonly (string | undefined)[] =>
    ['http.response.status_code', 'fairlead.ingress', 'fairlead.service', 'fairlead.tries'].map((key) =>
      said(find(path), key),
    )
  expect(about('/new')).toEqual(['200', 'plainly', 'app', '1'])
  expect(about('/closed')).toEqual(['403', 'closed', 'app', undefined])
  expect(about('/teapot')[0]).toBe('503')
})

test('OTEL-3: the samplers decide about traces that begin here, and what the ConfigMap says of tracing holds at once', async () => {
  configure({ 'otel-sampler': 'AlwaysOff' })
  const flagsOf = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<string> => {
    await ask('plainly', path, headers)
    return String(seen.get(path)?.['traceparent']).slice(53)
  }
  await until(async () => (await flagsOf('/off')) === '00', PATIENCE)
  expect(await flagsOf('/parent', { traceparent: traceparent('01') })).toBe('01')
  configure({ 'otel-sampler': 'AlwaysOff', 'otel-sampler-parent-based': 'false' })
  await until(async () => (await flagsOf('/parent', { traceparent: traceparent('01') })) === '00', PATIENCE)
  configure({ 'otel-sampler': 'TraceIdRatioBased', 'otel-sampler-ratio': '0.5', 'otel-sampler-parent-based': 'false' })
  const sampled = (half: string): Promise<string> =>
    flagsOf('/ratio', { traceparent: `00-${'a'.repeat(16)}${half}${'0'.repeat(8)}-${CLIENT.span}-00` })
  await until(async () => (await sampled('7fffffff')) === '01', PATIENCE)
  expect(await sampled('80000000')).toBe('00')
  // Global on, and off for one Ingress (OTEL-1); without a collector nothing is sent, and backends are told all the same.
  writeObjects(program.manifests, 'off', [annotated('off', 'off.test', 'app', { 'enable-opentelemetry': 'false' })])
  configure({ 'enable-opentelemetry': 'true', 'otlp-collector-host': '' })
  await until(async () => {
    await ask('untraced', '/global')
    return seen.get('/global')?.['traceparent'] !== undefined
  }, PATIENCE)
  await until(async () => (await ask('off', '/for-one')) === 200, PATIENCE)
  expect(seen.get('/for-one')).not.toHaveProperty('traceparent')
})

function find(path: string): Span | undefined {
  return spans.find((one) => said(one, 'url.path') === path)
}

function said(span: Span | undefined, key: string): string | undefined {
  const value = span?.attributes.find((one) => one.key === key)?.value
  return value?.['stringValue'] ?? value?.['intValue']
}

function spansIn(body: string): readonly Span[] {
  const message = JSON.parse(body) as {
    readonly resourceSpans: readonly {
      readonly resource: { readonly attributes: Span['attributes'] }
      readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
    }[]
  } // ours
  for (const { resource } of message.resourceSpans)
    expect(resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'edge' } })
  return message.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
}

function listen(
  answer: (
    asked: { readonly url?: string; readonly headers: IncomingHttpHeaders },
    body: string,
    respond: (status: number) => void,
  ) => void,
): Promise<Server> {
  const server = createServer((asked, response) => {
    const pieces: Buffer[] = []
    asked.on('data', (piece: Buffer) => pieces.push(piece))
    asked.on('end', () =>
      answer({ url: asked.url ?? '', headers: asked.headers }, Buffer.concat(pieces).toString(), (status) => {
        response.statusCode = status
        if (status === 429) response.setHeader('Retry-After', '0')
        response.end('{}')
      }),
    )
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port // it listens on TCP
}

function ask(host: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: program.http, path, agent: false as const }
    const asked = request({ ...options, headers: { host: `${host}.test`, ...headers } }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    asked.on('error', reject)
    asked.end()
  })
}
