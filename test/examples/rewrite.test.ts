import { execFile } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { escapePath } from '../../src/request/escape.js'
import { ask } from '../routing/clients.js'
import { sendRaw } from '../serve/clients.js'
import { slice, writeObjects } from '../serve/manifests.js'
import { enginesForTests } from '../support/engine.js'
import { createProgram, until, type Program } from '../serve/program.js'
import { startEcho, type Echo } from './echo.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** A body, a status, or a status with where a redirect leads. */
type Wanted = string | number | readonly [status: number, location: string]

interface Row {
  readonly fact: string
  readonly url: string
  readonly wanted: Wanted
}

const rows: readonly Row[] = [
  {
    fact: 'RW-1 what stands behind',
    url: 'http://shop.example.com/api/v1/items?q=1',
    wanted: 'api /v1/items?q=1 prefix /api',
  },
  { fact: 'RW-1 nothing stands behind', url: 'http://shop.example.com/api', wanted: 'api / prefix /api' },
  { fact: 'PATH-5 in any case', url: 'http://shop.example.com/API/x', wanted: 'api /x prefix /api' },
  {
    fact: 'PATH-3 decoded, and escaped again',
    url: 'http://shop.example.com/api/a%20b%2Fc//d/../%C3%A4',
    wanted: 'api /a%20b/c/%C3%A4 prefix /api',
  },
  { fact: 'PATH-5 no end', url: 'http://shop.example.com/shopping', wanted: 'pages /shopping' },
  {
    fact: 'PATH-8 as it came where nothing is rewritten',
    url: 'http://shop.example.com/shop/%7Ea//b',
    wanted: 'pages /shop/%7Ea//b',
  },
  { fact: 'PATH-5 no match is the default backend', url: 'http://shop.example.com/other', wanted: 404 },
  {
    fact: 'RW-5 the root of the host',
    url: 'http://shop.example.com/?q',
    wanted: [302, 'http://shop.example.com/shop'],
  },
  { fact: 'RW-5 over HTTPS', url: 'https://shop.example.com/', wanted: [302, 'https://shop.example.com/shop'] },
  { fact: 'PATH-7 a regular expression', url: 'https://docs.example.com/v12/guide', wanted: 'docs /v12/guide' },
  { fact: 'PATH-7 not by it', url: 'https://docs.example.com/vx/guide', wanted: 404 },
  {
    fact: 'SSL-2 without a certificate',
    url: 'http://docs.example.com/v1/?a=b',
    wanted: [308, 'https://docs.example.com/v1/?a=b'],
  },
]

const example = join(repository, 'examples/rewrite')
const echoes: Echo[] = []

beforeAll(async () => {
  for (const name of ['api', 'pages', 'docs']) echoes.push(await startEcho(name))
})

afterAll(() => {
  for (const echo of echoes) echo.close()
})

/** A program with the example and endpoints for its Services; not started. */
async function createExample(): Promise<Program> {
  const program = await createProgram()
  cpSync(example, program.manifests, { recursive: true })
  const slices = echoes.map(({ name, port }) => inDemo(slice(name, [port])))
  writeObjects(program.manifests, 'endpoints', slices)
  return program
}

describe.each(await enginesForTests())('examples/rewrite through NGINX $version', ({ binary }) => {
  let program: Program

  beforeAll(async () => {
    program = await createExample()
    await program.start(undefined, ['--nginx', binary])
  })

  afterAll(() => program.remove())

  describe.each([1, 2] as const)('HTTP/%s', (version) => {
    test.each(rows)('$fact: $url', async ({ url, wanted }) => {
      const { scheme, host, target } = parse(url)
      const reply = await ask({ scheme, version }, program, host, target)
      if (typeof wanted === 'string') expect([reply.status, reply.body]).toEqual([200, wanted])
      else if (typeof wanted === 'number') expect(reply.status).toBe(wanted)
      else expect([reply.status, reply.location]).toEqual(wanted)
    })
  })

  test('every byte of a rewritten path is escaped as the shared code says, so that no CR, LF or NUL leaves (RW-1)', async () => {
    writeObjects(program.manifests, 'bytes', [wholePath('bytes', {})])
    const bodyOf = async (target: string): Promise<string> =>
      (await ask({ scheme: 'http', version: 1 }, program, 'bytes.example.com', target)).body
    await until(async () => (await bodyOf('/x')) === 'api /x', 20_000)
    const bytes = Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1)).filter((byte) => byte !== '/')
    const encoded = bytes.map((byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
    const bodies = await Promise.all(encoded.map((one) => bodyOf(`/a${one}b`)))
    expect(bodies).toEqual(bytes.map((byte) => `api /a${escapePath(byte)}b`))
    expect(await sendRaw(program.http, 'GET /a%00b HTTP/1.1\r\nHost: bytes.example.com\r\n\r\n')).toBe(
      'HTTP/1.1 400 Bad Request',
    )
  })

  test('a rewritten path reaches the backend from a named location as well (RW-1)', async () => {
    writeObjects(program.manifests, 'held', [wholePath('held', { 'limit-connections': '100' })])
    const bodyOf = async (target: string): Promise<string> =>
      (await ask({ scheme: 'http', version: 1 }, program, 'held.example.com', target)).body
    await until(async () => (await bodyOf('/a%2Fb//c%20?d=%20')) === 'api /a/b/c%20?d=%20', 20_000)
  })

  test('a change of a rewrite reloads nothing', () => {
    expect(program.generation()).toBe(1)
  })
})

