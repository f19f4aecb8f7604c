import { describe, expect, test } from 'vitest'
import { PLAIN_POOL, poolKey, type UpstreamTls } from './pool-key.js'

const tls: UpstreamTls = {
  serverName: 'backend.example.com',
  namesServer: true,
  verify: true,
  verifyDepth: 1,
  authority: 'a1',
  clientCertificate: 'c1',
  ciphers: 'DEFAULT',
  protocols: 'TLSv1.2',
}
const keyOf = (changes: Partial<UpstreamTls>): string =>
  poolKey({ protocol: 'http/1', tls: { ...tls, ...changes } }, (text) => text)

describe('two requests share upstream connections', () => {
  test('if everything is equal', () => {
    expect(keyOf({})).toBe(keyOf({}))
  })

  test.each([
    ['the server name', { serverName: 'other.example.com' }],
    ['whether it is verified', { verify: false }],
    ['the depth', { verifyDepth: 2 }],
    ['the trusted certificates', { authority: 'a2' }],
    ['the client certificate', { clientCertificate: '' }],
    ['whether the name is sent', { namesServer: false }],
    ['the ciphers', { ciphers: 'HIGH' }],
    ['the protocols', { protocols: 'TLSv1.3' }],
  ] as const)('not if %s differs', (_fact, changes) => {
    expect(keyOf(changes)).not.toBe(keyOf({}))
  })

  test('not if the protocol differs, with TLS or without', () => {
    const keys = (['http/1', 'http/2', 'grpc', 'fcgi'] as const).flatMap((protocol) => [
      poolKey({ protocol, tls: undefined }, (text) => text),
      poolKey({ protocol, tls }, (text) => text),
    ])
    expect(new Set(keys).size).toBe(8)
  })

  test('not if one text continues where the other ends', () => {
    const texts = ['', 'a', 'a 1:b', '1:a', 'a 0: 0:', '0: 1:a']
    const keys = texts.flatMap((serverName) => texts.map((authority) => keyOf({ serverName, authority })))
    expect(new Set(keys).size).toBe(texts.length ** 2)
  })
})

test('what is not plain passes through the digest', () => {
  expect(poolKey({ protocol: 'http/1', tls }, () => 'digest')).toBe('digest')
  expect(poolKey({ protocol: 'http/1', tls: undefined }, () => 'digest')).toBe(PLAIN_POOL)
})
