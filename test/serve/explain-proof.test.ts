import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { Agent, createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPatternHelper } from '../../src/apply/engine/patterns.js'
import { runWithMatches } from '../../src/apply/engine/with-matches.js'
import { createPatternJudge } from '../../src/controller/pattern-judge.js'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import { readFolder } from '../../src/sources/files/index.js'
import { explain, type Explanation } from '../../src/translate/explain.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { type AskedQuestion, parseQuestion } from '../../src/translate/question.js'
import { translate, type Translation, unjudgedPatterns } from '../../src/translate/translate.js'
import { ask } from '../support/admin-client.js'
import { theEngine } from '../support/engine.js'
import { annotated, ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'
import { freePort } from '../support/ports.js'

const REQUESTS = 10_000
/** Of them, so many are asked of the admin port too, which takes 50 a second. */
const ASKED_LIVE = 150
const AT_ONCE = 16
const PATIENCE = 120_000

/** Services, and how many endpoints each has. */
const SERVICES = {
  plain: 1,
  long: 1,
  exact: 1,
  slash: 1,
  wild: 1,
  main: 1,
  canary: 1,
  hashed: 3,
  sticky: 3,
  old: 1,
  pages: 1,
  empty: 0,
}

const helper = createPatternHelper(await theEngine())
const servers: Server[] = []
const placeOf = new Map<number, string>()
let program: Program
let translation: Translation
let admin = 0
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })

beforeAll(async () => {
  program = await createProgram()
  const ports = new Map<string, number[]>()
  for (const [name, count] of Object.entries(SERVICES)) {
    const own = []
    for (let i = 0; i < count; i++) own.push(await startEcho(`test/${name}/80`))
    ports.set(name, own)
  }
  writeObjects(program.manifests, 'all', [
    ...[...ports].flatMap(([name, own]) => [service(name), slices(name, own)]),
    ...ingresses(),
  ])
  admin = await freePort()
  await program.start(undefined, ['--admin-port', String(admin)])
  translation = await translated()
  await until(async () => (await send(questionOf('paths.test', '/', [], []))).seen !== undefined, PATIENCE)
}, PATIENCE)

afterAll(async () => {
  agent.destroy()
  await program?.remove()
  await helper.stop()
  for (const server of servers) server.close()
})

function startEcho(name: string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer(({ url = '', headers }, response) => {
      const { port } = server.address() as AddressInfo // it listens on TCP
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ service: name, endpoint: `127.0.0.1:${port}`, target: url, headers }))
    })
    servers.push(server)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo // the same
      placeOf.set(port, name)
      resolve(port)
    })
  })
}

/** A slice holds one port, so an endpoint each. */
function slices(name: string, ports: readonly number[]): object {
  const items =
    ports.length === 0 ? [slice(name, [])] : ports.map((port, i) => rename(slice(name, [port]), `${name}-${i}`))
  return { apiVersion: 'v1', kind: 'List', items }
}

function rename(one: object, name: string): object {
  const { metadata } = one as { metadata: object } // made by `slice`
  return { ...one, metadata: { ...metadata, name } }
}

function paths(host: string, rows: readonly (readonly [string, string, string])[], annotations = {}): object {
  const name = host.replaceAll(/[^a-z]/g, '-').replace(/^-+/, 'x')
  const base = annotated(`${name}-paths`, host, 'plain', annotations)
  const all = rows.map(([path, pathType, to]) => {
    return { path, pathType, backend: { service: { name: to, port: { number: 80 } } } }
  })
  return { ...base, spec: { ingressClassName: 'nginx', rules: [{ host, http: { paths: all } }] } }
}

