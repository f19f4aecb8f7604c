import { readFileSync } from 'node:fs'
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
