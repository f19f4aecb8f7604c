import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startTestBackend } from './backends.js'
import { get } from './clients.js'
import { ingress, writeObjects } from './manifests.js'
import { startInMountNamespace, type Started } from './mount-namespace.js'
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
  const logged = (text: string): Promise<void> => until(() => Promise.resolve(serve.log().includes(text)), 20_000)
  const statusOf = async (host: string): Promise<number> => (await get(program.http, host, '/')).status
  try {
    await serve.ready(program.health)
    // The disk is the program's own; through its process it can be seen from here.
    const state = join(`/proc/${serve.process.pid ?? 0}/root`, program.state)
    const frame = join(state, 'private', 'nginx.conf')
    const before = readFileSync(frame, 'utf8')
    const ballast = join(state, 'ballast')
    fill(ballast)

    writeObjects(program.manifests, 'config', [keepAlive('33')])
    await logged('[frame/not-written]')
    expect(serve.log()).toMatch(/NGINX keeps its configuration: .*ENOSPC/)
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
    await serve.end()
    await program.remove()
    backend.close()
  }
})

test.each([4, 8, 12, 340, 356, 424])(
  'a disk with room for %s kB at the start: one sentence, or it serves',
  {
    timeout: 120_000,
  },
  async (kilobytes) => {
    const program = await createProgram()
    const backend = await startTestBackend('one')
    writeOneApp(program, backend)
    const serve = startOnOwnDisk(program, `${kilobytes}k`)
    try {
      const isReady = async (): Promise<boolean> =>
        (await fetch(`http://127.0.0.1:${program.health}/readyz`).catch(() => undefined))?.status === 200
      await until(async () => serve.process.exitCode !== null || (await isReady()), 60_000)
      expect(serve.log()).not.toMatch(/^ +at /m)
      const { exitCode } = serve.process
      if (kilobytes <= 12) expect(exitCode).toBe(2)
      if (exitCode === null) return
      expect(exitCode).toBe(2)
      const said = serve.log().match(/^fairlead: .*$/gm)
      expect(said).toHaveLength(1)
      expect(said?.[0]).toMatch(/ENOSPC/)
      expect(said?.[0]).toContain(program.state)
      expect(said?.[0]).toContain('free space there, or choose another folder with --state-dir')
    } finally {
      await serve.end()
      await program.remove()
      backend.close()
    }
  },
)

/** `serve` with a state folder of one megabyte, on a file system that no other process has. */
function startOnOwnDisk({ manifests, state, http, https, health }: Program, size = '1m'): Started {
  const ports = ['--http-port', String(http), '--https-port', String(https), '--healthz-port', String(health)]
  const flags = ['--manifests', manifests, '--state-dir', state, '--log-format', 'text', '--no-access-log', ...ports]
  const script = `mkdir "$1" && mount -t tmpfs -o size=${size},mode=711 fairlead "$1"`
  return startInMountNamespace(script, [state], [process.execPath, bin, 'serve', ...flags])
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