function ingresses(): readonly object[] {
  return [
    paths('paths.test', [
      ['/', 'Prefix', 'plain'],
      ['/aaa', 'Prefix', 'plain'],
      ['/aaa/bbb', 'Prefix', 'long'],
      ['/aaa/bbb', 'Exact', 'exact'],
      ['/dir/', 'Prefix', 'slash'],
      ['/none', 'Prefix', 'empty'],
      ['/gone', 'Prefix', 'missing'],
    ]),
    paths('*.wild.test', [['/aaa', 'Prefix', 'wild']]),
    paths('b.wild.test', [['/bbb', 'Exact', 'exact']]),
    paths(
      'regex.test',
      [
        ['/aaa/(\\w+)/(.*)', 'ImplementationSpecific', 'long'],
        ['/item-[0-9]+$', 'ImplementationSpecific', 'exact'],
        ['/', 'ImplementationSpecific', 'plain'],
      ],
      { 'use-regex': 'true' },
    ),
    paths('rewrite.test', [['/aaa(/|$)(.*)', 'ImplementationSpecific', 'plain']], {
      'rewrite-target': '/v2/$2',
      'x-forwarded-prefix': '/was/$2',
      'upstream-vhost': '$arg_user.inner',
    }),
    ingress('main', 'canary.test', 'main'),
    annotated('canary', 'canary.test', 'canary', {
      canary: 'true',
      'canary-by-header': 'X-Canary',
      'canary-by-cookie': 'canary',
      'canary-weight': '0',
    }),
    ingress('half', 'half.test', 'main'),
    annotated('half-canary', 'half.test', 'canary', {
      canary: 'true',
      'canary-weight': '50',
      'canary-by-header': 'X-Canary',
    }),
    annotated('hashed', 'hash.test', 'hashed', { 'upstream-hash-by': '$arg_user$http_x_key' }),
    annotated('old', 'old.test', 'old', {
      'permanent-redirect': 'https://new.test/there',
      'permanent-redirect-code': '308',
    }),
    annotated('app', 'app.test', 'plain', { 'app-root': '/aaa' }),
    annotated('www', 'www.name.test', 'plain', { 'from-to-www-redirect': 'true' }),
    annotated('forced', 'forced.test', 'plain', { 'force-ssl-redirect': 'true' }),
    annotated('alias', 'alias.test', 'plain', { 'server-alias': 'other.test,~^re[0-9]+\\.test$' }),
    annotated('closed', 'closed.test', 'plain', { 'auth-type': 'basic', 'auth-secret': 'nothing' }),
    annotated('pages', 'pages.test', 'empty', { 'default-backend': 'pages', 'custom-http-errors': '503' }),
  ]
}

const hosts = fc.constantFrom(
  ...'paths.test PATHS.test:8080 paths.test. a.wild.test b.wild.test a.b.wild.test wild.test regex.test rewrite.test'.split(
    ' ',
  ),
  ...'canary.test half.test hash.test old.test app.test name.test www.name.test forced.test alias.test'.split(' '),
  ...'other.test re7.test re.test closed.test pages.test nobody.test'.split(' '),
)
const segment = fc.constantFrom(
  'aaa',
  'bbb',
  'dir',
  'none',
  'gone',
  'item-7',
  'item-x',
  'AAA',
  '.',
  '..',
  '',
  '%61aa',
  'a%2Fb',
  '%zz',
  'gr%C3%BCn',
)
const target = fc
  .tuple(
    fc.array(segment, { maxLength: 4 }),
    fc.boolean(),
    fc.constantFrom('', '', '?user=ann', '?User=bob&x=/aaa', '?user=c%20d'),
  )
  .map(([parts, slash, query]) => `/${parts.join('/')}${slash && parts.length > 0 ? '/' : ''}${query}`)
const headers = fc.subarray(['X-Canary: always', 'X-Canary: never', 'X-Canary: other', 'X-Key: one', 'X-Key: two'], {
  maxLength: 2,
})
const cookies = fc.subarray(['canary=always', 'canary=never', 'a=b'], { maxLength: 2 })
const questions = fc.tuple(hosts, target, headers, cookies).map((parts) => questionOf(...parts))

function questionOf(host: string, path: string, lines: readonly string[], some: readonly string[]): AskedQuestion {
  return { url: `http://${host}${path}`, headers: lines, cookies: some }
}

async function translated(): Promise<Translation> {
  const read = await readFolder({ folder: program.manifests, endpoints: [], zone: '', log: () => undefined })
  if (!read.ok) throw new Error(read.message)
  const now = Date.now()
  const { certificate, key } = createSelfSigned({ commonName: 'x', organization: 'x', names: [], days: 1, now })
  const judge = createPatternJudge(helper)
  const reservedPorts = [{ port: program.http, flag: '--http-port' }]
  const options = { ...defaultTranslateOptions, httpsPort: program.https, reservedPorts }
  const once = (): Translation => {
    const surroundings = { fallbackCertificate: { chain: certificate, key }, now, verdicts: judge.verdicts() }
    return translate(read.snapshot, options, surroundings)
  }
  expect(await judge.learn(unjudgedPatterns(once()))).toBeUndefined()
  return once()
}

async function explained(asked: AskedQuestion): Promise<Explanation> {
  const question = parseQuestion(asked)
  if (typeof question === 'string') throw new Error(question)
  const answer = await runWithMatches(helper, (match) => explain(translation, question, true, match))
  if (!answer.ok) throw new Error(answer.cause)
  return answer.value
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly seen?: {
    readonly service: string
    readonly endpoint: string
    readonly target: string
    readonly headers: IncomingHttpHeaders
  }
}

