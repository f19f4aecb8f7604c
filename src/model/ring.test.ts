import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32 } from './crc32.js'
import { createRing, findOwner } from './ring.js'

/**
 * The ring as others describe it, with zlib's CRC and a list that is searched from its beginning. `weights` by name:
 * that many times 160 points.
 */
function lookUpPlainly(weights: Readonly<Record<string, number>>): (key: string) => string {
  const points: { hash: number; name: string }[] = []
  for (const [name, weight] of Object.entries(weights)) {
    const bytes = Buffer.alloc(name.length + 4)
    bytes.write(name, 'latin1')
    for (let i = 0, hash = 0; i < 160 * weight; i++) {
      bytes.writeUInt32LE(hash, name.length)
      hash = zlibCrc32(bytes)
      points.push({ hash, name })
    }
  }
  points.sort((a, b) => a.hash - b.hash)
  return (key) => {
    const hash = zlibCrc32(Buffer.from(key, 'latin1'))
    return (points.find((point) => point.hash >= hash) ?? points[0])?.name ?? ''
  }
}

const bytes = fc
  .uint8Array({ maxLength: 40 })
  .map((array) => Array.from(array, (byte) => String.fromCharCode(byte)).join(''))

const endpoint = fc
  .tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 1, max: 65535 }))
  .map(([third, fourth, port]) => `10.0.${third}.${fourth}:${port}`)
const endpoints = fc.uniqueArray(endpoint, { minLength: 1, maxLength: 12 })

test('a CRC-32 is that of zlib', () => {
  fc.assert(fc.property(bytes, (text) => crc32(text) === zlibCrc32(Buffer.from(text, 'latin1'))))
  expect(crc32('123456789')).toBe(0xcbf43926)
})

describe('a ring', () => {
  test('sends the same key to the same endpoint as ingress-nginx: described plainly (routing.md section 13, LB-3)', () => {
    fc.assert(
      fc.property(endpoints, fc.array(bytes, { minLength: 1, maxLength: 20 }), (names, keys) => {
        const ring = createRing(names)
        const plainly = lookUpPlainly(Object.fromEntries(names.map((name) => [name, 1])))
        for (const key of keys) expect(names[findOwner(ring, key)]).toBe(plainly(key))
      }),
    )
  })

  test('is described right: the shares that the tests of resty.chash expect, with its weights', () => {
    const plainly = lookUpPlainly({ server1: 10, server2: 2, server3: 1 })
    const shares: Record<string, number> = {}
    for (let key = 1; key <= 100_000; key++) {
      const name = plainly(String(key))
      shares[name] = (shares[name] ?? 0) + 1
    }
    expect(shares).toEqual({ server1: 77_075, server2: 14_743, server3: 8182 })
  })

  test.each([
    ['/', '10.0.0.1:8080'],
    ['/cart', '10.0.0.3:8080'],
    ['alice', '10.0.0.3:8080'],
    ['bob', '10.0.0.1:8080'],
    ['203.0.113.7', '10.0.0.1:8080'],
    ['', '10.0.0.1:8080'],
  ])('sends %j to %s of three', (key, name) => {
    const names = ['10.0.0.1:8080', '10.0.0.2:8080', '10.0.0.3:8080']
    expect(names[findOwner(createRing(names), key)]).toBe(name)
  })

  test('is in order, whatever the names', () => {
    fc.assert(
      fc.property(endpoints, (names) => {
        const { size, hashes, owners } = createRing(names)
        expect([size, hashes.length, owners.length]).toEqual([
          160 * names.length,
          160 * names.length,
          160 * names.length,
        ])
        expect(hashes).toEqual(hashes.toSorted((a, b) => a - b))
      }),
      { numRuns: 30 },
    )
  })

  test('does not depend on the order of the names', () => {
    fc.assert(
      fc.property(endpoints, bytes, (names, key) => {
        const turned = names.toReversed()
        expect(turned[findOwner(createRing(turned), key)]).toBe(names[findOwner(createRing(names), key)])
      }),
    )
  })

  test('an endpoint that leaves moves its own keys only, about one in N (LB-3)', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `key ${i * 7919}`)
    for (const count of [2, 3, 5, 10, 40]) {
      const names = Array.from({ length: count }, (_, i) => `10.1.${count}.${i}:8080`)
      const ring = createRing(names)
      const before = keys.map((key) => names[findOwner(ring, key)])
      const leaving = names[Math.floor(count / 2)]
      const left = names.filter((name) => name !== leaving)
      const smaller = createRing(left)
      const moved = keys.filter((key, i) => left[findOwner(smaller, key)] !== before[i])
      expect(moved.length).toBe(before.filter((name) => name === leaving).length)
      expect(moved.length / keys.length).toBeLessThanOrEqual(1 / count + 0.05)
    }
  })
})
