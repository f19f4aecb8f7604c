import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import { readFolder } from '../../src/sources/files/index.js'
import { explain } from '../../src/translate/explain.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { translate, type Translation } from '../../src/translate/translate.js'
import { startTestBackend, type TestBackend } from '../serve/backends.js'
import { writeObjects } from '../serve/manifests.js'
import { createProgram, type Program } from '../serve/program.js'
import { ask, certificateNames } from './clients.js'
import { objects, services } from './objects.js'

/** A backend's name, a status, or a status with where a redirect leads. */
type Wanted = string | number | readonly [status: number, location: string]

interface Row {
  readonly rule: string
  readonly host: string
  readonly path: string
  readonly http: Wanted
  /** Absent: as over HTTP. */
  readonly https?: Wanted
}

const rows: readonly Row[] = [
  { rule: 'HOST-1 PATH-1 root matches everything', host: 'paths.test', path: '/anything', http: 'root' },
  { rule: 'PATH-1 prefix itself', host: 'paths.test', path: '/aaa', http: 'short' },
  { rule: 'PATH-1 prefix with a slash', host: 'paths.test', path: '/aaa/', http: 'short' },
  { rule: 'PATH-1 below the prefix', host: 'paths.test', path: '/aaa/x', http: 'short' },
  { rule: 'PATH-1 not inside an element', host: 'paths.test', path: '/aaaccc', http: 'root' },
  { rule: 'PATH-1 case counts', host: 'paths.test', path: '/AAA', http: 'root' },
  { rule: 'PATH-1 the query is not part of the path', host: 'paths.test', path: '/aaa?x=/bbb', http: 'short' },
  { rule: 'PATH-1 ImplementationSpecific is Prefix', host: 'paths.test', path: '/impl/x', http: 'impl' },
  { rule: 'PATH-2 below a prefix with a final slash', host: 'paths.test', path: '/dir/x', http: 'slash' },
  { rule: 'PATH-2 the prefix with its slash', host: 'paths.test', path: '/dir/', http: 'slash' },
  {
    rule: 'PATH-2 without the slash',
    host: 'paths.test',
    path: '/dir?q=1',
    http: [301, 'http://paths.test/dir/?q=1'],
    https: [301, 'https://paths.test/dir/?q=1'],
  },
  { rule: 'PATH-2 not inside an element', host: 'paths.test', path: '/dirx', http: 'root' },
  { rule: 'PATH-3 encoded bytes are decoded', host: 'paths.test', path: '/%61aa/x', http: 'short' },
  { rule: 'PATH-3 slashes are merged', host: 'paths.test', path: '//aaa///bbb', http: 'exact' },
  { rule: 'PATH-3 dots are resolved', host: 'paths.test', path: '/x/../aaa/./y', http: 'short' },
  { rule: 'PATH-3 UTF-8 is compared as bytes', host: 'paths.test', path: '/gr%C3%BCn/x', http: 'utf8' },
  { rule: 'PATH-4 Exact before Prefix', host: 'paths.test', path: '/aaa/bbb', http: 'exact' },
  { rule: 'PATH-4 the longest prefix', host: 'paths.test', path: '/aaa/bbb/c', http: 'long' },
  { rule: 'PATH-4 Exact has no slash', host: 'paths.test', path: '/aaa/bbb/', http: 'long' },
  { rule: 'SVC-5 no ready endpoint', host: 'paths.test', path: '/empty', http: 503 },
  { rule: 'SVC-5 no such Service', host: 'paths.test', path: '/gone/x', http: 503 },
  { rule: 'HOST-2 case and port do not count', host: 'PATHS.test:8080', path: '/aaa', http: 'short' },
  { rule: 'HOST-2 the final dot does not count', host: 'paths.test.', path: '/aaa', http: 'short' },
  { rule: 'HOST-2 exact before wildcard', host: 'named.wild.test', path: '/only', http: 'exact' },
  { rule: 'HOST-3 one label', host: 'a.wild.test', path: '/', http: 'wild' },
  { rule: 'HOST-3 not two labels', host: 'a.b.wild.test', path: '/', http: 404 },
  { rule: 'HOST-3 not none', host: 'wild.test', path: '/', http: 404 },
  { rule: 'HOST-4 unknown path of a known host', host: 'named.wild.test', path: '/other', http: 404 },
  { rule: 'HOST-6 unknown host', host: 'nobody.test', path: '/', http: 404 },
  { rule: 'DEF-3 the default backend of the Ingress', host: 'default.test', path: '/other', http: 'fallback' },
  { rule: 'DEF-4 health of the default server', host: 'nobody.test', path: '/healthz', http: 200 },
  {
    rule: 'HTTPS-1 redirect of a host with TLS',
    host: 'secure.test',
    path: '/a?b=c',
    http: [308, 'https://secure.test/a?b=c'],
    https: 'secure',
  },
  {
    rule: 'SSL-4 one final slash goes',
    host: 'secure.test',
    path: '/',
    http: [308, 'https://secure.test'],
    https: 'secure',
  },
  {
    rule: 'CERT-2 the redirect stays without a Secret',
    host: 'missing.test',
    path: '/a',
    http: [308, 'https://missing.test/a'],
    https: 'root',
  },
  { rule: 'CERT-4 no TLS section: HTTPS without redirect', host: 'paths.test', path: '/aaa/z', http: 'short' },
  {
    rule: 'CERT-6 below a wildcard with TLS',
    host: 'plain.stars.test',
    path: '/a',
    http: [308, 'https://plain.stars.test/a'],
    https: 'root',
  },
]

