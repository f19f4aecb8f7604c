import { readFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { annotated, service, slice, writeObjects } from './manifests.js'
import { createProgram, until, type Program } from './program.js'

const BCRYPT_OF_SECRET = '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'

describe.each(await enginesForTests())('logins through NGINX $version', (engine) => {
  let program: Program
  let backend: TestBackend

  beforeEach(async () => {
    program = await createProgram()
    backend = await startTestBackend('one')
    writeObjects(program.manifests, 'app', [
      annotated('app', 'app.test', 'app', {
        'auth-type': 'basic',
        'auth-secret': 'users',
        'auth-realm': 'Members only',
      }),
      service('app'),
      slice('app', [backend.port]),
    ])
  })

  afterEach(async () => {
    await program.remove()
    backend.close()
  })

  function writeUsers(auth: string): void {
    const metadata = { name: 'users', namespace: 'test' }
    writeObjects(program.manifests, 'users', [{ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { auth } }])
  }

  const status = (user: string, password: string): Promise<number> => askStatus(program.http, `${user}:${password}`)

  test('BAS-2 BAS-10 GEN-19: a Secret comes, changes and goes; its users with it, the Ingress stays, nothing is reloaded', async () => {
    await program.start(undefined, ['--nginx', engine.binary])
    expect(await status('ann', 'secret')).toBe(503)

    writeUsers(`ann:${BCRYPT_OF_SECRET}\nbob:{PLAIN}one`)
    await until(async () => (await status('ann', 'secret')) === 200, 20_000)
    expect([await status('bob', 'one'), await status('bob', 'two'), await status('eve', 'one')]).toEqual([
      200, 401, 401,
    ])

    writeUsers(`ann:{PLAIN}new\nbob:{PLAIN}two\neve:{PLAIN}one`)
    await until(async () => (await status('ann', 'secret')) === 401, 20_000)
    expect([await status('ann', 'new'), await status('bob', 'one'), await status('bob', 'two')]).toEqual([
      200, 401, 200,
    ])
    expect(await status('eve', 'one')).toBe(200)

    // What was right before is right again: it was only remembered for its hash.
    writeUsers(`ann:${BCRYPT_OF_SECRET}`)
    await until(async () => (await status('ann', 'secret')) === 200, 20_000)
    expect([await status('ann', 'new'), await status('bob', 'two')]).toEqual([401, 401])

    unlinkSync(join(program.manifests, 'users.json'))
    await until(async () => (await status('ann', 'secret')) === 503, 20_000)
    expect(program.generation()).toBe(1)
    expect(readFileSync(join(program.state, 'log', 'error.log'), 'utf8')).not.toContain('no thread can make them')
  })
})

function askStatus(port: number, credentials: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
    const asked = request(
      { host: '127.0.0.1', port, agent: false, headers: { host: 'app.test', authorization } },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}
