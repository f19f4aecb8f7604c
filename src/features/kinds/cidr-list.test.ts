import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { includesAddress } from '../../request/cidr.js'
import { admitsEverybody, cidrList } from './cidr-list.js'

function rangesOf(text: string) {
  const read = cidrList.parse(text)
  if (!read.ok) throw new Error(read.reason)
  return read.value
}

/** As `$binary_remote_addr` has it. */
function bytesOf(address: string): string {
  if (!address.includes(':')) return String.fromCharCode(...address.split('.').map(Number))
  const [before = '', after = ''] = address.split('::')
  const words = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16))
  const gap = Array.from({ length: 8 - words(before).length - words(after).length }, () => 0)
  return [...words(before), ...gap, ...words(after)]
    .map((word) => String.fromCharCode(Math.floor(word / 256), word % 256))
    .join('')
}

describe('a list of CIDR ranges', () => {
  test.each<readonly [list: string, address: string, held: boolean]>([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/8', '9.255.255.255', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.1 , 192.0.2.3', '192.0.2.3', true],
    ['192.0.2.1,192.0.2.3', '192.0.2.2', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::', false],
    ['::/0', '10.0.0.1', false],
    ['2001:DB8::1', '2001:db8::1', true],
    // IPv4 by way of IPv6 is IPv4.
    ['10.0.0.0/8', '::ffff:a01:203', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::/0', '::ffff:a01:203', false],
  ])('%s and %s: %s', (list, address, held) => {
    expect(includesAddress(rangesOf(list), bytesOf(address))).toBe(held)
  })

  test.each([
    '',
    ',',
    '10.0.0.0/8,',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.1',
    '010.0.0.1',
    '0x0a000001',
    '256.0.0.1',
    'example.com',
    '2001:db8::/129',
    'fe80::1%eth0',
    '10.0.0.1;10.0.0.2',
    '10.0.0.1\n10.0.0.2',
    '10.0.0.1}',
  ])('%j is none', (text) => {
    expect(cidrList.parse(text).ok).toBe(false)
  })

  test('ranges that overlap or touch become one, in the order of addresses', () => {
    expect(rangesOf('10.0.1.0/24,10.0.0.0/24,10.0.0.7,192.0.2.1')).toEqual({
      v4: { first: ['0a000000', 'c0000201'], last: ['0a0001ff', 'c0000201'] },
    })
  })

  test.each([
    ['0.0.0.0/0,::/0', true],
    ['::/0 , 128.0.0.0/1,0.0.0.0/1', true],
    ['0.0.0.0/0', false],
    ['0.0.0.0/1,::/0', false],
  ])('%s admits everybody: %s', (text, everybody) => {
    expect(admitsEverybody(rangesOf(text))).toBe(everybody)
  })

  test('the search finds what a walk along the list finds', () => {
    const range = fc.tuple(fc.nat(0xffff), fc.integer({ min: 16, max: 32 }))
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 30 }), fc.nat(0xffff), (list, low) => {
        const text = list.map(([address, prefix]) => `10.0.${address >> 8}.${address & 255}/${prefix}`).join(',')
        const walked = list.some(([address, prefix]) => address >> (32 - prefix) === low >> (32 - prefix))
        const address = String.fromCharCode(10, 0, low >> 8, low & 255)
        expect(includesAddress(rangesOf(text), address)).toBe(walked)
      }),
    )
  })

  test('bytes that are no address are in no list', () => {
    const everybody = rangesOf('0.0.0.0/0,::/0')
    expect(['', 'a', 'abcde', 'x'.repeat(17)].map((bytes) => includesAddress(everybody, bytes))).not.toContain(true)
  })
})
