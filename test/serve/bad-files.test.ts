import { linkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.js'
import { get, sendRaw, servedCertificate } from './clients.js'
import { ingress, secret, writeObjects } from './manifests.js'
import { startOneApp, type OneApp } from './one-app.js'
import { until, type Program } from './program.js'

let app: OneApp
let program: Program

beforeAll(async () => {
  app = await startOneApp()
  program = app.program
})

afterAll(() => app.end())

const statusOf = async (host: string): Promise<number> => (await get(program.http, host, '/')).status
const isServed = async (host: string): Promise<boolean> => (await statusOf(host)) === 200
const logged = (text: string | RegExp): Promise<void> =>
  until(
    () => Promise.resolve(typeof text === 'string' ? program.log().includes(text) : text.test(program.log())),
    20_000,
  )

/** What worked goes on, and what comes after is served. */
async function expectAllWell(name: string): Promise<void> {
  writeObjects(program.manifests, name, [ingress(name, `${name}.test`, 'app')])
  await until(() => isServed(`${name}.test`), 20_000)
  expect(await statusOf('app.test')).toBe(200)
}

test('a broken certificate chain is served as it is, and said (CERT-2)', async () => {
  const { certificate, key } = createAuthority('one').issue({ names: ['chain.test'] })
  const stranger = createAuthority('other').certificate
  writeObjects(program.manifests, 'chain', [
    ingress('chain', 'chain.test', 'app', 'chain-tls'),
    secret('chain-tls', certificate + stranger, key),
  ])
  await logged('[tls/chain-broken]')
  const wanted = new X509Certificate(certificate).fingerprint256
  await until(async () => (await servedCertificate(program.https, 'chain.test')) === wanted, 20_000)
  await expectAllWell('after-chain')
})

test('20 MB of YAML: refused with the limit; what the file said before stays', async () => {
  const file = join(program.manifests, 'large.yaml')
  const small = JSON.stringify(ingress('large', 'large.test', 'app'))
  writeFileSync(file, small)
  await until(() => isServed('large.test'), 20_000)
  writeFileSync(file, `${small}\n---\n${'# twenty megabytes\n'.repeat(1_100_000)}`)
  await logged(/large\.yaml has 20\d{6} bytes; at most 16777216 .*\[file\/too-large\]/)
  expect(await statusOf('large.test')).toBe(200)
  await expectAllWell('after-large')
  rmSync(file)
  await until(async () => (await statusOf('large.test')) === 404, 20_000)
})

test.each([
  ['a loop of aliases', 'metadata: &a\n  name: *a\n', /loop-0\.yaml/],
  [
    'aliases that multiply',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]\n`)
      .join('')}`,
    /loop-1\.yaml/,
  ],
  ['YAML that is no mapping', '- just\n- a list\n', /loop-2\.yaml/],
  ['a mapping within a mapping, ten thousand times', '{a: '.repeat(10_000), /loop-3\.yaml/],
])('%s is a problem of its file', async (_, text, wanted) => {
  const [name = ''] = /loop-\d/.exec(wanted.source) ?? []
  writeFileSync(join(program.manifests, `${name}.yaml`), `apiVersion: v1\nkind: Service\n${text}`)
  await logged(wanted)
  await expectAllWell(`after-${name}`)
  rmSync(join(program.manifests, `${name}.yaml`))
})

test('a file that vanishes while it is read, and a link that leads nowhere, are no problem at all', async () => {
  symlinkSync(join(program.folder, 'nowhere.yaml'), join(program.manifests, 'dangling.yaml'))
  const before = program.log()
  const whole = join(program.folder, 'whole')
  writeFileSync(whole, JSON.stringify(ingress('fleeting', 'fleeting.test', 'app')))
  const fleeting = Array.from({ length: 20 }, (_, i) => join(program.manifests, `fleeting-${i}.json`))
  for (let round = 0; round < 100; round++) {
    // Linked, so that a file is never there in part.
    for (const file of fleeting) linkSync(whole, file)
    // Now here and there the reader is between its look at the folder and at the file.
    await sleep(round % 10)
    for (const file of fleeting) rmSync(file)
  }
  await expectAllWell('after-fleeting')
  await until(async () => (await statusOf('fleeting.test')) === 404, 20_000)
  expect(program.log().slice(before.length)).not.toMatch(/\[file\/|a pass failed|unhandled/)
})

const refused = 'HTTP/1.1 400 Bad Request'
const fromApp = 'HTTP/1.1 200 OK'

test.each([
  ["an encoded slash is the backend's to read", 'GET /a%2Fb HTTP/1.1\r\nHost: app.test\r\n\r\n', fromApp],
  ['encoded bytes that are not UTF-8', 'GET /%ff%c0%80 HTTP/1.1\r\nHost: app.test\r\n\r\n', fromApp],
  ['an absolute URI names the host', 'GET http://app.test/ HTTP/1.1\r\nHost: nobody.test\r\n\r\n', fromApp],
  [
    'an absolute URI of an unknown host',
    'GET http://nobody.test/ HTTP/1.1\r\nHost: app.test\r\n\r\n',
    'HTTP/1.1 404 Not Found',
  ],
  ['an encoded way out of the root', 'GET /%2e%2e/x HTTP/1.1\r\nHost: app.test\r\n\r\n', refused],
  ['an encoded zero byte', 'GET /a%00b HTTP/1.1\r\nHost: app.test\r\n\r\n', refused],
  ['a host with bytes that are not UTF-8', 'GET / HTTP/1.1\r\nHost: app\xff.test\r\n\r\n', refused],
  ['a host with a slash', 'GET / HTTP/1.1\r\nHost: app.test/x\r\n\r\n', refused],
  ['an empty host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', refused],
  [
    'chunked in another spelling',
    'POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: xchunked\r\n\r\n',
    'HTTP/1.1 501 Not Implemented',
  ],
  [
    'a header that ends in a blank before its colon',
    'POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length : 4\r\n\r\nabcd',
    refused,
  ],
  ['a length that is no number', 'POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: +4\r\n\r\nabcd', refused],
  ['chunks of HTTP/1.0', 'POST / HTTP/1.0\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', refused],
])('%s', async (_, bytes, wanted) => {
  expect(await sendRaw(program.http, bytes)).toBe(wanted)
})
