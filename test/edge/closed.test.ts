import { readFile, writeFile } from 'node:fs/promises'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { faultsIn } from '../../src/apply/lua-faults.js'
import { order } from '../../src/edge/order.js'
import { printFrame } from '../../src/frame/frame.js'
import { createProfile } from '../../src/nginx/profile.js'
import { startTestBackend, type TestBackend } from '../serve/backends.js'
import { get } from '../serve/clients.js'
import { enginesForTests } from '../support/engine.js'
import {
  buildLua,
  createInput,
  createRunFolder,
  removeFolder,
  snapshotText,
  startConfig,
  stop,
} from './frame-engine.js'

let luaFolder: string
let lua: string
let backend: TestBackend

beforeAll(async () => {
  luaFolder = await createRunFolder()
  lua = await buildLua(luaFolder)
  backend = await startTestBackend('protected')
})

afterAll(async () => {
  backend.close()
  await removeFolder(luaFolder)
})

/** What may keep somebody out of a path. */
const families = new Set([...order.entry, ...order.access].map(({ family }) => family))

/** Settings, or what they name, that no translation writes: where the code does not foresee them, it throws. */
const NONSENSE: readonly unknown[] = [true, 7, 'text', {}, [], { users: 7 }, { ranges: {} }, { service: [] }]
const ATTACHMENTS: readonly unknown[] = [7, 'text', {}, { kind: 'users' }, { kind: 'ranges' }, { kind: 'auth' }]

interface Place {
  readonly host: string
  readonly features: object
}

const places: readonly Place[] = [...families]
  .flatMap((family) => [
    ...NONSENSE.map((settings) => ({ [family]: settings })),
    ...NONSENSE.map((settings) => ({ [family]: settings, satisfyAny: true })),
    ...ATTACHMENTS.map((_, i) => {
      const key = `nonsense-${i}`
      return { [family]: { users: key, realm: '', ranges: key, service: key } }
    }),
  ])
  .map((features: object, i) => ({ host: `place-${i}.test`, features }))

describe.each(await enginesForTests())('what goes wrong in NGINX $version lets nobody in', (engine) => {
  let folder: string
  let child: ChildProcess | undefined
  let port = 0

  beforeEach(async () => {
    folder = await createRunFolder()
  })

  afterEach(async () => {
    if (child !== undefined) await stop(child)
    await removeFolder(folder)
  })

  /** `change` works on the printed frame. */
  async function start(change = (text: string): string => text): Promise<void> {
    const input = await createInput(engine, lua, folder, { profiles: [profile] })
    await writeFile(input.paths.snapshot, snapshotText(input.format, documents()))
    port = input.listeners.httpPort
    child = await startConfig(engine, folder, change(printFrame(input)), input.paths.controlSocket)
  }

  const ask = (host: string): ReturnType<typeof get> => get(port, host, '/')
  const errors = (): Promise<string> => readFile(join(folder, 'error.log'), 'utf8')

  test(`${places.length} settings of a path that make the code throw, or that it does not understand`, async () => {
    await start()
    expect((await ask('open.test')).body).toBe('protected')
    const open: string[] = []
    for (const { host, features } of places) {
      const { status, body } = await ask(host)
      if (body.includes('protected') || status < 400) open.push(`${JSON.stringify(features)}: ${status}`)
    }
    expect(open).toEqual([])
    expect(faultsIn(await errors())).not.toEqual([])
    // Who threw did so alone.
    expect((await ask('open.test')).body).toBe('protected')
  })

  test.each(['fairlead.route()', 'fairlead.resume()'])('an error in the phase of %s', async (phase) => {
    await start((text) => text.replaceAll(phase, 'error("broken on purpose")'))
    const { status, body } = await ask('profile.test')
    expect([status, body.includes('protected')]).toEqual([500, false])
    expect(faultsIn(await errors())).toEqual([expect.stringContaining('broken on purpose')])
  })
})

const profile = createProfile([{ name: 'client_body_buffer_size', args: ['7k'] }], () => '0123456789abcdef')

function documents(): Readonly<Record<string, unknown>> {
  const route = { path: '/', match: 'prefix', action: { kind: 'proxy', upstream: 'ns/backend/80', pool: 'http' } }
  const host = (name: string, more: object): readonly [string, object] => [
    `h:${name}`,
    { name, paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] }, root: { ...route, ...more } },
  ]
  return {
    's:settings': { strictTransportSecurity: '', maxBodyBytes: 1_048_576, tries: 1 },
    'u:ns/backend/80': { key: 'ns/backend/80', label: 'b', addresses: ['127.0.0.1'], ports: [backend.port] },
    ...Object.fromEntries(ATTACHMENTS.map((attachment, i) => [`a:nonsense-${i}`, attachment])),
    ...Object.fromEntries([
      host('open.test', {}),
      host('profile.test', { profile: profile.name }),
      ...places.map(({ host: name, features }) => host(name, { features })),
    ]),
  }
}
