import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { childrenOf } from '../observe/processes.js'
import { startDemo } from './program.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const demo = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url))

test('the demo shows what it promises and leaves nothing behind', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [demo, '--once'], {
    env: { ...process.env, NO_COLOR: '1' },
  })
  expect(stdout).toMatch(/certificate shop\.example\.com/)
  expect(stdout).toMatch(/\d{2,} requests meanwhile, 0 failed/)
  expect(stdout).toMatch(/0 reloads of NGINX/)
  expect(stdout).not.toContain('WRONG')
  const folder = /manifests (\S+)\/k8s/.exec(stdout)?.[1] ?? ''
  expect(folder).toContain('fairlead-demo-')
  expect(readdirSync(tmpdir()).map((name) => `${tmpdir()}/${name}`)).not.toContain(folder)
})

test('every line that the demo prints to try is right as it stands', async () => {
  const running = startDemo()
  await running.shown()
  const [, lines = ''] = /To try yourself\n((?: {2}.+\n)+)/.exec(running.output()) ?? []
  const run = (start: string): Promise<{ stdout: string }> => {
    const line = lines.split('\n').find((one) => one.trim().startsWith(start)) ?? 'exit 1'
    return promisify(execFile)('sh', ['-c', line], { cwd: repository, env: { ...process.env, NO_COLOR: '1' } })
  }
  expect((await run('curl -H')).stdout).toMatch(/^tenants-1 answers/)
  expect((await run('curl -k')).stdout).toMatch(/^cart-1 answers/)
  expect((await run('bin/fairlead explain')).stdout).toMatch(/^goes to Service demo\/tenants\/80\n/)
})

test('the demo leaves nothing behind when its terminal is closed', async () => {
  const running = startDemo()
  await running.shown()
  const [serve] = await childrenOf(running.process.pid ?? 0, 'serve')
  const below = await childrenOf(serve ?? 0, '')
  expect(below.length).toBeGreaterThan(0)
  running.process.kill('SIGHUP')
  expect(await running.ended()).toBe(0)
  expect(existsSync(running.folder())).toBe(false)
  expect([serve, ...below].filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
})

test('a second Ctrl-C, while the demo stops, does not keep it from cleaning up', async () => {
  const running = startDemo()
  await running.shown()
  running.process.kill('SIGINT')
  await expect.poll(running.output).toContain('Stopping')
  running.process.kill('SIGINT')
  expect(await running.ended()).toBe(0)
  expect(existsSync(running.folder())).toBe(false)
})
