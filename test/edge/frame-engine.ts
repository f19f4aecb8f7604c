import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Engine } from '../../src/apply/engine/engine.js'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import type { FrameInput } from '../../src/frame/frame.js'
import { defaultFrameSettings, printFrame } from '../../src/frame/frame.js'
import { compiledOnce } from '../support/compiled-once.js'
import { freePort } from '../support/ports.js'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The edge as Lua, in a folder that is the test's own: workers must be able to read it, and `dist` may be of other
 * sources.
 */
export async function buildLua(folder: string): Promise<string> {
  const compiled = await compiledOnce('edge', async (into) => {
    const args = ['-p', join(root, 'tsconfig.edge.json'), '--outDir', into]
    await run(join(root, 'node_modules/.bin/tstl'), args, { cwd: root })
  })
  const lua = join(folder, 'lua')
  await cp(compiled, lua, { recursive: true })
  return lua
}

/** A new folder that unprivileged workers can pass through; removed by the caller. */
export async function createRunFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-frame-'))
  await chmod(folder, 0o711)
  await mkdir(join(folder, 'temporary'), { mode: 0o711 })
  return folder
}

/** A frame for the folder, with everything that a start needs beside it. */
export async function createInput(
  engine: Engine,
  lua: string,
  folder: string,
  changes: Partial<FrameInput> = {},
): Promise<FrameInput> {
  const { certificate, key } = createSelfSigned({
    commonName: 'fallback',
    organization: 'test',
    names: ['fallback.test'],
    days: 1,
    now: Date.now(),
  })
  await writeFile(join(folder, 'fallback.crt'), certificate)
  await writeFile(join(folder, 'fallback.key'), key, { mode: 0o600 })
  return {
    engine,
    paths: {
      pid: join(folder, 'pid'),
      errorLog: join(folder, 'error.log'),
      accessLog: join(folder, 'access.log'),
      streamLog: join(folder, 'stream.log'),
      spanLog: join(folder, 'spans.log'),
      controlSocket: join(folder, 'control'),
      temporary: join(folder, 'temporary'),
      snapshot: join(folder, 'snapshot'),
      lua,
      fallbackCertificate: join(folder, 'fallback.crt'),
      fallbackKey: join(folder, 'fallback.key'),
      quicKey: join(folder, 'quic.key'),
    },
    listeners: {
      httpPort: await freePort(),
      httpsPort: await freePort(),
      ipv4: true,
      ipv6: false,
      addresses: ['127.0.0.1'],
    },
    user: process.getuid?.() === 0 ? { name: 'nobody', group: 'nogroup' } : undefined,
    workers: { processes: 1, shutdownTimeoutSeconds: 10 },
    tableBytes: 8 * 1024 * 1024,
    settings: defaultFrameSettings,
    generation: 1,
    format: 'test',
    profiles: [],
    ...changes,
  }
}

/** What `nginx -t` says about the text; undefined when it accepts. */
export async function testConfig(engine: Engine, folder: string, text: string): Promise<string | undefined> {
  const [program, ...args] = await writeConfig(engine, folder, text)
  try {
    await run(program, [...args, '-t', '-q'])
    return undefined
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  }
}

/** A running NGINX; `stop` ends it and waits. */
export interface Running {
  readonly input: FrameInput
  stop(): Promise<void>
}

/** Starts NGINX with the frame and the documents as its snapshot; back when it answers. */
export async function startFrame(
  engine: Engine,
  input: FrameInput,
  documents: Readonly<Record<string, unknown>>,
): Promise<Running> {
  await writeFile(input.paths.snapshot, snapshotText(input.format, documents))
  const child = await startConfig(engine, join(input.paths.pid, '..'), printFrame(input), input.paths.controlSocket)
  return { input, stop: () => stop(child) }
}

export async function startConfig(engine: Engine, folder: string, text: string, socket: string): Promise<ChildProcess> {
  const [program, ...args] = await writeConfig(engine, folder, text)
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const deadline = Date.now() + 15_000
  for (;;) {
    const code = await run('curl', [
      '-s',
      '-o',
      '/dev/null',
      '--max-time',
      '2',
      '--unix-socket',
      socket,
      'http://engine/',
    ]).then(
      () => 0,
      () => 1,
    )
    if (code === 0) return child
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop(child)
      throw new Error(`NGINX did not start: ${await readFile(join(folder, 'error.log'), 'utf8')}`)
    }
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

async function writeConfig(engine: Engine, folder: string, text: string): Promise<[string, ...string[]]> {
  const file = join(folder, 'nginx.conf')
  await writeFile(file, text)
  const [program = '', ...first] = engine.command
  return [program, ...first, '-p', folder, '-e', join(folder, 'error.log'), '-c', file]
}

/** The text of a snapshot file of these documents. */
export function snapshotText(format: string, documents: Readonly<Record<string, unknown>>): string {
  const records = Object.entries(documents).map(([key, document]) => {
    const content = JSON.stringify(document)
    return `set ${key} ${digest(content)} ${content.length}\n${content}\n`
  })
  const body = `${records.join('')}revision 1\n`
  return `fairlead-table ${format} ${digest(body)}\n${body}`
}

function digest(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
