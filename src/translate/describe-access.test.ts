import { describe, expect, test } from 'vitest'
import type { HostDocument, Route } from '../model/documents.js'
import type { HostFeatures, RouteFeatures } from '../model/features.js'
import { createMemoryTable } from '../model/memory-table.js'
import { describeAccess } from './describe-access.js'

const service = {
  kind: 'auth-service',
  addresses: ['127.0.0.1'],
  port: 4180,
  host: 'auth.test',
  target: [
    { kind: 'text', text: '/verify?u=' },
    { kind: 'variable', name: 'request_uri' },
  ],
  method: 'GET',
  signIn: { to: [{ kind: 'text', text: 'https://sso.test/' }] },
  connections: { most: 1, seconds: 1, requests: 1 },
} as const
const table = createMemoryTable(new Map([['a:auth/x', service]]))

function described(features: RouteFeatures, ofHost?: HostFeatures): ReturnType<typeof describeAccess> {
  const route: Route = { path: '/', match: 'prefix', action: { kind: 'answer', status: 200, label: '' }, features }
  const host: HostDocument = {
    name: 'a.test',
    paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
    root: route,
    ...(ofHost === undefined ? {} : { features: ofHost }),
  }
  return describeAccess(host, route, table)
}

describe('who may come in, in words', () => {
  test('everybody', () => {
    expect(described({})).toBeUndefined()
  })

  test('EXT-3: the service that is asked, and where strangers go', () => {
    expect(described({ externalAuth: { service: 'auth/x' } })?.checks).toEqual([
      'a 2xx of GET http://auth.test:4180/verify?u=$request_uri (auth-url); strangers are sent to https://sso.test/',
    ])
  })

  test('a service that is not there', () => {
    const missing = ['an auth service that is not known, so nobody comes in']
    expect(described({ externalAuth: { service: 'auth/y' } })?.checks).toEqual(missing)
    expect(described({ externalAuth: { service: 'auth/x', services: { 'b.test': 'auth/x' } } })?.checks).toEqual(
      missing,
    )
  })

  test('SAT-1: one of several, besides what always holds', () => {
    const found = described(
      { satisfyAny: true, denied: { ranges: 'x' }, allowed: { ranges: 'y' }, basic: { users: 'z', realm: 'shop' } },
      { clients: { authority: 'x', verify: 'on', depth: 1 } },
    )
    expect(found).toEqual({
      always: ['a client certificate over TLS (auth-tls-verify-client on)', 'an address that is not on the deny list'],
      checks: ['an address on the allow list', 'a password (basic authentication, realm "shop")'],
      needed: 'any',
    })
  })
})
