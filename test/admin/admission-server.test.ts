import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startAdmissionServer } from '../../src/admin/admission-server.js'
import { answerReview } from '../../src/controller/admission/admission-review.js'
import type { Verdict } from '../../src/controller/admission/review.js'
import { until } from '../serve/program.js'
import { createAuthority } from '../support/certificates.js'

const authority = createAuthority('webhook')
let folder: string
let port: number
let verdict: Verdict
let close: () => void
const said: string[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-webhook-'))
  verdict = { denial: undefined, warnings: [] }
  said.length = 0
  writePair('first.test')
  const server = await startAdmissionServer({ ...files(), address: '127.0.0.1:0', answer, log })
  if (!server.ok) throw new Error(server.message)
  ;({ port, close } = server)
})

afterEach(() => {
  close()
  rmSync(folder, { recursive: true })
})

const files = () => ({ certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') })
const log = (_: string, message: string): void => void said.push(message)
const answer = (body: string) => answerReview(body, () => verdict)

/** By rename, as the files of a mounted Secret change. */
function writePair(name: string): void {
  const leaf = authority.issue({ names: [name, '127.0.0.1'] })
  for (const [file, text] of [
    [files().certificate, leaf.chain],
    [files().key, leaf.key],
  ] as const) {
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }
}

interface Reply {
  readonly status: number
  readonly body: string
}

function post(body: string | Buffer, path = '/networking/v1/ingresses'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method: 'POST', ca: authority.certificate, agent: false as const }
    const call = request({ ...options, servername: 'first.test', checkServerIdentity: () => undefined }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
    })
    call.on('error', reject)
    call.end(body)
  })
}

/** A body that does not come to its end. */
function beginLong(bytes: number): { readonly status: Promise<number>; end(): void } {
  const call = request({ host: '127.0.0.1', port, method: 'POST', agent: false, rejectUnauthorized: false })
  const status = new Promise<number>((resolve) => {
    call.on('response', (response) => resolve(response.resume().statusCode ?? 0))
  })
  call.on('error', () => undefined)
  call.write(Buffer.alloc(bytes, ' '))
  return { status, end: () => call.destroy() }
}

const INGRESS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { namespace: 'test', name: 'shop', uid: '0f8b1e5c-1d5e-4a5f-9a53-3f7f0b1c2d3e' },
  spec: { rules: [{ host: 'a.test' }] },
}

function reviewOf(object: unknown, kind: object = {}): string {
  const asked = { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress', ...kind }
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u1', kind: asked, operation: 'CREATE', object },
  })
}

describe('ADM-1', () => {
  test('an admitted Ingress, on any path', async () => {
    for (const path of ['/', '/networking/v1/ingresses', '/x?timeout=10s']) {
      const { status, body } = await post(reviewOf(INGRESS), path)
      expect(status).toBe(200)
      expect(JSON.parse(body)).toEqual({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: 'u1', allowed: true },
      })
    }
  })

  test('ADM-2: a denied Ingress has code 400, reason BadRequest and the message', async () => {
    verdict = { denial: 'spec.rules[0].host: no', warnings: [] }
    const { body } = await post(reviewOf(INGRESS))
    expect(JSON.parse(body).response).toEqual({
      uid: 'u1',
      allowed: false,
      status: { status: 'Failure', code: 400, reason: 'BadRequest', message: 'spec.rules[0].host: no' },
    })
  })

  test('ADM-3: warnings are passed on, no more than the API server takes', async () => {
    verdict = { denial: undefined, warnings: ['first', ...Array.from({ length: 100 }, () => 'w'.repeat(300))] }
    const { warnings } = JSON.parse((await post(reviewOf(INGRESS))).body).response as { warnings: string[] }
    expect(warnings[0]).toBe('first')
    expect(warnings.join('').length).toBeLessThanOrEqual(4096)
    expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThanOrEqual(256)
  })

  test('an Ingress with a field of the wrong type is denied', async () => {
    const { body } = await post(reviewOf({ ...INGRESS, spec: { rules: 'x' } }))
    expect(JSON.parse(body).response).toMatchObject({
      allowed: false,
      status: { message: expect.stringContaining('spec.rules') },
    })
  })

  test.each([
    ['no JSON', 'x', 400],
    ['JSON without a request', '{}', 400],
    ['another kind', reviewOf(INGRESS, { kind: 'Service', group: '' }), 500],
    ['another version of Ingress', reviewOf(INGRESS, { version: 'v1beta1' }), 500],
    [
      'another version of AdmissionReview',
      reviewOf(INGRESS).replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1'),
      500,
    ],
    ['9 MiB', Buffer.alloc(9 * 1024 * 1024, ' '), 413],
  ])('%s', async (_, body, expected) => {
    expect((await post(body)).status).toBe(expected)
  })

  test('of many long bodies at a time the longest is refused, and a short one is answered', async () => {
    const long = Array.from({ length: 9 }, () => beginLong(8 * 1024 * 1024))
    try {
      expect(await Promise.race(long.map(({ status }) => status))).toBe(503)
      expect((await post(reviewOf(INGRESS))).status).toBe(200)
    } finally {
      for (const { end } of long) end()
    }
  })

  test('TLS 1.1 is refused', async () => {
    const outcome = await new Promise((resolve) => {
      const socket = connect({
        host: '127.0.0.1',
        port,
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      })
      socket.on('secureConnect', () => resolve('connected'))
      socket.on('error', () => resolve('refused'))
    })
    expect(outcome).toBe('refused')
  })

  test('a renewed certificate is served without a restart, and a broken one leaves the last in force', async () => {
    writePair('second.test')
    await until(async () => (await servedName()) === 'second.test', 20_000)
    writeFileSync(files().certificate, 'nonsense')
    await until(async () => said.some((line) => line.includes('cannot be used')), 20_000)
    expect(await servedName()).toBe('second.test')
  })
})

function servedName(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      const { CN } = socket.getPeerCertificate().subject
      socket.end()
      resolve(CN)
    })
    socket.on('error', reject)
  })
}

test('a start that cannot succeed says what to do', async () => {
  const options = { ...files(), answer, log }
  expect(await startAdmissionServer({ ...options, address: 'nonsense' })).toMatchObject({
    message: expect.stringContaining('is not host:port'),
    later: false,
  })
  expect(await startAdmissionServer({ ...options, address: `127.0.0.1:${port}` })).toMatchObject({
    message: expect.stringContaining('EADDRINUSE'),
  })
  expect(await startAdmissionServer({ ...options, address: ':0', key: join(folder, 'none') })).toMatchObject({
    message: expect.stringContaining('--validating-webhook-key'),
    later: true,
  })
})
