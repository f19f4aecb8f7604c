import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { get } from './clients.js'
import { ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, until, type Program } from './program.js'

const body = 'x'.repeat(300 * 1024)
const backend = createServer((_, response) => response.end(body))
let program: Program

beforeAll(async () => {
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  program = await createProgram()
})

afterAll(async () => {
  await program.remove()
  backend.closeAllConnections()
  backend.close()
})

function write(annotations: Readonly<Record<string, string>>): void {
  const { port } = backend.address() as AddressInfo // it listens on TCP
  const slowed = ingress('app', 'app.test', 'app') as { metadata: object } // made by us
  const metadata = { ...slowed.metadata, annotations }
  writeObjects(program.manifests, 'app', [{ ...slowed, metadata }, service('app'), slice('app', [port])])
}

async function seconds(): Promise<number> {
  const begun = performance.now()
  expect((await get(program.http, 'app.test', '/')).body.length).toBe(body.length)
  return (performance.now() - begun) / 1000
}

test('LIM-5: a response is slowed down, from some of it on; the first use reloads nothing', async () => {
  write({})
  await program.start()
  // In the first second NGINX sends what two would bring.
  write({ 'nginx.ingress.kubernetes.io/limit-rate': '60' })
  await until(async () => (await seconds()) > 2, 40_000)
  const slow = await seconds()
  expect(slow).toBeGreaterThan(2)
  write({ 'nginx.ingress.kubernetes.io/limit-rate': '60', 'nginx.ingress.kubernetes.io/limit-rate-after': '1000' })
  await until(async () => (await seconds()) < slow - 1, 40_000)
  expect(program.generation()).toBe(1)
})
