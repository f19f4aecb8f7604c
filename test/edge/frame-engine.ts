import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import type { FrameInput } from '../../src/frame/frame.js'
import { defaultFrameSettings, printFrame } from '../../src/frame/frame.js'
import { factsOf } from '../../src/nginx/facts.js'

/** The engines that the frame must run on; `engine/fetch --all` brings them. */
export const suites = ['forky', 'trixie'] as const
export type Suite = (typeof suites)[number]

const run = promisify(execFile)
const base =
  process.env['FAIRLEAD_ENGINE_DIR'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'fairlead/engine')
const root = fileURLToPath(new URL('../..', import.meta.url))
const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
const loader = process.arch === 'arm64' ? 'usr/lib/ld-linux-aarch64.so.1' : 'usr/lib64/ld-linux-x86-64.so.2'

/** Program and first arguments that start the NGINX of a suite. */
export function command(suite: Suite): readonly [string, ...string[]] {
  const prefix = join(base, suite)
  return [
    join(prefix, loader),
    '--library-path',
    join(prefix, `usr/lib/${machine}-linux-gnu`),
    join(prefix, 'usr/sbin/nginx'),
  ]
}

/** The part of the frame's input that describes the engine. */
export async function describeEngine(suite: Suite): Promise<FrameInput['engine']> {
  const prefix = join(base, suite)
  const manifest: { readonly nginx: string } = JSON.parse(await readFile(join(prefix, 'manifest.json'), 'utf8'))
  return {
    modules: ['ndk_http_module', 'ngx_http_lua_module'].map((name) => join(prefix, `usr/lib/nginx/modules/${name}.so`)),
    luaPackagePath: join(prefix, 'usr/share/lua/5.1/?.lua'),
    luaPackageCpath: join(prefix, `usr/lib/${machine}-linux-gnu/lua/5.1/?.so`),
    facts: factsOf(manifest.nginx),
  }
}

/** Compiles the edge to Lua, into the folder that the build uses. */
export async function buildLua(): Promise<string> {
  await run(join(root, 'node_modules/.bin/tstl'), ['-p', join(root, 'tsconfig.edge.json')], { cwd: root })
  return join(root, 'dist/lua')
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
  suite: Suite,
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
    engine: await describeEngine(suite),
    paths: {
      pid: join(folder, 'pid'),
      errorLog: join(folder, 'error.log'),
      accessLog: join(folder, 'access.log'),
      controlSocket: join(folder, 'control'),
      temporary: join(folder, 'temporary'),
      snapshot: join(folder, 'snapshot'),
      lua: join(root, 'dist/lua'),
      fallbackCertificate: join(folder, 'fallback.crt'),
      fallbackKey: join(folder, 'fallback.key'),
    },
    listeners: {
      httpPort: await freePort(),
      httpsPort: await freePort(),
      ipv4: true,
      ipv6: false,
      address: '127.0.0.1',
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
export async function testConfig(suite: Suite, folder: string, text: string): Promise<string | undefined> {
  const [program, ...args] = await writeConfig(suite, folder, text)
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
  suite: Suite,
  input: FrameInput,
  documents: Readonly<Record<string, unknown>>,
): Promise<Running> {
  await writeFile(input.paths.snapshot, snapshotText(input.format, documents))
  const child = await startConfig(suite, join(input.paths.pid, '..'), printFrame(input), input.paths.controlSocket)
  return { input, stop: () => stop(child) }
}

export async function startConfig(suite: Suite, folder: string, text: string, socket: string): Promise<ChildProcess> {
  const [program, ...args] = await writeConfig(suite, folder, text)
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

async function writeConfig(suite: Suite, folder: string, text: string): Promise<[string, ...string[]]> {
  const file = join(folder, 'nginx.conf')
  await writeFile(file, text)
  return [...command(suite), '-p', folder, '-e', join(folder, 'error.log'), '-c', file]
}

function snapshotText(format: string, documents: Readonly<Record<string, unknown>>): string {
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
