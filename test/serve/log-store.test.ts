import { spawn } from 'node:child_process'
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { childrenOf } from '../observe/processes.js'
import { makeDatabase } from '../observe/mmdb.js'
import { startTestBackend } from './backends.js'
import { get } from './clients.js'
import { startInMountNamespace } from './mount-namespace.js'
import { writeOneApp } from './one-app.js'
import { createProgram, until, type Program } from './program.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
const PATIENCE = 90_000
/** Programs of tests keep none without it. */
const KEPT = ['--log-retention', '24h/1GB']

function run(...words: readonly string[]): Promise<{ readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
  return new Promise((resolve) => child.once('close', () => resolve({ out, err })))
}

interface Top {
  readonly source: string
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

async function top(state: string, ...words: readonly string[]): Promise<Top> {
  const { out } = await run('logs', 'top', '--state-dir', state, '--json', '--figures', 'requests', ...words)
  return out === '' ? { source: '', rows: [] } : (JSON.parse(out) as Top) // what the command prints
}

async function ask(program: Program, path: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) expect((await get(program.http, 'app.test', path)).status).toBe(200)
}

/** SIGTERM, and the end of it. */
async function stop(program: Program): Promise<void> {
  const child = program.controller()
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

test('lines and what was added up outlive a restart; an older request is found by its id; broken roll-ups are put aside and said', {
  timeout: 300_000,
}, async () => {
  const program = await createProgram()
  const backend = await startTestBackend('one')
  writeOneApp(program, backend)
  const places = join(program.folder, 'places.mmdb')
  writeFileSync(places, makeDatabase([{ network: '127.0.0.0/8', data: { country: { iso_code: 'CH' } } }]))
  const rollUps = join(program.state, 'private', 'roll-ups.ndjson')
  try {
    await program.start(undefined, ['--geoip', places, ...KEPT])
    await ask(program, '/before?x=1', 6)
    const byClient = ['--by', 'client,path,country']
    const before = { client: '127.0.0.1', path: '/before', country: 'CH', requests: 6 }
    // Roll-ups are not of these together: only lines can tell.
    await expect
      .poll(() => top(program.state, ...byClient), { timeout: PATIENCE, interval: 300 })
      .toMatchObject({ source: 'raw', rows: [before] })
    const [line = ''] = readFileSync(join(program.state, 'log', 'access.log'), 'utf8').split('\n')
    const requestId = line.slice(line.lastIndexOf(' ') + 1)
    expect(requestId).toMatch(/^[0-9a-f]{32}$/)
    expect((await childrenOf(program.controller().pid ?? 0, 'program/log-store.js')).length).toBe(1)
    await stop(program)

    // Without its lines a controller has what was added up.
    await program.start(undefined, ['--geoip', places, '--log-retention', '0'])
    await ask(program, '/after', 3)
    await expect
      .poll(() => top(program.state, '--by', 'path'), { timeout: PATIENCE, interval: 300 })
      .toMatchObject({
        source: 'rolled-up',
        rows: [
          { path: '/before', requests: 6 },
          { path: '/after', requests: 3 },
        ],
      })
    expect(await childrenOf(program.controller().pid ?? 0, 'program/log-store.js')).toEqual([])
    await stop(program)

    truncateSync(rollUps, 200)
    await program.start(undefined, KEPT)
    await until(() => Promise.resolve(program.log().includes(`${rollUps} could not be read (it is cut off`)), PATIENCE)
    await ask(program, '/last', 1)
    // The newest lines that the controller has in memory are not those of the first one.
    const words = ['explain', '--request-id', requestId, '--state-dir', program.state, '--json']
    let explained = ''
    await until(async () => (explained = (await run(...words)).out) !== '', PATIENCE)
    expect(JSON.parse(explained)).toMatchObject({ record: { requestId, uri: '/before?x=1', service: 'test-app-80' } })
    await expect
      .poll(() => top(program.state, ...byClient), { timeout: PATIENCE, interval: 300 })
      .toMatchObject({ source: 'raw', rows: [before, { path: '/last', requests: 1 }] })
  } finally {
    await program.remove()
    backend.close()
  }
})

test('a full disk of the store costs no request: it is said, and lines are kept again when there is room', {
  timeout: 300_000,
}, async () => {
  const program = await createProgram()
  const backend = await startTestBackend('one')
  writeOneApp(program, backend)
  const disk = join(program.folder, 'disk')
  const ports = ['--http-port', String(program.http), '--https-port', String(program.https)]
  const place = ['--manifests', program.manifests, '--state-dir', program.state, '--log-store', join(disk, 'lines')]
  const serve = startInMountNamespace(
    'mkdir "$1" && mount -t tmpfs -o size=24m,mode=711 fairlead "$1"',
    [disk],
    [
      process.execPath,
      bin,
      'serve',
      ...place,
      ...ports,
      '--healthz-port',
      String(program.health),
      '--no-access-log',
      '--log-format',
      'text',
    ],
  )
  const logged = (text: string): Promise<void> =>
    until(async () => {
      await ask(program, '/asked', 1)
      return serve.log().includes(text)
    }, PATIENCE)
  const isKept = async (path: string): Promise<boolean> => {
    const { source, rows } = await top(program.state, '--by', 'client,path', '--where', `path=${path}`)
    return source === 'raw' && rows.length === 1
  }
  const find = async (path: string): Promise<boolean> => {
    await ask(program, path, 1)
    return isKept(path)
  }
  try {
    await serve.ready(program.health)
    await until(() => find('/before'), PATIENCE)
    // The disk is the program's own; through its process it can be seen from here.
    const ballast = join(`/proc/${serve.process.pid ?? 0}/root`, disk, 'ballast')
    fill(ballast)
    await logged('lines of the access log cannot be kept for now')
    rmSync(ballast)
    await logged('lines of the access log are kept again')
    await until(() => find('/after'), PATIENCE)
    await until(() => isKept('/before'), PATIENCE)
  } finally {
    await serve.end()
    await program.remove()
    backend.close()
  }
})

/** Writes until there is no room for another byte. */
function fill(file: string): void {
  for (let bytes = 1_048_576; bytes >= 1; ) {
    try {
      writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' })
    } catch {
      bytes = Math.floor(bytes / 2)
    }
  }
}
