import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createRing, findOwner } from '../../model/ring.js'
import { understandsSameSiteNone } from './same-site.js'
import { backendKeyOf, endpointKeyOf, isBoundTo, parseSession } from '../../request/session.js'
import { createRequest } from '../../request/offline-request.js'
import { pickBalanced, pickPersistent } from './sticky.js'

const md5 = (text: string): string => createHash('md5').update(text, 'latin1').digest('hex')

describe('the value of a session cookie (AFF-2)', () => {
  test('is the key and the key of the upstream', () => {
    const backend = backendKeyOf('default-shop-80', md5)
    expect(backend).toBe(md5(`${md5('default-shop-80')}default-shop-80`))
    expect(parseSession(`1700000000.1.7|${backend}`)).toEqual({ key: '1700000000.1.7', backend })
  })

  test('names an endpoint by its digest in persistent mode', () => {
    expect(endpointKeyOf('default-shop-80', '10.0.0.1', 8080, md5)).toBe(md5('default-shop-8010.0.0.1:8080'))
    expect(endpointKeyOf('default-shop-80', '[fd00::1]', 8080, md5)).toBe(md5('default-shop-80[fd00::1]:8080'))
  })

  test.each([
    ['of old, without a bar', 'abc', { key: 'abc' }],
    ['with more than one bar', 'abc|def|ghi', { key: 'abc', backend: 'def' }],
    ['with an empty upstream', 'abc|', { key: 'abc', backend: '' }],
    ['without a key', '|def', undefined],
    ['empty', '', undefined],
    ['absent', undefined, undefined],
  ])('%s', (_fact, value, session) => {
    expect(parseSession(value)).toEqual(session)
  })

  test('binds to one upstream (AFF-10)', () => {
    expect(isBoundTo({ key: 'a', backend: 'main' }, 'main')).toBe(true)
    expect(isBoundTo({ key: 'a', backend: 'main' }, 'canary')).toBe(false)
    expect(isBoundTo({ key: 'a' }, 'main')).toBe(false)
    expect(isBoundTo(undefined, 'main')).toBe(false)
  })
})

describe('a client that is bound anew', () => {
  const names = ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80']

  test('balanced: the key leads back to the endpoint, which has not failed (AFF-6)', () => {
    const ring = createRing(names)
    for (let turn = 0; turn < 200; turn++) {
      const failed = turn % 2 === 0 ? [] : [turn % 3, (turn + 1) % 3]
      const { position, key } = pickBalanced(
        ring,
        (one) => failed.includes(one),
        (attempt) => `${turn}.${attempt}`,
        createRequest({}),
      )
      expect(findOwner(ring, key)).toBe(position)
      expect(failed).not.toContain(position)
    }
  })

  test('balanced: after 20 attempts a failed one is taken', () => {
    const attempts: number[] = []
    const pick = pickBalanced(
      createRing(['10.0.0.1:80']),
      () => true,
      (attempt) => `${attempts.push(attempt)}`,
      createRequest({}),
    )
    expect(pick).toEqual({ position: 0, key: '20' })
    expect(attempts).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  })

  test('persistent: one that has not failed, all of them if all have (AFF-7)', () => {
    const picks = (...failed: readonly number[]): readonly number[] =>
      [1, 2, 3].map((nth) => {
        const avoid = (one: number): boolean => failed.includes(one)
        return pickPersistent(['a', 'b', 'c'], avoid, (most) => Math.min(nth, most)).position
      })
    expect(picks()).toEqual([0, 1, 2])
    expect(picks(1)).toEqual([0, 2, 2])
    expect(picks(0, 1, 2)).toEqual([0, 1, 2])
    expect(pickPersistent(['a', 'b', 'c'], (one) => one === 0, scripted(1, 2))).toEqual({ position: 2, key: 'c' })
  })
})

function scripted(...numbers: readonly number[]): () => number {
  let next = 0
  return () => numbers[next++] ?? 1
}

describe('SameSite=None is kept from browsers that misread it (AFF-8)', () => {
  const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 (KHTML, like Gecko)'
  test.each([
    [undefined, true],
    ['', true],
    ['curl/8.0', true],
    ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0.2623.112 Safari/537.36', false],
    ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/66.0.3359.117 Safari/537.36', false],
    ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.0.0 Safari/537.36', true],
    ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/500.0.0.0 Safari/537.36', true],
    ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/5', true],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 12_0 like Mac OS X) AppleWebKit/605.1.15 Version/12.0 Safari/604.1', false],
    ['Mozilla/5.0 (iPad; CPU OS 12_4 like Mac OS X) AppleWebKit/605.1.15 Version/12.0 Safari/604.1', false],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 13_0 like Mac OS X) AppleWebKit/605.1.15 Version/13.0 Safari/604.1', true],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 13_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/56.0.2924.75 Safari/602',
      false,
    ],
    [`${mac} Version/12.1 Safari/605.1.15`, false],
    [`${mac} Chrome/100.0.0.0 Safari/537.36`, true],
  ])('%s', (userAgent, understands) => {
    expect(understandsSameSiteNone(userAgent)).toBe(understands)
  })
})
