import pc from 'picocolors'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programFile } from '../disk/program-folder.js'
import { findFreePorts, startBackend, type Backend } from './backends.js'
import { ask, until, type Reply } from './client.js'
import { writeManifests } from './manifests.js'

const REPOSITORY = programFile('')
const PROGRAM = programFile('bin/fairlead')
const asked = process.argv.includes('--once') || process.env['FAIRLEAD_DEMO_ONCE'] === '1'
/** Nobody could stop it where nobody sees it; `--stay` is for a program that does. */
const once = asked || !(process.stdout.isTTY || process.argv.includes('--stay'))

const folder = mkdtempSync(join(tmpdir(), 'fairlead-demo-'))
const manifests = join(folder, 'k8s')
const backends: Backend[] = []
let controller: ChildProcess | undefined
let failures = 0

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function title(text: string): void {
  say(`\n${pc.bold(text)}`)
}

/** Shows a fact, and remembers when it is not as it should be. */
function show(isRight: boolean, text: string): void {
  if (!isRight) failures += 1
  say(`  ${isRight ? pc.green('ok') : pc.red('WRONG')}  ${text}`)
}

let cleaning: Promise<void> | undefined

/** However often it is asked for, everything is stopped and removed once. */
function cleanUp(): Promise<void> {
  cleaning ??= stopAll()
  return cleaning
}

async function stopAll(): Promise<void> {
  const running = controller
  controller = undefined
  if (running !== undefined && running.exitCode === null) {
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGTERM')
    await ended
  }
  for (const backend of backends) backend.close()
  rmSync(folder, { recursive: true, force: true })
}

async function run(): Promise<void> {
  title('Starting four backends and Fairlead on a folder of manifests')
  for (const name of ['front-1', 'front-2']) backends.push(await startBackend(name, { name: 'front', port: '' }))
  backends.push(await startBackend('cart-1', { name: 'cart', port: 'http' }))
  backends.push(await startBackend('tenants-1', { name: 'tenants', port: '' }))
  const [http = 0, https = 0, health = 0] = await findFreePorts(3)
  writeManifests(manifests, join(REPOSITORY, 'examples', 'demo'), backends)
  controller = startController(http, https, health)
  await until(
    () => ask('http', health, 'health', '/readyz'),
    ({ status }) => status === 200,
    20_000,
  )
  say(`  manifests ${manifests}, HTTP on port ${http}, HTTPS on port ${https}`)

  title('A host with two paths, over TLS, with the certificate of its Secret')
  await expectReply(
    'https',
    https,
    'shop.example.com',
    '/',
    (reply) => reply.body.startsWith('front-') && reply.certificate === 'shop.example.com',
  )
  await expectReply('https', https, 'shop.example.com', '/cart/7', (reply) => reply.body.startsWith('cart-1'))
  await expectReply('http', http, 'shop.example.com', '/cart/7', (reply) => reply.status === 308)

  title('A wildcard host')
  await expectReply('http', http, 'blue.tenants.example.com', '/', (reply) => reply.body.startsWith('tenants-1'))
  await expectReply('http', http, 'a.blue.tenants.example.com', '/', (reply) => reply.status === 404)

  title('Why does a request go where it goes?')
  explain('https://shop.example.com/cart/7')

  await changeWhileBusy(http)
  title('To try yourself')
  say(`  curl -H 'Host: blue.tenants.example.com' http://127.0.0.1:${http}/`)
  say(`  curl -k --resolve shop.example.com:${https}:127.0.0.1 https://shop.example.com:${https}/cart/7`)
  say(`  curl http://127.0.0.1:${health}/readyz`)
  say(`  bin/fairlead explain http://blue.tenants.example.com/ --manifests ${manifests}`)
}

