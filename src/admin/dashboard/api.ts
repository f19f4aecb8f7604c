import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import type { ExplainRequest } from '../../observe/shown.js'
import type { Asset } from './assets.js'
import { createBucket } from './bucket.js'
import type { Changes } from './changes.js'
import { createEventStream } from './event-stream.js'
import { createGate, type GateOptions, refuse } from './gate.js'
import type { AdminSource, ListQuestion } from './source.js'

export interface AdminOptions extends GateOptions {
  readonly source: AdminSource
  readonly assets: ReadonlyMap<string, Asset>
  readonly changes: Changes
  log(level: 'warn' | 'error', message: string): void
}

const LARGEST_BODY = 64 * 1024
const MOST_ROWS = 200
const ORDERS = ['host', 'rate', 'errors', 'latency'] as const
const LONGEST_SEARCH = 200
const MOST_STREAMS = 16
const MOST_EXPLANATIONS = 4
/** Of all who look together: several times what a page asks for, a small part of what the controller can do. */
const REQUESTS = { burst: 200, perSecond: 50 }

/**
 * The API and the page. Read only: nothing here changes what is served. Every answer is bounded in size, every request in
 * rate, and nothing waits for a client.
 */
export function createAdmin(options: AdminOptions): Hono {
  const { source, changes, assets, now } = options
  const gate = createGate(options)
  const rate = createBucket(REQUESTS.burst, REQUESTS.perSecond, now)
  let streams = 0
  let explanations = 0

  const api = new Hono()
  api.post('/login', async (context) => {
    const body = await readObject(context)
    return gate.login(context, typeof body?.['token'] === 'string' ? body['token'] : '')
  })
  api.use('*', gate.admit)
  api.use('*', async (context, next) => {
    if (!rate.take()) return refuse(context, 429, 'Too many requests at once; try again in a second.')
    return next()
  })
  api.post('/logout', (context) => gate.logout(context))
  api.get('/overview', (context) => context.json(source.overview()))
  api.get('/traffic', (context) => context.json(source.traffic()))
  api.get('/routes', (context) => {
    const order = ORDERS.find((one) => one === context.req.query('order')) ?? 'host'
    return context.json(source.routes({ ...questionOf(context), order }))
  })
  api.get('/hosts/:name', (context) => {
    const found = source.host(context.req.param('name'))
    return found === undefined ? refuse(context, 404, 'No such host is served.') : context.json(found)
  })
  api.get('/ingresses', (context) => context.json(source.ingresses(questionOf(context))))
  api.get('/ingresses/:namespace/:name', (context) => {
    const found = source.ingress(`${context.req.param('namespace')}/${context.req.param('name')}`)
    return found === undefined ? refuse(context, 404, 'No such Ingress is served.') : context.json(found)
  })
  api.get('/problems', (context) => {
    const severity = context.req.query('severity')
    return context.json(
      source.problems({
        ...questionOf(context),
        severity: severity === 'error' || severity === 'warning' ? severity : 'all',
      }),
    )
  })
  api.get('/certificates', (context) => context.json(source.certificates(questionOf(context))))
  api.get('/alerts', (context) => context.json(source.alerts()))
  api.get('/timeline', (context) => context.json(source.timeline()))
  api.get('/diagnosis', async (context) => context.json(await source.diagnosis()))
  api.get('/boards/:name', async (context) => {
    const text = (name: string): string => (context.req.query(name) ?? '').slice(0, LONGEST_SEARCH)
    const board = source.board(context.req.param('name'), {
      host: text('host'),
      a: text('a'),
      b: text('b'),
      kind: text('kind') === 'season' ? 'season' : 'recent',
    })
    return board === undefined ? refuse(context, 404, 'There is no such board.') : context.json(await board)
  })
  api.post('/explain', async (context) => {
    const question = readQuestion(await readObject(context))
    if (question === undefined)
      return refuse(context, 400, 'The body has to be {"url": "https://…"}, with "headers" and "cookies" as lists.')
    if (explanations >= MOST_EXPLANATIONS)
      return refuse(context, 429, 'Other explanations are under way; try again in a second.')
    explanations += 1
    try {
      const answer = await source.explain(question)
      return typeof answer === 'string' ? refuse(context, 400, answer) : context.json(answer)
    } finally {
      explanations -= 1
    }
  })
  api.get('/events', (context) => {
    if (streams >= MOST_STREAMS) return refuse(context, 429, 'Too many pages are open; they ask again by themselves.')
    streams += 1
    const body = createEventStream(
      changes,
      () => JSON.stringify(source.overview()),
      () => void (streams -= 1),
    )
    return context.body(body, 200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
  })
  api.all('*', (context) => refuse(context, 404, 'There is nothing here.'))

  const app = new Hono()
  app.use('*', secureHeaders(HEADERS))
  app.use('*', gate.guard)
  app.use(
    '/api/*',
    bodyLimit({ maxSize: LARGEST_BODY, onError: (context) => refuse(context, 413, 'The body is too large.') }),
  )
  app.use('/api/*', async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
  })
  app.route('/api', api)
  app.get('*', (context) => serveAsset(context, assets))
  app.onError((cause, context) => {
    options.log('error', `the admin port failed: ${cause.stack ?? cause.message}`)
    return context.json({ message: 'The request failed; the log says why.' }, 500)
  })
  return app
}

/** The page is its own files and nothing else; text of users can neither become a script nor be sent anywhere. */
const HEADERS = {
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
    trustedTypes: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  crossOriginOpenerPolicy: 'same-origin',
  crossOriginResourcePolicy: 'same-origin',
  strictTransportSecurity: false,
} as const satisfies Parameters<typeof secureHeaders>[0]

function serveAsset(context: Context, assets: ReadonlyMap<string, Asset>): Response {
  const asset = assets.get(context.req.path)
  if (asset === undefined) return refuse(context, 404, 'There is nothing here.')
  context.header('etag', asset.tag)
  context.header('cache-control', 'no-cache')
  context.header('vary', 'accept-encoding')
  if (context.req.header('if-none-match') === asset.tag) return context.body(null, 304)
  context.header('content-type', asset.type)
  if (!(context.req.header('accept-encoding') ?? '').includes('gzip')) return context.body(new Uint8Array(asset.body))
  context.header('content-encoding', 'gzip')
  return context.body(new Uint8Array(asset.compressed))
}

function questionOf(context: Context): ListQuestion {
  return {
    search: (context.req.query('search') ?? '').slice(0, LONGEST_SEARCH).toLowerCase(),
    offset: wholeOf(context.req.query('offset'), 0, 10_000_000),
    limit: wholeOf(context.req.query('limit'), 50, MOST_ROWS),
  }
}

function wholeOf(text: string | undefined, standard: number, most: number): number {
  return text !== undefined && /^\d{1,8}$/.test(text) ? Math.min(Number(text), most) : standard
}

async function readObject(context: Context): Promise<Readonly<Record<string, unknown>> | undefined> {
  const body: unknown = await context.req.json().catch(() => undefined)
  return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : undefined // members are checked by who reads them
}

function readQuestion(body: Readonly<Record<string, unknown>> | undefined): ExplainRequest | undefined {
  const { url, headers = [], cookies = [] } = body ?? {}
  return typeof url === 'string' && isTexts(headers) && isTexts(cookies) ? { url, headers, cookies } : undefined
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
