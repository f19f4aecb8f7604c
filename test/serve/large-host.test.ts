import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from './backends.js'
import { get } from './clients.js'
import { writeOneApp } from './one-app.js'
import { createProgram, until, type Program } from './program.js'

let program: Program
let backend: TestBackend

beforeAll(async () => {
  program = await createProgram()
  backend = await startTestBackend('one')
})

afterAll(async () => {
  await program.remove()
  backend.close()
})

/** An Ingress of a host with 30,000 paths: 6 MB in the table. */
function manyPaths(part: number): object {
  const paths = Array.from({ length: 30_000 }, (_, i) => ({
    path: `/part-${part}/path-${i}`,
    pathType: 'Exact',
    backend: { service: { name: 'app', port: { number: 80 } } },
  }))
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: `part-${part}`, namespace: 'test' },
    spec: { ingressClassName: 'nginx', rules: [{ host: 'large.test', http: { paths } }] },
  }
}

test('a host that is too large for the table holds nothing up: ready, the others served, and itself once it is smaller', {
  timeout: 120_000,
}, async () => {
  const parts = [0, 1, 2, 3, 4].map((part) => join(program.manifests, `part-${part}.json`))
  for (const [part, file] of parts.entries()) writeFileSync(file, JSON.stringify(manyPaths(part)))
  writeOneApp(program, backend)
  await program.start()
  await until(() => Promise.resolve(program.log().includes('[table/document-too-large]')), 20_000)
  expect(program.log()).toContain('Host large.test: What NGINX needs to know of it has ')
  expect((await get(program.http, 'app.test', '/')).status).toBe(200)
  expect((await get(program.http, 'large.test', '/part-0/path-7')).status).toBe(404)

  for (const file of parts.slice(2)) rmSync(file)
  await until(async () => (await get(program.http, 'large.test', '/part-1/path-29999')).status === 200, 60_000)
  expect((await get(program.http, 'app.test', '/')).status).toBe(200)
})
