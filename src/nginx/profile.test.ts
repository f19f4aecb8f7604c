import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { knownDirectives } from './known-directives.js'
import { createProfile, isSameDirective, profileDirectives } from './profile.js'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const buffering = { name: 'proxy_buffering', args: ['on'] } as const
const size = { name: 'proxy_buffer_size', args: ['8k'] } as const

test('a name is p_ and 12 hexadecimal digits', () => {
  expect(createProfile([buffering], sha256).name).toMatch(/^p_[0-9a-f]{12}$/)
})

test('equal needs share a profile, whatever their order', () => {
  expect(createProfile([buffering, size], sha256)).toEqual(createProfile([size, buffering], sha256))
})

test('other needs have another', () => {
  const names = [
    createProfile([], sha256),
    createProfile([buffering], sha256),
    createProfile([size], sha256),
    createProfile([buffering, size], sha256),
    createProfile([{ name: 'proxy_buffering', args: ['off'] }], sha256),
    createProfile([{ name: 'proxy_next_upstream', args: ['error', 'timeout'] }], sha256),
    createProfile([{ name: 'proxy_next_upstream', args: ['error timeout'] }], sha256),
  ].map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test('a directive twice is refused, and so is a digest that names nothing', () => {
  expect(() => createProfile([buffering, { name: 'proxy_buffering', args: ['off'] }], sha256)).toThrow(/twice/)
  expect(() => createProfile([buffering], () => 'XYZ; } server {')).toThrow(/hexadecimal/)
})

test('the same directive is known by what it says', () => {
  expect(isSameDirective(buffering, { name: 'proxy_buffering', args: ['on'] })).toBe(true)
  expect(isSameDirective(buffering, { name: 'proxy_buffering', args: ['off'] })).toBe(false)
})

test('what a profile may hold, the printer knows', () => {
  expect(knownDirectives).toEqual(expect.arrayContaining([...profileDirectives]))
})
