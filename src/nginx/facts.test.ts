import { describe, expect, it } from 'vitest'
import { factsOf, isAtLeast } from './facts.js'

describe('what an NGINX can do, by its version', () => {
  it.each([
    ['1.25.1', []],
    ['1.26.3', ['streamPass']],
    ['1.27.4', ['keepaliveMinTimeout', 'streamPass']],
    ['1.29.3', ['earlyHints', 'keepaliveMinTimeout', 'requestPortVariable', 'streamPass']],
    ['1.29.6', ['earlyHints', 'keepaliveMinTimeout', 'proxyHttp2', 'requestPortVariable', 'streamPass', 'strictHosts']],
    [
      '1.29.7',
      [
        'earlyHints',
        'keepaliveMinTimeout',
        'keepaliveZero',
        'proxyHttp2',
        'requestPortVariable',
        'streamPass',
        'strictHosts',
      ],
    ],
    [
      '1.30.6',
      [
        'earlyHints',
        'keepaliveMinTimeout',
        'keepaliveZero',
        'proxyHttp2',
        'requestPortVariable',
        'streamPass',
        'strictHosts',
      ],
    ],
  ])('%s', (version, expected) => {
    const facts = Object.entries(factsOf(version, { threads: false, debug: false, http3: false }))
    expect(facts.flatMap(([name, has]) => (has ? [name] : [])).sort()).toEqual(expected)
  })

  it.each([
    ['1.29.2', true, false],
    ['1.29.3', true, true],
    ['1.29.3', false, false],
  ])('%s, built with HTTP/3: %s, can serve it: %s', (version, http3, expected) => {
    expect(factsOf(version, { threads: true, debug: true, http3 }).http3).toBe(expected)
  })

  it.each([
    ['1.9.15', '1.25.1', false],
    ['1.25.1', '1.25.1', true],
    ['1.25.3.1', '1.25.3', true],
    ['2.0', '1.25.1', true],
    ['1.25', '1.25.1', false],
  ])('%s is at least %s: %s', (version, wanted, expected) => {
    expect(isAtLeast(version, wanted)).toBe(expected)
  })
})
