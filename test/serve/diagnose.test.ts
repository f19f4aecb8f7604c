import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { annotated, ingress, secret, service, slice, writeObjects } from './manifests.js'
import { createProgram, isAlive, type Program, until } from './program.js'
import { freePorts } from '../support/ports.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
const PATIENCE = 60_000

/** As people choose them, and as programs make them. */
const secrets = {
  password: `Hunter-${randomBytes(6).toString('hex')}`,
  urlPassword: `urlpass${randomBytes(6).toString('hex')}`,
  queryToken: randomBytes(18).toString('base64url'),
  bearer: `eyJ${randomBytes(24).toString('base64url')}.${randomBytes(24).toString('base64url')}`,
  cookie: randomBytes(16).toString('hex'),
  backendHeader: `Basic ${randomBytes(12).toString('base64')}`,
  answerHeader: randomBytes(15).toString('base64'),
  invalidValue: `s3cr3t${randomBytes(6).toString('hex')}`,
  ticketKey: randomBytes(48).toString('base64'),
  logLiteral: `lit${randomBytes(8).toString('hex')}`,
  skippedUrl: `skip${randomBytes(8).toString('hex')}`,
  plainSecret: randomBytes(20).toString('hex'),
  digits: String(4_000_000_000 + randomBytes(3).readUIntBE(0, 3)),
}
const leaf = createAuthority('diagnose').issue({ names: ['secure.test'] })
const sha = (text: string): string => `{SHA}${createHash('sha1').update(text).digest('base64')}`

let program: Program
let backend: TestBackend
let admin = 0

beforeAll(async () => {
  program = await createProgram()
  backend = await startTestBackend('app')
  const [closed = 0, port = 0] = await freePorts(2)
  admin = port
  const auth = `http://user:${secrets.urlPassword}@127.0.0.1:${backend.port}/auth?key=${secrets.queryToken}`
  const config = (name: string, namespace: string, data: Readonly<Record<string, string>>) => {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
  }
  const hidden = (name: string, data: Readonly<Record<string, string>>) => {
    return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'test' }, stringData: data }
  }
  writeObjects(program.manifests, 'all', [
    ingress('secure', 'secure.test', 'app', 'leaf'),
    secret('leaf', leaf.chain, leaf.key),
    annotated('login', 'login.test', 'app', {
      'auth-type': 'basic',
      'auth-secret': 'users',
      'auth-realm': `Realm ${secrets.digits}`,
    }),
    hidden('users', { auth: `ann:${sha(secrets.password)}\n` }),
    hidden('other', { token: secrets.plainSecret }),
    annotated('asked', 'asked.test', 'app', { 'auth-url': auth.replace(/user:.*@/, ''), 'auth-signin': `${auth}&in` }),
    annotated('named', 'named.test', 'app', { 'auth-url': auth }),
    annotated('sticky', 'sticky.test', 'app', {
      affinity: 'cookie',
      'session-cookie-name': 'route',
      'custom-headers': 'test/answers',
      'mirror-targets': `http://127.0.0.1:${backend.port}/?t=${secrets.queryToken}`,
    }),
    annotated('copied', 'copied.test', 'app', {
      'mirror-target': `http://m:${secrets.urlPassword}@127.0.0.1:${backend.port}/?t=${secrets.queryToken}`,
    }),
    annotated('wrong', 'wrong.test', 'app', {
      'proxy-read-timeout': secrets.invalidValue,
      'auth-url': `nothing ${secrets.invalidValue}`,
    }),
    ingress('gone', 'gone.test', 'gone'),
    service('app'),
    slice('app', [backend.port]),
    service('gone'),
    slice('gone', [closed]),
    config('answers', 'test', { 'X-Answer': secrets.answerHeader }),
    config('backends', 'test', { Authorization: secrets.backendHeader }),
    config('ingress-nginx-controller', 'ingress-nginx', {
      'proxy-set-headers': 'test/backends',
      'add-headers': 'test/answers',
      'global-allowed-response-headers': 'X-Answer',
      'ssl-session-tickets': 'true',
      'ssl-session-ticket-key': secrets.ticketKey,
      'log-format-upstream': `${secrets.logLiteral} $remote_addr "$request" $status`,
      'skip-access-log-urls': `/x?key=${secrets.skippedUrl}`,
      'error-log-level': 'info',
      'keep-alive': secrets.invalidValue,
    }),
  ])
  await program.start(undefined, ['--admin-port', String(admin), '--log-format', 'json'])
  await ask('login.test')
  await ask('asked.test')
  await until(async () => (await ask('gone.test')) === 502, PATIENCE)
  await until(() => Promise.resolve(read('log/error.log').includes('connect() failed')), PATIENCE)
  writeObjects(program.manifests, 'later', [ingress('later', 'later.test', 'app')])
  await until(async () => (await ask('later.test')) === 200, PATIENCE)
})