describe('explained', () => {
  let program: Program

  beforeAll(async () => {
    program = await createExample()
  })

  afterAll(() => program.remove())

  test.each(rows)('$fact: $url', async ({ url, wanted }) => {
    const { stdout } = await fairlead('explain', url, '--manifests', program.manifests, '--json')
    const { outcome, unsure } = JSON.parse(stdout) as { outcome: Record<string, unknown>; unsure?: string } // our own
    expect(unsure).toBeUndefined()
    if (typeof wanted === 'number') expect(outcome).toMatchObject({ kind: 'answer', status: wanted })
    else if (typeof wanted !== 'string')
      expect(outcome).toEqual({ kind: 'redirect', status: wanted[0], location: wanted[1] })
    else {
      const [service = '', target = ''] = wanted.split(' ')
      expect(outcome).toMatchObject({ kind: 'proxy', backend: `demo/${service}/80` })
      // Where nothing is rewritten the backend gets the target as it came.
      expect(outcome['target'] ?? parse(url).target).toBe(target)
    }
  })

  test('in words: pattern, groups and rewritten URI', async () => {
    const url = 'http://shop.example.com/api/v1?x'
    const { stdout } = await fairlead('explain', url, '--manifests', program.manifests)
    expect(stdout).toMatch(/pattern +\^\/api\(\/\|\$\)\(\.\*\) \(any case\)/)
    expect(stdout).toMatch(/groups +matched "\/api\/v1", \$1 "\/", \$2 "v1"/)
    expect(stdout).toMatch(/rewritten +\/v1\?x/)
  })

  test('without an engine it says that it cannot be sure, and check says which paths nobody could try', async () => {
    const nowhere = {
      FAIRLEAD_ENGINE_DIR: join(program.folder, 'nothing'),
      FAIRLEAD_NGINX: join(program.folder, 'nginx'),
    }
    const url = 'http://shop.example.com/api/x'
    const { stdout } = await fairlead('explain', url, '--manifests', program.manifests, nowhere)
    expect(stdout).toMatch(/^cannot be sure\n.*no engine was there to match them/)
    const { stdout: said } = await fairlead('check', program.manifests, nowhere)
    expect(said).toContain('No NGINX was there to try the regular expression "/api(/|$)(.*)"')
    expect(said).toContain('0 errors')
  })
})

/** An Ingress of a host of its own, whose backend gets the path as NGINX understood it. */
function wholePath(name: string, annotations: Readonly<Record<string, string>>): object {
  const all = { 'rewrite-target': '/$1', ...annotations }
  const backend = { service: { name: 'api', port: { number: 80 } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'demo',
      annotations: Object.fromEntries(
        Object.entries(all).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
      ),
    },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host: `${name}.example.com`,
          http: { paths: [{ path: '/((?s).*)', pathType: 'ImplementationSpecific', backend }] },
        },
      ],
    },
  }
}

function parse(url: string): { scheme: 'http' | 'https'; host: string; target: string } {
  const { protocol, host } = new URL(url)
  return { scheme: protocol === 'https:' ? 'https' : 'http', host, target: url.slice(url.indexOf(host) + host.length) }
}

function fairlead(
  ...args: readonly (string | Readonly<Record<string, string>>)[]
): Promise<{ stdout: string; stderr: string }> {
  const words = args.filter((one) => typeof one === 'string')
  const environment = Object.assign({ NO_COLOR: '1' }, ...args.filter((one) => typeof one !== 'string'))
  return promisify(execFile)(process.execPath, [join(repository, 'bin/fairlead'), ...words], {
    env: { ...process.env, ...environment },
  })
}

function inDemo(object: object): object {
  return { ...object, metadata: { ...('metadata' in object ? (object.metadata as object) : {}), namespace: 'demo' } }
}
