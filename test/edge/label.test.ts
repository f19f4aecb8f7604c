import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultFrameSettings } from '../../src/frame/frame.js'
import { enginesForTests } from '../support/engine.js'
import { buildLua, createInput, createRunFolder, removeFolder, startFrame, type Running } from './frame-engine.js'
import { startEchoBackend, type EchoBackend, type Seen } from './translated.js'

/**
 * One variable of NGINX says whether a request is logged and as whose (LOGF-2, DEF-6), and `$proxy_upstream_name` has
 * it from there.
 */

let app: EchoBackend
let luaFolder: string
let lua: string

beforeAll(async () => {
  luaFolder = await createRunFolder()
  lua = await buildLua(luaFolder)
  app = await startEchoBackend('app')
})

afterAll(async () => {
  app.close()
  await removeFolder(luaFolder)
})

function documents(): Readonly<Record<string, unknown>> {
  const route = (upstream: string, more: object = {}): object => ({
    path: '/',
    match: 'prefix',
    action: { kind: 'proxy', upstream, pool: 'http' },
    ...more,
  })
  const upstream = (name: string): object => ({
    key: name,
    label: `ns-${name}-80`,
    addresses: ['127.0.0.1'],
    ports: [app.port],
  })
  const unlogged = { unlogged: true }
  return {
    's:settings': { strictTransportSecurity: 'max-age=1', maxBodyBytes: 1_048_576, tries: 1 },
    'u:loud': upstream('loud'),
    'u:quiet': upstream('quiet'),
    'h:loud.test': {
      name: 'loud.test',
      paths: {
        kind: 'literal',
        exact: {},
        prefix: { '/quiet': route('quiet', { ...unlogged, path: '/quiet' }) },
        lengths: [6],
      },
      root: route('loud'),
    },
    'h:only.test': {
      name: 'only.test',
      paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
      root: route('loud'),
    },
    'h:quiet.test': {
      name: 'quiet.test',
      paths: { kind: 'literal', exact: {}, prefix: { '/loud': route('loud', { path: '/loud' }) }, lengths: [5] },
      root: route('quiet', unlogged),
    },
  }
}

describe.each(await enginesForTests())('whose a request is, on NGINX $version', (engine) => {
  let folder: string
  let running: Running

  beforeAll(async () => {
    folder = await createRunFolder()
    const settings = {
      ...defaultFrameSettings,
      backendHeaders: [['X-Whose', [{ kind: 'variable', name: 'proxy_upstream_name' }]] as const],
    }
    running = await startFrame(engine, await createInput(engine, lua, folder, { settings }), documents())
  })

  afterAll(async () => {
    await running.stop()
    await removeFolder(folder)
  })

  async function whose(host: string, path: string): Promise<unknown> {
    const text = await new Promise<string>((resolve, reject) => {
      const { httpPort } = running.input.listeners
      get({ host: '127.0.0.1', port: httpPort, path, headers: { host }, agent: false }, (answer) => {
        let body = ''
        answer.on('data', (bytes: Buffer) => (body += bytes.toString()))
        answer.on('end', () => resolve(body))
      }).on('error', reject)
    })
    const seen = JSON.parse(text) as Seen // our own backend wrote it
    return seen.headers['x-whose']
  }

  // Each more than once: the worker goes a shorter way once it knows a host.
  const times = [1, 2, 3]
  const cases = [
    ['only.test', '/?a', 'ns-loud-80', 'logged'],
    ['loud.test', '/?b', 'ns-loud-80', 'logged'],
    ['quiet.test', '/?c', 'ns-quiet-80', 'not logged'],
    ['loud.test', '/quiet?d', 'ns-quiet-80', 'not logged'],
    ['quiet.test', '/?e&h-X-Accel-Redirect=/loud', 'ns-loud-80', 'logged'],
    ['loud.test', '/?f&h-X-Accel-Redirect=/quiet', 'ns-quiet-80', 'not logged'],
    ['only.test', '/?g&h-X-Accel-Redirect=/', 'ns-loud-80', 'logged'],
  ] as const

  test('backends are told of it, and the log has it of those that are logged', async () => {
    for (const [host, path, sent] of cases)
      for (const _ of times) expect([host, path, await whose(host, path)]).toEqual([host, path, sent])
    await whose('only.test', '/last')
    const read = async (): Promise<string> => readFile(running.input.paths.accessLog, 'utf8')
    await expect.poll(read, { timeout: 10_000 }).toContain('GET /last ')
    const lines = (await read()).split('\n')
    for (const [, path, sent, logged] of cases) {
      const own = lines.filter((line) => line.includes(`GET ${path} `))
      const names = own.map((line) => / \[([^\]]*)\] \[\] /.exec(line)?.[1])
      expect([path, names]).toEqual([path, logged === 'logged' ? times.map(() => sent) : []])
    }
  })
})
