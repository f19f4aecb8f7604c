import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from './backends.js'
import { get } from './clients.js'
import { ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, until, type Program } from './program.js'

let program: Program
let backend: TestBackend

beforeEach(async () => {
  program = await createProgram()
  backend = await startTestBackend('one')
})

afterEach(async () => {
  await program.remove()
  backend.close()
})

function write(annotations: Readonly<Record<string, string>>): void {
  const limited = ingress('app', 'app.test', 'app') as { metadata: object } // made by us
  const metadata = { ...limited.metadata, annotations }
  writeObjects(program.manifests, 'app', [{ ...limited, metadata }, service('app'), slice('app', [backend.port])])
}

function configure(data: Readonly<Record<string, string>>): void {
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' }
  writeObjects(program.manifests, 'config', [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }])
}

const status = async (): Promise<number> => (await get(program.http, 'app.test', '/')).status

test('LIM-2 LIM-4: limits come, change and go with their annotations, and the status with the ConfigMap; nothing is reloaded', async () => {
  write({ 'nginx.ingress.kubernetes.io/limit-rpm': '1', 'nginx.ingress.kubernetes.io/limit-burst-multiplier': '2' })
  await program.start()
  expect([await status(), await status(), await status(), await status()]).toEqual([200, 200, 200, 503])

  configure({ 'limit-req-status-code': '429' })
  await until(async () => (await status()) === 429, 20_000)

  write({
    'nginx.ingress.kubernetes.io/limit-rpm': '1',
    'nginx.ingress.kubernetes.io/limit-allowlist': '127.0.0.0/8, ::1',
  })
  await until(async () => (await status()) === 200, 20_000)
  for (let i = 0; i < 10; i++) expect(await status()).toBe(200)

  write({ 'nginx.ingress.kubernetes.io/limit-rpm': '1' })
  // The bucket is as full as before: one Ingress has one counter, whatever becomes of it.
  await until(async () => (await status()) === 429, 20_000)
  write({})
  await until(async () => (await status()) === 200, 20_000)
  expect(program.generation()).toBe(1)
})
