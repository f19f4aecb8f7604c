import { expect, test } from 'vitest'
import { changedRecords, encodeStream, packRecords } from './stream-records.js'

const record = (...endpoints: readonly (readonly [string, number])[]): string =>
  encodeStream({ label: 'a-b-1', endpoints: endpoints.map(([address, port]) => ({ address, port })) })

test.each([
  ['nobody', [], 'a-b-1  '],
  ['IPv4', [['10.0.0.255', 80]], 'a-b-1 0a0000ff0050 '],
  ['IPv6, all of it', [['[2001:db8:1:2:3:4:5:6]', 1]], 'a-b-1  20010db80001000200030004000500060001'],
  ['IPv6 with zeros in the middle', [['[2001:DB8::1]', 1]], 'a-b-1  20010db80000000000000000000000010001'],
  ['IPv6 with zeros at an end', [['[fe80::]', 1]], 'a-b-1  fe8000000000000000000000000000000001'],
  ['IPv6 of nothing else', [['[::]', 1]], 'a-b-1  000000000000000000000000000000000001'],
  ['IPv4 inside IPv6', [['[::ffff:10.1.2.3]', 65_535]], 'a-b-1  00000000000000000000ffff0a010203ffff'],
] as const)('a record of %s', (_, endpoints, expected) => {
  expect(record(...endpoints)).toBe(expected)
})

test('endpoints of one port stand together, in whatever order they come', () => {
  const endpoints = [
    ['10.0.0.2', 81],
    ['10.0.0.1', 80],
    ['10.0.0.1', 81],
    ['10.0.0.3', 80],
  ] as const
  expect(record(...endpoints)).toBe('a-b-1 0a00000100500a00000300500a00000100510a0000020051 ')
  expect(record(...endpoints.toReversed())).toBe(record(...endpoints))
})

test('a label cannot end a record or a line', () => {
  expect(encodeStream({ label: 'a b\nc=é', endpoints: [] })).toBe('a?b?c=?  ')
})

test('what changed: others, new ones, and those that are no more, once', () => {
  const known = new Map([
    ['same', 'a'],
    ['other', 'a'],
    ['gone', 'a'],
    ['gone before', ''],
  ])
  const wanted = new Map([
    ['same', 'a'],
    ['other', 'b'],
    ['new', 'c'],
  ])
  expect([...changedRecords(known, wanted)]).toEqual([
    ['other', 'b'],
    ['new', 'c'],
    ['gone', ''],
  ])
})

test('messages are small, and say everything', () => {
  const records = new Map(Array.from({ length: 3000 }, (_, i) => [`tcp:${i}`, 'x'.repeat(i % 100)]))
  const texts = [...packRecords(records)]
  expect(texts.every((text) => text.length < 61_000)).toBe(true)
  expect(texts.join('').split('\n').slice(0, -1)).toEqual([...records].map(([key, value]) => `${key}=${value}`))
})

test('a service with more endpoints than a message holds is still one message', () => {
  const many = Array.from({ length: 20_000 }, (_, i): [string, number] => [`10.0.${i >> 8}.${i & 255}`, 80])
  expect([...packRecords(new Map([['tcp:1', record(...many)]]))].every((text) => text.length < 61_000)).toBe(true)
})