afterAll(async () => {
  await program?.remove()
  backend?.close()
})

const read = (name: string): string => readFileSync(join(program.state, name), 'utf8')

function ask(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      host,
      authorization: `Bearer ${secrets.bearer}`,
      cookie: `session=${secrets.cookie}`,
      referer: `http://other.test/?token=${secrets.queryToken}`,
      'x-api-key': secrets.digits,
    }
    const path = `/x?token=${secrets.queryToken}&code=${secrets.digits}`
    const asked = request({ host: '127.0.0.1', port: program.http, path, headers, agent: false }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
    })
    asked.on('error', reject)
    asked.end()
  })
}

interface Outcome {
  readonly code: number
  readonly out: Buffer
  readonly error: string
}

function diagnose(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { encoding: 'buffer', cwd: program.folder, maxBuffer: 1e8 } as const
    execFile(process.execPath, [bin, 'diagnose', ...args], options, (cause, out, error) =>
      resolve({ code: cause === null ? 0 : Number(cause.code), out, error: error.toString() }),
    )
  })
}

/** Members of an archive by name, unpacked by tar itself. */
async function unpack(archive: string): Promise<ReadonlyMap<string, string>> {
  const into = `${archive}.unpacked`
  mkdirSync(into)
  await new Promise<void>((resolve, reject) => {
    execFile('tar', ['-xzf', archive, '-C', into], (cause) => (cause === null ? resolve() : reject(cause)))
  })
  const [folder = ''] = readdirSync(into)
  return new Map(readdirSync(join(into, folder)).map((name) => [name, readFileSync(join(into, folder, name), 'utf8')]))
}

/** Each secret as it is, and as programs write it elsewhere. */
function forbidden(): readonly (readonly [what: string, text: string])[] {
  const token = read('private/admin.token').trim()
  const key = leaf.key.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'))
  const all: readonly (readonly [string, string])[] = [
    ...Object.entries(secrets),
    ...key.map((line, i) => [`line ${i} of the key`, line] as const),
    ['hash', sha(secrets.password).slice(5)],
    ['admin token', token],
    ['credentials', `user:${secrets.urlPassword}`],
  ]
  return all.flatMap(([name, text]) => [
    [name, text] as const,
    [`${name} in base64`, Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -2)] as const,
    [`${name} in hex`, Buffer.from(text).toString('hex')] as const,
    [`${name} for a URL`, encodeURIComponent(text)] as const,
    [`${name} in part`, text.slice(-12)] as const,
  ])
}

function secretsIn(files: ReadonlyMap<string, string>): readonly string[] {
  const found = [...files].flatMap(([file, text]) =>
    forbidden().flatMap(([what, piece]) =>
      text.toLowerCase().includes(piece.toLowerCase()) ? [`${file}: ${what}`] : [],
    ),
  )
  return found
}

const WHOLE = [
  'certificates.json',
  'configmaps.json',
  'controller.log',
  'error.log',
  'flags.txt',
  'metrics.txt',
  'nginx.conf',
  'problems.json',
  'status.json',
  'table.json',
  'timeline.txt',
  'versions.txt',
]

