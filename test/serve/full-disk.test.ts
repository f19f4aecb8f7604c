import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startTestBackend } from './backends.js'
import { get } from './clients.js'
import { ingress, writeObjects } from './manifests.js'
import { writeOneApp } from './one-app.js'
import { createProgram, until, type Program } from './program.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))

test('a full disk while the frame is written: the old one stays, a problem says so, and it heals', {
  timeout: 120_000,
}, async () => {
  const program = await createProgram()
  const backend = await startTestBackend('one')
  writeOneApp(program, backend)
  const serve = startOnOwnDisk(program)
  let log = ''
  serve.stderr?.on('data', (bytes: Buffer) => (log += bytes.toString()))
  const logged = (text: string): Promise<void> => until(() => Promise.resolve(log.includes(text)), 20_000)
  const statusOf = async (host: string): Promise<number> => (await get(program.http, host, '/')).status
  try {
    await until(async () => {
      if (serve.exitCode !== null) throw new Error(`serve ended with ${serve.exitCode}: ${log}`)
      return (await fetch(`http://127.0.0.1:${program.health}/readyz`).catch(() => undefined))?.status === 200
    }, 20_000)
    // The disk is the program's own; through its process it can be seen from here.
    const state = join(`/proc/${serve.pid ?? 0}/root`, program.state)
    const frame = join(state, 'private', 'nginx.conf')
    const before = readFileSync(frame, 'utf8')
    const ballast = join(state, 'ballast')
    fill(ballast)

    writeObjects(program.manifests, 'config', [keepAlive('33')])
    await logged('[frame/not-written]')
    expect(log).toMatch(/NGINX keeps its configuration: .*ENOSPC/)
    expect(readFileSync(frame, 'utf8')).toBe(before)
    expect(existsSync(`${frame}.new`)).toBe(false)
    // The table needs no disk: a change is live all the same.
    writeObjects(program.manifests, 'more', [ingress('more', 'more.test', 'app')])
    await until(async () => (await statusOf('more.test')) === 200, 20_000)
    expect(await statusOf('app.test')).toBe(200)

    rmSync(ballast)
    await logged('solved: NGINX frame')
    expect(readFileSync(frame, 'utf8')).toContain('keepalive_timeout 33s;')
    expect(await statusOf('more.test')).toBe(200)
  } finally {
    const ended = new Promise((resolve) => serve.once('exit', resolve))
    serve.kill('SIGTERM')
    await ended
    await program.remove()
    backend.close()
  }
})

/** `serve` with a state folder of one megabyte, on a file system that no other process has: nothing of the machine changes. */
function startOnOwnDisk({ manifests, state, http, https, health }: Program): ChildProcess {
  const own = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user']
  const possible = spawnSync('unshare', [...own, 'true'], { encoding: 'utf8' })
  if (possible.status !== 0) throw new Error(`This test needs a mount namespace of its own: ${possible.stderr}`)
  const ports = ['--http-port', String(http), '--https-port', String(https), '--healthz-port', String(health)]
  const serve = [bin, 'serve', '--manifests', manifests, '--state-dir', state, '--log-format', 'text', ...ports]
  const script = 'mkdir "$1" && mount -t tmpfs -o size=1m,mode=711 fairlead "$1" && shift && exec "$@"'
  const args = [...own, 'sh', '-c', script, 'sh', state, process.execPath, ...serve, '--no-access-log']
  return spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Writes until there is no room for another byte. */
function fill(file: string): void {
  for (let bytes = 65_536; bytes >= 1; ) {
    try {
      writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' })
    } catch {
      bytes = Math.floor(bytes / 2)
    }
  }
}

function keepAlive(seconds: string): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
    data: { 'keep-alive': seconds },
  }
}
