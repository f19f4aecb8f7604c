import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { referenceEntries } from '../../src/features/reference.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))

function annotations(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'annotations', ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { status, stdout, stderr }
}

test('all annotations, each with what it does', () => {
  const { status, stdout } = annotations()
  expect(status).toBe(0)
  for (const { name, annotation } of referenceEntries()) expect(stdout).toMatch(line(name, annotation.doc))
})

function line(name: string, doc: string): RegExp {
  return new RegExp(`^ +${name} +${doc.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')}$`, 'm')
}

test('one by its name, with or without prefix', () => {
  const { stdout } = annotations('permanent-redirect-code')
  expect(stdout).toMatch(/^permanent-redirect-code\n {2}Status of the permanent redirect/)
  expect(stdout).toContain('nginx.ingress.kubernetes.io/permanent-redirect-code: "308"')
  expect(annotations('nginx.ingress.kubernetes.io/permanent-redirect-code').stdout).toBe(stdout)
})

test('a family', () => {
  const count = referenceEntries().filter(({ family }) => family.name === 'redirects').length
  expect(annotations('redirects').stdout.match(/^ {2}family +redirects /gm)).toHaveLength(count)
})

test('--json', () => {
  const [row] = JSON.parse(annotations('permanent-redirect', '--json').stdout) as readonly object[]
  expect(row).toMatchObject({ name: 'permanent-redirect', family: 'redirects', risk: 'medium', bad: 'refuse' })
})

test('a name that does not exist: exit 2, and the nearest that does', () => {
  const { status, stdout, stderr } = annotations('permanent-redirekt')
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toBe(
    'fairlead: This version understands no annotation "permanent-redirekt". Did you mean permanent-redirect?\n',
  )
})