const ways = (['http', 'https'] as const).flatMap((scheme) => ([1, 2] as const).map((version) => ({ scheme, version })))

let program: Program
let translation: Translation
const backends: TestBackend[] = []

beforeAll(async () => {
  program = await createProgram()
  for (const name of services) backends.push(await startTestBackend(name))
  writeObjects(program.manifests, 'all', objects(new Map(backends.map(({ name, port }) => [name, port]))))
  const read = await readFolder({ folder: program.manifests, endpoints: [], log: () => undefined })
  if (!read.ok) throw new Error(read.message)
  const { certificate, key } = createSelfSigned({
    commonName: 'x',
    organization: 'x',
    names: [],
    days: 1,
    now: Date.now(),
  })
  translation = translate(read.snapshot, defaultTranslateOptions, {
    fallbackCertificate: { chain: certificate, key },
    now: Date.now(),
  })
  await program.start()
})

afterAll(async () => {
  await program.remove()
  for (const backend of backends) backend.close()
})

describe.each(ways)('over $scheme, HTTP/$version', (way) => {
  test.each(rows)('$rule: $host$path', async ({ host, path, http, https }) => {
    const wanted = way.scheme === 'https' ? (https ?? http) : http
    const reply = await ask(way, program, host, path)
    if (typeof wanted === 'string') expect(reply).toMatchObject({ status: 200, body: wanted })
    else if (typeof wanted === 'number') expect(reply.status).toBe(wanted)
    else expect([reply.status, reply.location]).toEqual(wanted)
  })
})

describe.each(['http', 'https'] as const)('explained, %s', (scheme) => {
  test.each(rows)('$rule: $host$path', ({ host, path, http, https }) => {
    const wanted = scheme === 'https' ? (https ?? http) : http
    const { outcome } = explain(translation, { scheme, host, target: path }, true)
    if (typeof wanted === 'string') expect(outcome).toMatchObject({ kind: 'proxy', backend: `test/${wanted}/80` })
    else if (typeof wanted === 'number') expect(outcome).toMatchObject({ kind: 'answer', status: wanted })
    else expect(outcome).toEqual({ kind: 'redirect', status: wanted[0], location: wanted[1] })
  })
})

test.each([
  ['CERT-1 the Secret of the host', 'secure.test', 'DNS:secure.test'],
  ['CERT-5 upper case', 'SECURE.test', 'DNS:secure.test'],
  ['CERT-5 the wildcard', 'any.stars.test', 'DNS:*.stars.test'],
  ['CERT-6 a host below a wildcard', 'plain.stars.test', 'DNS:*.stars.test'],
  ['CERT-2 a missing Secret', 'missing.test', 'DNS:ingress.local'],
  ['CERT-4 no TLS section', 'paths.test', 'DNS:ingress.local'],
  ['CERT-5 an unknown name', 'nobody.test', 'DNS:ingress.local'],
])('%s: %s', async (_, name, wanted) => {
  expect(await certificateNames(program.https, name)).toBe(wanted)
})
