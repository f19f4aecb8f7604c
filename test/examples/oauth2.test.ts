import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, request, type IncomingHttpHeaders, type OutgoingHttpHeaders, type Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen } from '../serve/listen.js'
import { slice, writeObjects } from '../serve/manifests.js'
import { createProgram, type Program } from '../serve/program.js'
import { type OAuth2Proxy, startOAuth2Proxy } from '../support/oauth2-proxy.js'
import { withNames } from '../support/told-names.js'

const example = fileURLToPath(new URL('../../examples/oauth2', import.meta.url))

let program: Program
let proxy: OAuth2Proxy
let shop: Server

beforeAll(async () => {
  program = await createProgram()
  proxy = await startOAuth2Proxy()
  // Says who it thinks is there.
  shop = createServer(({ url, headers }, response) => {
    const who = `${String(headers['x-auth-request-user'])} ${String(headers['x-auth-request-email'])}`
    response.end(`${url ?? ''} for ${who}`)
  })
  const port = await listen(shop)
  for (const file of readdirSync(example).filter((name) => name.endsWith('.yaml'))) {
    // In a cluster the port is the Service's.
    const text = readFileSync(join(example, file), 'utf8').replace('cluster.local:4180', `cluster.local:${proxy.port}`)
    writeFileSync(join(program.manifests, file), text)
  }
  const slices = [slice('shop', [port]), slice('oauth2-proxy', [proxy.port])]
  writeObjects(program.manifests, 'endpoints', slices.map(inDemo))
  await withNames(['oauth2-proxy.demo.svc.cluster.local'], () => program.start())
})

afterAll(async () => {
  await program?.remove()
  proxy?.close()
  shop?.closeAllConnections()
  shop?.close()
})

test('examples/oauth2: a stranger signs in and comes back to what was asked for; the shop knows who it is, until the session ends (EXT-2..5)', async () => {
  const spoofed = { 'x-auth-request-user': 'admin', 'x-auth-request-email': 'admin@example.com' }
  const asked = '/cart?item=1&count=2'
  const stranger = await ask(asked, spoofed)
  expect([stranger.status, stranger.headers.location]).toEqual([
    302,
    'http://shop.example.com/oauth2/start?rd=%2Fcart%3Fitem%3D1%26count%3D2',
  ])
  const start = await ask(pathOf(stranger.headers.location))
  const toProvider = new URL(start.headers.location ?? '')
  expect([start.status, toProvider.host]).toEqual([302, 'idp.example.com'])
  // The provider knows jane, and sends the browser back.
  const state = encodeURIComponent(toProvider.searchParams.get('state') ?? '')
  const callback = await ask(`/oauth2/callback?code=jane&state=${state}`)
  expect(callback.headers.location).toBe(asked)
  const cookie = cookieOf(callback.headers)
  expect((await ask(asked, { cookie, ...spoofed })).body).toBe(`${asked} for jane jane@example.com`)
  expect((await ask('/oauth2/none', { cookie })).status).toBe(404)

  proxy.refresh('jane')
  const renewed = await ask('/', { cookie })
  expect(renewed.status).toBe(200)
  expect(cookieOf(renewed.headers)).not.toBe(cookie)
  expect((await ask('/', { cookie })).status).toBe(302)
  expect((await ask('/', { cookie: cookieOf(renewed.headers) })).body).toBe('/ for jane jane@example.com')

  proxy.revoke('jane')
  expect((await ask('/', { cookie: cookieOf(renewed.headers) })).status).toBe(302)
  for (const path of ['//cart', '/%63art', '/./cart', '/CART', '/cart;x', '/oauth2/../cart', '/oauth2%2f..%2fcart'])
    expect([path, (await ask(path)).body.includes(' for ')]).toEqual([path, false])

  proxy.close()
  expect((await ask('/')).status).toBe(500)
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

function ask(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port: program.http, host: '127.0.0.1', path, headers: { host: 'shop.example.com', ...headers } }
    const asked = request(options, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

function pathOf(location: string | undefined): string {
  const { pathname, search } = new URL(location ?? '')
  return pathname + search
}

function cookieOf(headers: IncomingHttpHeaders): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

function inDemo(object: object): object {
  return { ...object, metadata: { ...('metadata' in object ? (object.metadata as object) : {}), namespace: 'demo' } }
}
