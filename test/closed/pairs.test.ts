import { Agent as HttpAgent, request as requestHttp, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from '../serve/backends.js'
import { annotated, service, slice, writeObjects } from '../serve/manifests.js'
import { createProgram, until, type Program } from '../serve/program.js'
import { openHttp2 } from '../serve/tls-clients.js'
import { theEngine } from '../support/engine.js'
import { type Http3Client, startHttp3Client } from '../support/http3.js'
import { type Asking, startAsking } from './asking.js'
import { startAuthService, type AuthService } from './auth-service.js'
import { companions, protectors, secrets, type Part } from './companions.js'

let program: Program
let kept: TestBackend
let open: TestBackend
let auth: AuthService
let asking: Asking
/** undefined: this NGINX has no HTTP/3. */
let client: Http3Client | undefined

interface Pair {
  readonly name: string
  readonly host: string
  readonly parts: readonly Part[]
}

/** Each two once; those that cannot stand on one Ingress, since they say the same annotation, not at all. */
const pairs: readonly Pair[] = protectors.flatMap((protector, i) =>
  companions.slice(i).flatMap((companion): readonly Pair[] => {
    const parts = protector === companion ? [protector] : [protector, companion]
    const said = parts.flatMap((part) => Object.keys(part.annotations('')))
    const name = `${protector.name}-${companion.name}`
    return new Set(said).size < said.length ? [] : [{ name, host: `${name}.pair.test`, parts }]
  }),
)

beforeAll(async () => {
  program = await createProgram()
  kept = await startTestBackend('protected')
  open = await startTestBackend('open')
  auth = await startAuthService(({ 'x-friend': friend }) => friend === 'yes')
  if ((await theEngine()).facts.http3) client = await startHttp3Client()
  writeObjects(program.manifests, 'pairs', [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
      data: { 'use-http3': String(client !== undefined) },
    },
    ...['kept', 'kept-canary'].flatMap((name) => [service(name), slice(name, [kept.port])]),
    service('open'),
    slice('open', [open.port]),
    ...Object.entries(secrets).map(([name, stringData]) => {
      return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'test' }, stringData }
    }),
    ...pairs.flatMap(objectsOf),
    annotated('unprotected', 'unprotected.pair.test', 'kept', {}),
  ])
  await program.start()
  asking = startAsking(program, 'unprotected.pair.test')
  await until(async () => (await ask('http', { host: 'unprotected.pair.test' })).body === 'protected', 20_000)
}, 120_000)

afterAll(async () => {
  await client?.close()
  await asking?.close()
  await program?.remove()
  kept?.close()
  open?.close()
  auth?.close()
})

/** Everything that the path `/x` may be taken for, and what could be taken for it. */
const PATHS = [
  '/x',
  '/x/',
  '//x',
  '/%78',
  '/X',
  '/x;a',
  '/./x',
  '/x%2f',
  '/y/../x',
  '/x?a=b',
  '/x/%2e%2e/x',
  '/x%00',
  '/%2e/x',
]

const METHODS = ['GET', 'OPTIONS', 'POST'] as const

describe.each(pairs.map((pair) => [pair.name, pair] as const))('%s', (_, { host, parts }) => {
  const names = [host, ...parts.flatMap(({ names: of }) => of?.(host) ?? [])]

  test('section 0.4: no stranger is served what is protected, by no name, path, scheme, protocol or method', async () => {
    const spelled = names.flatMap((name) => [name, name.toUpperCase(), `${name}.`, `${name}:${program.http}`])
    const isOpenInTheClear = parts.every((part) => part.tlsOnly === true || !protectors.includes(part))
    const seen: string[] = []
    const asked = METHODS.flatMap((method) => spelled.flatMap((name) => PATHS.map((path) => ({ method, name, path }))))
    const answers = isOpenInTheClear
      ? []
      : await Promise.all(
          asked.map(({ method, name, path }) => asking.http(name, path, { method, headers: preflight(method) })),
        )
    answers.forEach(({ body }, i) => {
      if (body.includes('protected')) seen.push(`${asked[i]?.method} http://${asked[i]?.name}${asked[i]?.path}`)
    })
    // Other spellings and methods over TLS are asked for by HTTP/2 and 3.
    const overTls = await Promise.all(PATHS.map((path) => ask('https', { host, path })))
    overTls.forEach(({ body }, i) => {
      if (body.includes('protected')) seen.push(`https://${host}${PATHS[i]}`)
    })
    expect([...seen, ...(await servedOverHttp2(host, spelled)), ...(await servedOverHttp3(host, spelled))]).toEqual([])
  })

  test('a friend gets in', async () => {
    const expected = parts.find(({ answers }) => answers !== undefined)?.answers
    const headers = Object.assign({}, ...parts.map(({ friend }) => friend ?? {})) as Readonly<Record<string, string>>
    const certificate = parts.find((part) => part.certificate !== undefined)?.certificate
    const scheme = certificate === undefined ? 'http' : 'https'
    const asked = { host, path: '/x', headers, from: '127.0.0.9', certificate }
    const answersChallenge = parts.find((part) => part.answersChallenge !== undefined)?.answersChallenge
    const authorization = answersChallenge?.((await ask(scheme, asked)).challenge)
    const answer = await ask(
      scheme,
      authorization === undefined ? asked : { ...asked, headers: { ...headers, authorization } },
    )
    expect(expected === undefined ? answer.body : answer.status).toBe(expected ?? 'protected')
  })
})

