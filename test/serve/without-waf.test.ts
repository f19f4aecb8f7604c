import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../../src/apply/engine/engine.js'
import { fetchedPrefixes, inspectPrefix } from '../../src/apply/engine/find.js'
import { tryFirewall } from '../../src/apply/engine/firewall.js'
import { copyEngine } from '../support/copy-engine.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { get } from './clients.js'
import { annotated, ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'

const MODULE = 'ngx_http_modsecurity_module.so'

let folder: string
let prefix: string
let backend: TestBackend
const programs: Program[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-engine-'))
  const found = (await fetchedPrefixes(process.env))[0]
  if (found === undefined) throw new Error('This test needs a fetched NGINX; run make engine first.')
  prefix = found
  for (const name of ['without', 'broken']) {
    mkdirSync(join(folder, name))
    copyEngine(prefix, join(folder, name), (module) => module !== MODULE)
  }
  writeFileSync(join(folder, 'broken', 'usr/lib/nginx/modules', MODULE), 'no module')
  backend = await startTestBackend('app')
}, 60_000)

afterAll(async () => {
  for (const program of programs) await program.remove()
  backend?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function serve(...flags: readonly string[]): Promise<Program> {
  const program = await createProgram()
  programs.push(program)
  writeObjects(program.manifests, 'app', [
    ingress('app', 'app.test', 'app'),
    annotated('asking', 'asking.test', 'app', { 'enable-modsecurity': 'true' }),
    service('app'),
    slice('app', [backend.port]),
  ])
  await program.start(undefined, flags)
  return program
}

test.each(['without', 'broken'])(
  'MOD-1: an NGINX %s its module for ModSecurity closes the paths that ask for it and nothing else, and says how to get it',
  async (name) => {
    const program = await serve('--nginx', join(folder, name))
    expect(await get(program.http, 'asking.test', '/')).toMatchObject({ status: 503 })
    expect(await get(program.http, 'app.test', '/')).toEqual({ status: 200, body: 'app' })
    await until(() => Promise.resolve(program.log().includes('"make engine" fetches one')), 30_000)
  },
  60_000,
)

test('--allow-missing-waf serves them all the same', async () => {
  const program = await serve('--nginx', join(folder, 'without'), '--allow-missing-waf')
  expect(await get(program.http, 'asking.test', '/')).toEqual({ status: 200, body: 'app' })
}, 60_000)

test('what there is of a firewall is what NGINX loads: all, no core rules, nothing', async () => {
  const whole = await engineAt(prefix)
  expect((await tryFirewall(whole)).ability).toBe('with core rules')
  const { firewall } = whole
  if (firewall === undefined) throw new Error('The fetched NGINX has no module for ModSecurity.')
  expect((await tryFirewall({ ...whole, firewall: { ...firewall, coreRules: undefined } })).ability).toBe('bare')
  const rules = join(folder, 'rules')
  mkdirSync(rules)
  writeFileSync(join(rules, 'REQUEST-1.conf'), 'SecRule ARGS "@nonsense x" "id:1"')
  const wrong = { setup: join(rules, 'REQUEST-1.conf'), folder: rules }
  const without = await tryFirewall({ ...whole, firewall: { ...firewall, coreRules: wrong } })
  expect([without.ability, without.files?.coreRules]).toEqual(['bare', undefined])
  const odd = { setup: '/no/such file', folder: '/no/such folder' }
  expect((await tryFirewall({ ...whole, firewall: { ...firewall, coreRules: odd } })).ability).toBe('none')
  expect((await tryFirewall(await engineAt(join(folder, 'without')))).ability).toBe('none')
  expect((await tryFirewall(await engineAt(join(folder, 'broken')))).ability).toBe('none')
}, 60_000)

async function engineAt(path: string): Promise<Engine> {
  const found = await inspectPrefix(path, process.arch)
  if (!found.ok) throw new Error(found.message)
  return found.engine
}