test('the archive of a running fairlead has what a bug report needs, and none of its secrets', async () => {
  const { code, error } = await diagnose('--state-dir', program.state, '--output', 'report.tar.gz')
  expect(error).toMatch(/wrote .*report\.tar\.gz \(\d+ bytes\)/)
  expect(code).toBe(0)
  const archive = join(program.folder, 'report.tar.gz')
  expect(statSync(archive).mode & 0o777).toBe(0o600)
  const files = await unpack(archive)
  expect([...files.keys()].sort()).toEqual(WHOLE)

  // They are where they could have come from.
  const raw = new Map([
    ['nginx.conf', read('private/nginx.conf')],
    ['error.log', read('log/error.log')],
    ['log', program.log()],
  ])
  const present = secretsIn(raw)
  for (const there of [
    'nginx.conf: backendHeader',
    'nginx.conf: logLiteral',
    'nginx.conf: skippedUrl',
    'error.log: queryToken',
    'error.log: digits',
    'log: invalidValue',
    'log: admin token',
  ])
    expect(present).toContain(there)
  expect(secretsIn(files)).toEqual([])

  const text = (name: string): string => files.get(name) ?? ''
  expect(text('versions.txt')).toMatch(/^fairlead \d.*\nengine (nginx|openresty) \d/)
  expect(text('flags.txt')).toContain(`adminPort: ${admin}\n`)
  expect(text('flags.txt')).toContain('manifests: (given)\n')
  expect(text('nginx.conf')).toMatch(/lua_shared_dict fairlead_table \d+m;/)
  expect(text('nginx.conf')).toContain('proxy_set_header Authorization …;')
  expect(text('nginx.conf')).toContain('proxy_set_header X-Real-IP $remote_addr;')
  expect(text('error.log')).toMatch(
    /\[error\] \d+#\d+: \*\d+ connect\(\) failed \(111: Connection refused\) while connecting to upstream, client: …, server: _, request: "GET … HTTP\/1\.1", upstream: "http:\/\/127\.0\.0\.1:\d+\/…", host: "gone\.test"/,
  )
  expect(text('controller.log')).toMatch(/ info ready after \d/)
  expect(text('controller.log')).toContain('auth-url')
  expect(text('metrics.txt')).toContain('fairlead_table_revision')
  expect(text('timeline.txt')).toMatch(/ push .*\n(?: {4}.*\n)*? {4}h:later\.test\n/)
  expect(text('configmaps.json')).toContain('"ssl-session-ticket-key"')
  expect(JSON.parse(text('status.json'))).toMatchObject({ ready: true, ingresses: 9 })
  expect(text('problems.json')).toContain('"code": "annotation/closed"')
  expect(text('certificates.json')).toContain('"test/leaf"')
  const table = JSON.parse(text('table.json')) as { readonly hosts: readonly object[]; readonly upstreams: object[] } // ours
  expect(table.hosts).toContainEqual(
    expect.objectContaining({ name: 'asked.test', root: expect.objectContaining({ to: 'test/app/80' }) as unknown }),
  )
  expect(table.upstreams).toContainEqual(
    expect.objectContaining({ key: 'test/app/80', endpoints: [`127.0.0.1:${backend.port}`] }),
  )
})

test('by the admin port there is the same, also to standard output; a wrong token has none', async () => {
  const url = `http://127.0.0.1:${admin}/`
  const { code, out } = await diagnose('--admin', url, '--output', '-', ...tokenFlags())
  expect(code).toBe(0)
  const archive = gunzipSync(out).toString('latin1')
  for (const name of WHOLE) expect(archive).toContain(`/${name}\0`)
  expect(secretsIn(new Map([['archive', archive]]))).toEqual([])

  const refused = await diagnose('--admin', `${url}#token=wrong-token-of-nobody`, '--output', 'none.tar.gz')
  expect(refused).toMatchObject({ code: 2, error: expect.stringContaining('does not accept the token') as unknown })
  expect(existsSync(join(program.folder, 'none.tar.gz'))).toBe(false)
})

const tokenFlags = (): readonly string[] => ['--admin-token-file', join(program.state, 'private', 'admin.token')]

test('what cannot be written leaves nothing behind; --help says what the exit codes mean', async () => {
  const { code, error } = await diagnose('--state-dir', program.state, '--output', 'missing/report.tar.gz')
  expect(code).toBe(2)
  expect(error).toContain('cannot be written')
  expect((await diagnose('--help')).out.toString()).toContain('Exit codes:')
})

test('of one whose controller is gone there is what its folder tells, and the exit code says so; of nobody there is nothing', async () => {
  const controller = program.controller()
  controller.kill('SIGKILL')
  await until(() => Promise.resolve(!isAlive(controller.pid ?? 0)), PATIENCE)
  const { code } = await diagnose('--state-dir', program.state, '--output', 'left.tar.gz')
  expect(code).toBe(1)
  const files = await unpack(join(program.folder, 'left.tar.gz'))
  expect([...files.keys()].sort()).toEqual(['error.log', 'nginx.conf', 'nginx.json', 'versions.txt'])
  expect(secretsIn(files)).toEqual([])
  expect(files.get('nginx.json')).toContain('"revision"')

  const empty = join(program.folder, 'empty')
  mkdirSync(empty)
  const nobody = await diagnose('--state-dir', empty, '--output', 'nobody.tar.gz')
  expect(nobody).toMatchObject({ code: 2, error: expect.stringContaining('nobody runs in') as unknown })
})
