import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { catalogue } from '../../src/problems/catalogue.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))

function problems(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'problems', ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { status, stdout, stderr }
}

test('all problems, each with what it means', () => {
  const { status, stdout } = problems()
  expect(status).toBe(0)
  for (const [code, { severity, title }] of Object.entries(catalogue))
    expect(stdout).toContain(`${code} ${severity}\n  ${title}\n`)
})

test('one by its code, and a family by the part before the slash', () => {
  expect(problems('tls/expired').stdout).toMatch(/^tls\/expired warning\n {2}A certificate has expired/)
  const family = problems('table').stdout
  expect(family.match(/^table\//gm)).toHaveLength(
    Object.keys(catalogue).filter((code) => code.startsWith('table/')).length,
  )
})

test('--json', () => {
  const { stdout } = problems('tls/expired', '--json')
  expect(JSON.parse(stdout)).toEqual([{ code: 'tls/expired', ...catalogue['tls/expired'] }])
})

test('a code that does not exist: exit 2, and what there is', () => {
  const { status, stdout, stderr } = problems('tls/nothing')
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^fairlead: There is no problem "tls\/nothing"\. There are those of: file, .*tls, /)
})
