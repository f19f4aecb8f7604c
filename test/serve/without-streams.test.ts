import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchedPrefixes } from '../../src/apply/engine/find.js'
import { copyEngine } from '../support/copy-engine.js'
import type { TestBackend } from './backends.js'
import { startTestBackend } from './backends.js'
import { get } from './clients.js'
import { annotated, ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program } from './program.js'
import { freePort } from '../support/ports.js'
import { askTls } from './tls-clients.js'

let folder: string
let program: Program
let backend: TestBackend
let port = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-engine-'))
  const prefix = (await fetchedPrefixes(process.env))[0]
  if (prefix === undefined) throw new Error('This test needs a fetched NGINX; run make engine first.')
  copyEngine(prefix, folder, (module) => !module.includes('stream'))
  backend = await startTestBackend('app')
  program = await createProgram()
  const free = await freePort()
  port = free
  writeObjects(program.manifests, 'app', [
    ingress('app', 'app.test', 'app'),
    annotated('passed', 'passed.test', 'app', { 'ssl-passthrough': 'true' }),
    service('app'),
    slice('app', [backend.port]),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'tcp', namespace: 'test' },
      data: { [port]: 'test/app:80', [port + 1]: 'test/app:80' },
    },
  ])
  const flags = ['--enable-ssl-passthrough', '--tcp-services-configmap', 'test/tcp', '--nginx', folder]
  await program.start(undefined, flags)
}, 60_000)

afterAll(async () => {
  await program?.remove()
  backend?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('an NGINX without the stream module: one problem for each ConfigMap and for the flag; what they ask for is closed', async () => {
  const said = program.log().match(/\[stream\/engine-lacks\]/g)
  expect(said).toHaveLength(2)
  await expect(get(port, 'app.test', '/')).rejects.toThrow('ECONNREFUSED')
  expect(await askTls(program.https, { host: 'passed.test' })).toMatchObject({ status: 421 })
})

test('everything else is served', async () => {
  expect(await get(program.http, 'app.test', '/')).toMatchObject({ status: 200 })
  expect(await askTls(program.https, { host: 'app.test' })).toMatchObject({ status: 200 })
  expect(await get(program.http, 'passed.test', '/')).toMatchObject({ status: 200 })
})
