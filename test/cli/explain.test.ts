import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { annotated, ingress, secret, service, slice, writeObjects } from '../serve/manifests.js'
import { createAuthority } from '../support/certificates.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
const notAfter = Date.UTC(2046, 0, 31)

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-explain-'))
  const leaf = createAuthority('explain').issue({ names: ['shop.test'], notAfter })
  writeObjects(folder, 'all', [
    ingress('shop', 'shop.test', 'hashed', 'leaf'),
    secret('leaf', leaf.chain, leaf.key),
    annotated('all', 'all.test', 'own', {
      'use-regex': 'true',
      'rewrite-target': '/v2/$1',
      'limit-rps': '5',
      'limit-connections': '2',
      'auth-url': 'http://10.0.0.9/auth',
      'upstream-hash-by': '$arg_user',
      'proxy-read-timeout': 'soon',
      'enable-influxdb': 'true',
      'proxy-send-timeout': '7',
    }),
    annotated('main', 'canary.test', 'shop', {}),
    annotated('canary', 'canary.test', 'next', {
      canary: 'true',
      'canary-weight': '30',
      'canary-by-header': 'X-Canary',
    }),
    service('shop'),
    slice('shop', [8001]),
    service('hashed'),
    slice('hashed', [8003]),
    service('own'),
    slice('own', [8004]),
    service('next'),
    slice('next', [8002]),
  ])
})

afterAll(() => rmSync(folder, { recursive: true }))

interface Outcome {
  readonly code: number
  readonly out: string
  readonly error: string
}

function explain(words: readonly string[], input = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1' }
    const all = [bin, 'explain', ...words, '--manifests', folder]
    const child = execFile(process.execPath, all, { env }, (cause, out, error) =>
      resolve({ code: cause === null ? 0 : Number(cause.code), out: out.replaceAll(folder, 'FOLDER'), error }),
    )
    child.stdin?.end(input)
  })
}

const ACK =
  '192.0.2.7 - [192.0.2.7] - - [26/Nov/2026:22:00:00 +0000] "GET /cart?a=1 HTTP/1.1" 200 3 "-" "curl/8" 72 0.001 [test-shop-80] 10.0.0.1:80 3 0.001 200 0123456789abcdef shop.test []'

test.each([
  ['TLS: which certificate, and until when', 'https://shop.test/cart', []],
  ['TLS without a certificate of its own', 'https://all.test/x?user=ann', []],
  ['a weight draws', 'http://canary.test/', []],
  ['a header decides', 'http://canary.test/', ['--header', 'X-Canary: always']],
])('%s', async (fact, url, words) => {
  const { code, out } = await explain([url, ...words])
  expect(code).toBe(0)
  await expect(out).toMatchFileSnapshot(`explain/${fact.replaceAll(/\W+/g, '-').toLowerCase()}.txt`)
})

test('a line of the access log says its request itself, from an argument or from standard input', async () => {
  const { out } = await explain(['--log-line', ACK])
  expect(out).toContain('goes to Service test/hashed/80')
  expect(out).toMatch(/^uri +\/cart\?a=1$/m)
  expect((await explain(['--log-line', '-'], `${ACK}\nanother\n`)).out).toBe(out)
  const { record } = JSON.parse((await explain(['--log-line', ACK, '--json'])).out) as { readonly record: object } // printed by us
  expect(record).toMatchObject({ host: 'shop.test', uri: '/cart?a=1', status: 200, requestId: '0123456789abcdef' })
})

test('what a client asked for reaches the terminal as text: neither controls, those of 8 bits too, nor another direction', async () => {
  const hostile = ACK.replace('/cart?a=1', '/%1B%5B31m%C2%9B31m%E2%80%AE')
  for (const more of [[], ['--json']]) {
    const { out } = await explain(['--log-line', hostile, ...more])
    expect(out).toContain('31m')
    expect(out).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
  }
})

test('a line of another format needs it, and one without a host needs that', async () => {
  const line = '{"r":"GET /cart HTTP/1.1","s":200}'
  expect(await explain(['--log-line', line])).toMatchObject({
    code: 2,
    error: expect.stringContaining('of no format that is known') as unknown,
  })
  const format = ['--log-format', '{"r":"$request","s":$status}']
  expect((await explain(['--log-line', line, ...format])).out).toContain('The line has no host')
  expect((await explain(['--log-line', line, ...format, '--host', 'shop.test'])).out).toContain(
    'goes to Service test/hashed/80',
  )
})