test('a path that nothing protects is seen', async () => {
  const host = 'unprotected.pair.test'
  expect((await ask('https', { host, path: '/x' })).body).toBe('protected')
  expect(await servedOverHttp2(host, [host])).toContain(`GET over HTTP/2 https://${host}/x`)
  if (client !== undefined) expect(await servedOverHttp3(host, [host])).toContain(`GET over HTTP/3 https://${host}/x`)
})

/** With every method, on one connection. */
async function servedOverHttp2(host: string, spelled: readonly string[]): Promise<readonly string[]> {
  const connection = openHttp2(program.https, host, undefined)
  const asked = METHODS.flatMap((method) => spelled.flatMap((name) => PATHS.map((path) => ({ method, name, path }))))
  const answers = await Promise.all(
    asked.map(({ method, name, path }) => connection.ask(name, { method, path, headers: preflight(method) })),
  )
  connection.close()
  return asked
    .filter((_, i) => answers[i]?.body.includes('protected') !== false)
    .map(({ method, name, path }) => `${method} over HTTP/2 https://${name}${path}`)
}

/** One method only: what is asked is decided in the same way. */
async function servedOverHttp3(host: string, spelled: readonly string[]): Promise<readonly string[]> {
  if (client === undefined) return []
  const connection = await client.open(program.https, { serverName: host })
  const asked = spelled.flatMap((authority) => PATHS.map((path) => ({ authority, path })))
  const answers = await Promise.all(asked.map((one) => connection.ask(one)))
  await connection.close()
  return asked
    .filter((_, i) => answers[i]?.body.includes('protected') !== false)
    .map(({ authority, path }) => `GET over HTTP/3 https://${authority}${path}`)
}

/** The protected path with both features, and beside it an open path of the same host. */
function objectsOf({ name, host, parts }: Pair): readonly object[] {
  const all: Readonly<Record<string, string>> = Object.assign({}, ...parts.map((part) => part.annotations(host)))
  const annotations = Object.fromEntries(
    Object.entries(all).map(([key, text]) => [key, text.replace('AUTH:', auth.url)]),
  )
  const canary = annotated(`${name}-canary`, host, 'kept-canary', { canary: 'true', 'canary-weight': '50' })
  return [
    atX(annotated(name, host, 'kept', annotations)),
    annotated(`${name}-open`, host, 'open', {}),
    ...(parts.some((part) => part.canary === true) ? [atX(canary)] : []),
  ]
}

function atX(object: object): object {
  return JSON.parse(JSON.stringify(object).replace('"path":"/"', '"path":"/x"')) as object // was one before
}

const agents = {
  http: new HttpAgent({ keepAlive: true, maxSockets: 8 }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: 8 }),
}

afterAll(() => {
  agents.http.destroy()
  agents.https.destroy()
})

interface Asked {
  readonly host: string
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly servername?: string
  /** Address of the client. */
  readonly from?: string
  readonly certificate?: Part['certificate']
}

function preflight(method: string): Readonly<Record<string, string>> {
  return method === 'OPTIONS' ? { origin: 'http://origin.test', 'access-control-request-method': 'GET' } : {}
}

function ask(
  scheme: 'http' | 'https',
  { host, path = '/', method = 'GET', headers = {}, servername = host, from, certificate }: Asked,
): Promise<{ readonly status: number; readonly body: string; readonly challenge: string }> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions & { readonly rejectUnauthorized: boolean; readonly servername: string } = {
      host: '127.0.0.1',
      port: scheme === 'http' ? program.http : program.https,
      path,
      method,
      headers: { host, ...preflight(method), ...headers },
      servername,
      rejectUnauthorized: false,
      ...(certificate === undefined ? {} : { cert: certificate.chain, key: certificate.key }),
      ...(from === undefined ? { agent: agents[scheme] } : { agent: false, localAddress: from }),
    }
    const asked = (scheme === 'http' ? requestHttp : requestHttps)(options, (response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      const challenge = response.headers['www-authenticate'] ?? ''
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, challenge }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })
}
