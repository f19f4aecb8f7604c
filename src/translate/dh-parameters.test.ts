import { getDiffieHellman } from 'node:crypto'
import { expect, test } from 'vitest'
import * as der from '../controller/der.js'
import type { Values } from '../configmap/index.js'
import type { Secret } from '../snapshot/objects.js'
import { dhParametersOf } from './dh-parameters.js'

const GROUP = getDiffieHellman('modp14')

function pem(prime: Buffer, behind = Buffer.alloc(0)): string {
  const bytes = Buffer.concat([der.sequence(der.integer(prime), der.integer(Buffer.from([2]))), behind])
  return `-----BEGIN DH PARAMETERS-----\n${bytes.toString('base64')}\n-----END DH PARAMETERS-----\n`
}

function read(text: string | undefined): ReturnType<typeof dhParametersOf> {
  const data = text === undefined ? {} : { 'dhparam.pem': Buffer.from(text) }
  const values = { 'ssl-dh-param': 'a/b' } as Values // of which only this is looked at
  return dhParametersOf(values, () => ({ namespace: 'a', name: 'b', data }) as Secret) // all that is looked at
}

test('parameters are printed anew, under a name that follows from them', () => {
  const { frame, problems } = read(`words\n${pem(GROUP.getPrime())}`)
  expect(problems).toEqual([])
  expect(frame.sslDhParam?.name).toMatch(/^[0-9a-f]{16}\.pem$/)
  const text = Buffer.from(frame.sslDhParam?.base64 ?? '', 'base64').toString()
  expect(text.replaceAll('\n', '')).toBe(pem(GROUP.getPrime()).replaceAll('\n', ''))
})

test.each([
  ['no dhparam.pem', undefined, 'can be read'],
  ['no PEM', 'x', 'can be read'],
  ['no sequence', '-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----', 'can be read'],
  ['something behind it', pem(GROUP.getPrime(), Buffer.alloc(3)), 'can be read'],
  ['a prime that is too small', pem(getDiffieHellman('modp5').getPrime()), '2048'],
  ['an even number', pem(Buffer.alloc(256, 0xf0)), '2048'],
])('not with %s', (_fact, text, expected) => {
  const { frame, problems } = read(text)
  expect(frame).toEqual({})
  expect(problems).toEqual([expect.objectContaining({ message: expect.stringContaining(expected) as unknown })])
})

test('a Secret that is not there is said', () => {
  const { problems } = dhParametersOf({ 'ssl-dh-param': 'a/b' } as Values, () => undefined) // as above
  expect(problems).toEqual([expect.objectContaining({ message: expect.stringContaining('no Secret a/b') as unknown })])
})
