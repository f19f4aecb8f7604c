import { expect, test } from 'vitest'
import type { AffinitySettings, BalancingSettings, UpstreamFeatures } from '../model/features.js'
import type { HostDocument, Route, UpstreamDocument } from '../model/documents.js'
import { createRing, findOwner } from '../model/ring.js'
import { createRequest } from '../request/offline-request.js'
import { endpointKeyOf } from '../request/session.js'
import { md5Of } from './digest.js'
import { explainEndpoint } from './explain-endpoint.js'

const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3']
const names = addresses.map((address) => `${address}:80`)
const hashed = (by: string, more = {}): UpstreamFeatures => {
  const balancing: BalancingSettings = { kind: 'hash', by, ...more }
  return { balancing }
}
const sticky = (mode: AffinitySettings['mode']): UpstreamFeatures => ({
  affinity: { mode, cookie: { name: 'route' } },
})
const byRing = (key: string): string | undefined => names[findOwner(createRing(names), key)]

function endpointFor(features: UpstreamFeatures, headers: Readonly<Record<string, string>>): string | undefined {
  const upstream: UpstreamDocument = { key: 'a/b/80', label: 'a-b-80', addresses, ports: [80, 80, 80], features }
  const action = { kind: 'proxy', upstream: 'a/b/80', pool: 'http/1' } as const
  const route: Route = { path: '/', match: 'prefix', action }
  const paths = { kind: 'literal', exact: {}, prefix: {}, lengths: [] } as const
  const host: HostDocument = { name: 'a.test', paths, root: route }
  const target = '/x?User=ann&user=bob'
  const asked = { scheme: () => 'http' as const, name: 'a.test', routed: 'a.test', path: '/x', target: () => target }
  const variables = { request_uri: target, host: 'a.test' }
  const request = createRequest({ headers, variables, md5: md5Of })
  return explainEndpoint(
    { kind: 'proxy', host, route, upstream, pool: 'http/1', passage: { asked, host, route, upstream } },
    request,
  )
}

const session = endpointKeyOf('a-b-80', '10.0.0.2', 80, md5Of)

test.each([
  ['a hash of the request', hashed('$host$request_uri'), {}, byRing('a.test/x?User=ann&user=bob')],
  ['a hash of an argument, the first of its name', hashed('$arg_user'), {}, byRing('ann')],
  ['a hash of a header and a cookie', hashed('$http_x_key-$cookie_c'), { 'x-key': '1', cookie: 'c=2' }, byRing('1-2')],
  ['a hash of what was not sent', hashed('$http_x_key'), {}, byRing('')],
  ['not a hash of what only NGINX knows', hashed('$remote_addr'), {}, undefined],
  ['not a member of a set', hashed('$host', { subset: 2 }), {}, undefined],
  ['not by score', { balancing: { kind: 'ewma' } }, {}, undefined],
  ['a session that names its endpoint (AFF-2)', sticky('persistent'), { cookie: `route=${session}|x` }, names[1]],
  ['a session that is hashed (AFF-2)', sticky('balanced'), { cookie: 'route=1.2.3|x' }, byRing('1.2.3')],
  ['not a client that has no session yet (AFF-1)', sticky('balanced'), {}, undefined],
  ['not a session whose endpoint is gone (AFF-7)', sticky('persistent'), { cookie: 'route=gone|x' }, undefined],
] as const)('%s', (_fact, features, headers, endpoint) => {
  expect(endpointFor(features, headers)).toBe(endpoint)
})
