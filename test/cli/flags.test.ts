import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addServe } from '../../src/cli/serve.js'

const known = readFileSync(new URL('flags.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')

/** `--version` is a flag of the program itself. */
test('FLG-1: serve takes each of the other 71 flags of ingress-nginx', () => {
  const program = new Command()
  addServe(program)
  const taken = new Set(program.commands.flatMap(({ options }) => options.map(({ long }) => long)))
  expect(known).toHaveLength(71)
  expect(known.filter((flag) => !taken.has(`--${flag}`))).toEqual([])
})

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))

test.each([
  ['serve', '--configmap'],
  ['check', '--default-backend-service'],
  ['explain', '--tcp-services-configmap'],
  ['check', '--default-ssl-certificate'],
  ['serve', '--publish-service'],
])('%s %s wants namespace/name', (command, flag) => {
  const path = command === 'check' ? ['.'] : []
  const { status, stderr } = spawnSync(process.execPath, [bin, command, ...path, flag, 'foo'], { encoding: 'utf8' })
  expect(status).toBe(2)
  expect(stderr.split('\n')[0]).toMatch(
    new RegExp(`^error: option '${flag} <.*>' argument 'foo' is invalid. An object is named as namespace/name`),
  )
})

test('serve --help says where state is without --state-dir', () => {
  const { stdout } = spawnSync(process.execPath, [bin, 'serve', '--help'], { encoding: 'utf8' })
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('default: of root /var/lib/fairlead/HTTP-PORT')
})