function send({ url, headers: lines, cookies: some }: AskedQuestion): Promise<Answer> {
  const [, host = '', path = '/'] = /^http:\/\/([^/]*)(.*)$/.exec(url) ?? []
  const named = new Map<string, string[]>()
  for (const line of lines) {
    const [name = '', value = ''] = line.split(': ')
    named.set(name, [...(named.get(name) ?? []), value])
  }
  const cookie = some.length === 0 ? {} : { cookie: some.join('; ') }
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: program.http,
        path,
        agent,
        headers: { host, ...cookie, ...Object.fromEntries(named) },
      },
      (response) => {
        let body = ''
        response.on('data', (bytes: Buffer) => (body += bytes.toString()))
        response.on('error', reject)
        response.on('end', () => {
          const answer = { status: response.statusCode ?? 0, headers: response.headers }
          const isEcho = response.headers['content-type'] === 'application/json'
          resolve(isEcho ? { ...answer, seen: JSON.parse(body) as NonNullable<Answer['seen']> } : answer) // our own backend
        })
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}

/** ERR-6: whatever the first port of a Service is called. */
function firstPort(backend: string): string {
  return backend.replace('(first)', '80')
}

/** What is different; undefined: NGINX did what was explained. */
function difference(
  { url }: AskedQuestion,
  { outcome, split, headers }: Explanation,
  answer: Answer,
): string | undefined {
  const { status, seen } = answer
  const at = /^http:\/\/[^/]*(.*)$/.exec(url)?.[1] ?? '/'
  switch (outcome.kind) {
    case 'proxy': {
      if (seen === undefined) return `${status} instead of ${outcome.backend}`
      const services = split?.side === 'drawn' ? [split.main, split.alternative] : [firstPort(outcome.backend)]
      if (!services.includes(seen.service)) return `${seen.service} instead of ${services.join(' or ')}`
      const path = outcome.target ?? at
      if (seen.target !== path) return `${seen.target} instead of ${path}`
      if (outcome.endpoint !== undefined && outcome.endpoint !== seen.endpoint)
        return `${seen.endpoint} instead of ${outcome.endpoint}`
      if (services[0] === seen.service && !outcome.endpoints.includes(seen.endpoint)) return 'no endpoint of it'
      return differentHeader(headers ?? [], seen.headers)
    }
    case 'redirect': {
      const location = answer.headers.location ?? ''
      return status === outcome.status && location === outcome.location
        ? undefined
        : `${status} ${location} instead of ${outcome.status} ${outcome.location}`
    }
    case 'answer':
      if (outcome.page !== undefined && outcome.page !== 'nobody')
        return seen?.service === firstPort(outcome.page)
          ? undefined
          : `${seen?.service ?? status} instead of ${outcome.page}`
      return status === outcome.status ? undefined : `${status} instead of ${outcome.status}`
    case 'refused':
      return status === outcome.status ? undefined : `${status} instead of ${outcome.status}`
  }
}

function differentHeader(said: Explanation['headers'] & object, seen: IncomingHttpHeaders): string | undefined {
  if (!said.some(({ name }) => name === 'Host')) return 'no Host'
  for (const one of said) {
    const value = seen[one.name.toLowerCase()]
    const isSo =
      one.kind === 'sent' ? value === one.value : one.kind === 'removed' ? value === undefined : value !== undefined
    if (!isSo) return `${one.name}: ${JSON.stringify(value)} instead of ${JSON.stringify(one)}`
  }
  return undefined
}

test(`what explain says of ${REQUESTS} random requests is what NGINX does with them`, {
  timeout: 4 * PATIENCE,
}, async () => {
  const asked = fc.sample(questions, { numRuns: REQUESTS, seed: 11 })
  const wrong: string[] = []
  const kinds = new Map<string, number>()
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < asked.length; at = next++) {
      const question = asked[at]
      if (question === undefined) return
      const [explanation, answer] = await Promise.all([explained(question), send(question)])
      const kind = `${explanation.outcome.kind}${explanation.split === undefined ? '' : ` ${explanation.split.side}`}`
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
      const found = difference(question, explanation, answer)
      if (found !== undefined) wrong.push(`${JSON.stringify(question)}: ${found}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  expect(wrong.slice(0, 10)).toEqual([])
  // Nothing is proved about what never happened.
  for (const kind of ['proxy', 'proxy main', 'proxy alternative', 'proxy drawn', 'redirect', 'answer', 'refused'])
    expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(50)
})

test('the admin port says the same', { timeout: 4 * PATIENCE }, async () => {
  const token = readFileSync(join(program.state, 'private', 'admin.token'), 'utf8').trim()
  for (const question of fc.sample(questions, { numRuns: ASKED_LIVE, seed: 12 })) {
    const { body, status } = await ask(admin, '/api/explain', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(question),
    })
    expect(status).toBe(200)
    const live = JSON.parse(body) as { readonly explanation: unknown; readonly behind: readonly string[] } // what the API answers
    expect([question, live.behind, live.explanation]).toEqual([
      question,
      [],
      JSON.parse(JSON.stringify(await explained(question))),
    ])
  }
})