function startController(http: number, https: number, health: number): ChildProcess {
  const flags = [
    '--manifests',
    manifests,
    '--state-dir',
    join(folder, 'state'),
    '--no-access-log',
    '--log-format',
    'text',
  ]
  const ports = ['--http-port', String(http), '--https-port', String(https), '--healthz-port', String(health)]
  // A session of its own: Ctrl-C is for this program, which then stops the controller in its turn.
  const child = spawn(process.execPath, [PROGRAM, 'serve', ...flags, ...ports], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  child.once('exit', (code) => {
    if (controller !== child) return
    say(pc.red(`Fairlead ended with exit code ${code ?? 'none'}`))
    void cleanUp().then(() => process.exit(1))
  })
  return child
}

async function expectReply(
  scheme: 'http' | 'https',
  port: number,
  host: string,
  path: string,
  isRight: (reply: Reply) => boolean,
): Promise<void> {
  const reply = await ask(scheme, port, host, path)
  const certificate = reply.certificate === undefined ? '' : `, certificate ${reply.certificate}`
  const what =
    reply.status === 200 ? reply.body : `${reply.status}${reply.location === undefined ? '' : ` to ${reply.location}`}`
  show(isRight(reply), `${scheme}://${host}${path}  ${pc.dim('→')}  ${what}${certificate}`)
}

function explain(url: string): void {
  const { stdout, status } = spawnSync(process.execPath, [PROGRAM, 'explain', url, '--manifests', manifests], {
    encoding: 'utf8',
  })
  for (const line of [`$ fairlead explain ${url}`, ...stdout.trimEnd().split('\n')]) say(`  ${line}`)
  if (status !== 0) failures += 1
}

/** Adds a path to a host and moves another one, while requests run without a pause. */
async function changeWhileBusy(http: number): Promise<void> {
  title('Changing files while requests run')
  const host = 'blue.tenants.example.com'
  const count = { requests: 0, failed: 0 }
  let busy = true
  const clients = Array.from({ length: 8 }, async () => {
    while (busy) {
      const reply = await ask('http', http, host, '/busy').catch(() => undefined)
      count.requests += 1
      if (reply?.status !== 200) count.failed += 1
    }
  })
  const file = join(manifests, 'tenants.yaml')
  const before = readFileSync(file, 'utf8')
  const times: number[] = []
  for (let round = 0; round < 10; round++) {
    writeFileSync(file, withCart(before))
    times.push(
      await until(
        () => ask('http', http, host, '/cart'),
        ({ body }) => body.startsWith('cart-1'),
        5_000,
      ),
    )
    writeFileSync(file, before)
    times.push(
      await until(
        () => ask('http', http, host, '/cart'),
        ({ body }) => body.startsWith('tenants-1'),
        5_000,
      ),
    )
  }
  times.sort((a, b) => a - b)
  show(
    true,
    `a path /cart was added and taken away 10 times; live ${(times[10] ?? 0).toFixed(0)} ms (median) after the file was saved`,
  )
  busy = false
  await Promise.all(clients)
  show(count.failed === 0, `${count.requests} requests meanwhile, ${count.failed} failed`)
  const frame: unknown = JSON.parse(readFileSync(join(folder, 'state', 'private', 'frame.json'), 'utf8'))
  const generation = typeof frame === 'object' && frame !== null && 'generation' in frame ? Number(frame.generation) : 0
  show(generation === 1, `${generation - 1} reloads of NGINX`)
}

function withCart(manifest: string): string {
  return manifest.replace(
    '        paths:\n',
    '        paths:\n          - path: /cart\n            pathType: Prefix\n            backend: { service: { name: cart, port: { number: 80 } } }\n',
  )
}

// SIGHUP: the terminal was closed. Nothing can be written to it then, which must not end the clean-up.
process.stdout.on('error', () => undefined)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (cleaning === undefined) say('\nStopping')
    void cleanUp().then(() => process.exit(failures === 0 ? 0 : 1))
  })
}

try {
  await run()
} catch (cause) {
  // What runs while everything is being stopped may well fail.
  if (cleaning === undefined) {
    failures += 1
    say(pc.red(`The demo failed: ${cause instanceof Error ? cause.message : String(cause)}`))
  }
}
if (once || failures > 0) {
  await cleanUp()
  say(
    failures === 0
      ? '\nThe demo is over; everything was as it should be.'
      : pc.red(`\n${failures} things were not as they should be.`),
  )
  process.exit(failures === 0 ? 0 : 1)
}
say(`\n${pc.bold('It keeps running; Ctrl-C stops it.')}`)
