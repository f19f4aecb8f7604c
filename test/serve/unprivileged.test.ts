import { chownSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ask } from '../routing/clients.js'
import { createAuthority } from '../support/certificates.js'
import { theEngine } from '../support/engine.js'
import { startTestBackend } from './backends.js'
import { ingress, secret, writeObjects } from './manifests.js'
import { startCommand, startInMountNamespace, type Started } from './mount-namespace.js'
import { writeOneApp } from './one-app.js'
import { createProgram, isAlive, type Program } from './program.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
const user = isRoot ? NOBODY : process.getuid?.()

test('an unprivileged user with nothing but a home serves HTTP and HTTPS, and stops cleanly', async () => {
  const program = await createProgram()
  const backend = await startTestBackend('one')
  writeOneApp(program, backend)
  const { chain, key } = createAuthority('home').issue({ names: ['tls.test'] })
  writeObjects(program.manifests, 'tls', [
    ingress('tls', 'tls.test', 'app', 'tls-secret'),
    secret('tls-secret', chain, key),
  ])
  const home = join(program.folder, 'home')
  mkdirSync(home, { mode: 0o700 })
  if (isRoot) chownSync(home, NOBODY, NOBODY)
  const serve = await start(program, home)
  try {
    await serve.ready(program.health)
    expect(await ask({ scheme: 'http', version: 1 }, program, 'app.test', '/')).toMatchObject({
      status: 200,
      body: 'one',
    })
    expect(await ask({ scheme: 'https', version: 2 }, program, 'tls.test', '/')).toMatchObject({
      status: 200,
      body: 'one',
    })

    // Without --state-dir: below the home of whoever runs it.
    const state = join(home, '.local', 'state', 'fairlead', String(program.http))
    const nginx = Number(readFileSync(join(state, 'private', 'nginx.pid'), 'utf8'))
    expect([ownerOf(serve.process.pid), ownerOf(nginx), statSync(state).uid]).toEqual([user, user, user])
    expect(await serve.end()).toBe(0)
    expect(isAlive(nginx)).toBe(false)
  } finally {
    await serve.end()
    await program.remove()
    backend.close()
  }
})

/**
 * Program, engine and Node may lie where only root can pass, below its home; they are mounted where everybody can. Modes
 * of the files themselves are as they are.
 */
async function start({ folder, manifests, http, https, health }: Program, home: string): Promise<Started> {
  const ports = ['--http-port', String(http), '--https-port', String(https), '--healthz-port', String(health)]
  const flags = ['serve', '--manifests', manifests, '--log-format', 'text', '--no-access-log', ...ports]
  const environment = { PATH: process.env['PATH'], HOME: home }
  if (!isRoot) {
    const cache = { XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? '', '.cache') }
    return startCommand([process.execPath, join(repository, 'bin', 'fairlead'), ...flags], { ...environment, ...cache })
  }
  const { binary } = await theEngine()
  // What engine/fetch made is a folder of its own; an installed NGINX is where everybody can pass.
  const fetched = /^(.*)\/usr\/sbin\/nginx$/.exec(binary)?.[1]
  const from = [repository, dirname(process.execPath), ...(fetched ? [fetched] : [])]
  const to = from.map((_, i) => join(folder, `mount-${i}`))
  for (const path of to) mkdirSync(path)
  const [mountedRepository = '', mountedNode = '', engine = binary] = to
  const script = from.map((_, i) => `mount --bind "\$${2 * i + 1}" "\$${2 * i + 2}"`).join('\n')
  const words = from.flatMap((path, i) => [path, to[i] ?? ''])
  const identity = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs', '--inh-caps=-all']
  const command = [join(mountedNode, 'node'), join(mountedRepository, 'bin', 'fairlead'), ...flags, '--nginx', engine]
  return startInMountNamespace(script, words, ['setpriv', ...identity, ...command], environment)
}

/** The real user of a process. */
function ownerOf(pid: number | undefined): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1])
}
