import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

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
