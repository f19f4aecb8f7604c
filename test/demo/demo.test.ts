import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
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
