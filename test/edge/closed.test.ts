import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { faultsIn } from '../../src/apply/lua-faults.js'
import { order } from '../../src/edge/order.js'
import { printFrame, type FrameInput } from '../../src/frame/frame.js'
import type { RequestMetrics } from '../../src/model/request-metrics.js'
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
  async function start(change = (text: string): string => text, more: Partial<FrameInput> = {}): Promise<void> {
    const input = await createInput(engine, lua, folder, { profiles, ...more })
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
    const statuses = new Set<number>()
    for (const { host, features } of places) {
      const { status, body } = await ask(host)
      statuses.add(status)
      if (body.includes('protected') || status < 400) open.push(`${JSON.stringify(features)}: ${status}`)
    }
    expect(open).toEqual([])
    expect(statuses).toEqual(new Set([401, 503]))
    expect(faultsIn(await errors()).length).toBeGreaterThan(10)
    // Who threw did so alone.
    expect((await ask('open.test')).body).toBe('protected')
  })

  test.each(['fairlead.route()', 'fairlead.resume()', 'fairlead.balance()'])(
    'an error in the phase of %s',
    async (phase) => {
      await start((text) => text.replaceAll(phase, 'error("broken on purpose")'))
      for (const host of ['profile.test', 'pages.test']) {
        const { status, body } = await ask(host)
        expect([host, status, body.includes('protected')]).toEqual([host, 503, false])
      }
      const faults = faultsIn(await errors())
      expect(faults.length).toBeGreaterThan(0)
      for (const fault of faults) expect(fault).toContain('broken on purpose')
    },
  )

  test.each([
    ['while it is let in', 'guarded.test', undefined],
    ['where it goes on', 'limited.test', 'fairlead.resume()'],
    ['where its endpoint is chosen', 'limited.test', 'fairlead.balance()'],
  ] as const)('LIM-3: a request whose code throws %s is no longer under way', async (_when, host, phase) => {
    await start((text) => (phase === undefined ? text : text.replaceAll(phase, 'error("broken on purpose")')))
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) statuses.push((await ask(host)).status)
    // One that counts as under way for good would be followed by TOO_MANY.
    expect(statuses).toEqual(statuses.map(() => 503))
    expect(faultsIn(await errors())).not.toEqual([])
  })

  test('LIM-3: a request that cannot be counted for its metrics is no longer under way', async () => {
    await start(undefined, { metrics })
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) statuses.push((await ask('uncountable.test')).status)
    expect(statuses).toEqual(statuses.map(() => 200))
    expect(faultsIn(await errors())).not.toEqual([])
  })

  test('LIM-3: what counts as under way is over once the answer is there', async () => {
    await start()
    for (let i = 0; i < 5; i++) expect(await ask('limited.test')).toEqual({ status: 200, body: 'protected' })
    const together = await Promise.all(Array.from({ length: 8 }, () => ask('limited.test')))
    expect(together.map(({ status }) => status)).toContain(TOO_MANY)
  })
})

const metrics: RequestMetrics = {
  times: [1],
  lengths: [1],
  sizes: [1],
  perHost: true,
  undefinedHosts: false,
  statusClasses: false,
  most: 10,
}

/** What a client is answered that has too many requests under way. */
const TOO_MANY = 429

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
const profile = createProfile([{ name: 'client_body_buffer_size', args: ['7k'] }], digest)
/** As of `custom-http-errors` where the answers of backends stay. */
const pages = createProfile([{ name: 'error_page', args: [500, 502, '@error'] }], digest)
const profiles = [profile, pages].toSorted((a, b) => (a.name < b.name ? -1 : 1))

function documents(): Readonly<Record<string, unknown>> {
  const route = { path: '/', match: 'prefix', action: { kind: 'proxy', upstream: 'ns/backend/80', pool: 'http' } }
  const host = (name: string, more: object): readonly [string, object] => [
    `h:${name}`,
    { name, paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] }, root: { ...route, ...more } },
  ]
  const limits = { counter: 'limited', connections: 1 }
  return {
    's:settings': {
      strictTransportSecurity: '',
      maxBodyBytes: 1_048_576,
      tries: 1,
      limits: { connectionStatus: TOO_MANY },
    },
    'u:ns/backend/80': { key: 'ns/backend/80', label: 'b', addresses: ['127.0.0.1'], ports: [backend.port] },
    ...Object.fromEntries(ATTACHMENTS.map((attachment, i) => [`a:nonsense-${i}`, attachment])),
    ...Object.fromEntries([
      host('open.test', {}),
      host('profile.test', { profile: profile.name }),
      host('pages.test', { profile: pages.name, features: { errors: { codes: [500], namespace: '', ingress: '' } } }),
      host('limited.test', { features: { limits } }),
      host('uncountable.test', { labels: {}, features: { limits } }),
      host('guarded.test', { features: { limits, externalAuth: { service: [] } } }),
      ...places.map(({ host: name, features }) => host(name, { features })),
    ]),
  }
}
