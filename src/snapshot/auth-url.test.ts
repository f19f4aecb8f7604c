import { expect, test } from 'vitest'
import { authHosts, globalAuthHosts, isUnderOwnHost, parseAuthUrl, underHost } from './auth-url.js'

test.each([
  ['http://auth.shop.svc.cluster.local/verify?a=b', ['http', 'auth.shop.svc.cluster.local', 80, '/verify?a=b']],
  ['https://Auth.test:8443', ['https', 'auth.test', 8443, '']],
  ['HTTP://127.0.0.1:4180$request_uri', ['http', '127.0.0.1', 4180, '$request_uri']],
  ['http://auth.test$uri?x', ['http', 'auth.test', 80, '$uri?x']],
  ['http://auth_x?y', ['http', 'auth_x', 80, '?y']],
] as const)('%s is one', (text, [scheme, host, port, rest]) => {
  expect(parseAuthUrl(text)).toEqual({ scheme, host, port, rest })
})

test.each([
  ['auth.test/verify', 'does not begin'],
  ['ftp://auth.test', 'does not begin'],
  ['//auth.test', 'does not begin'],
  ['http://', 'names no host'],
  ['http:///verify', 'names no host'],
  ['http://a b/', 'names no host'],
  ['http://user@auth.test/', 'names no host'],
  ['http://auth.test:/', 'names no host'],
  ['http://auth.test:99999999/', 'names no host'],
  ['http://auth..test/', 'empty part'],
  ['http://.test/', 'empty part'],
  ['http://auth.test:0/', 'port'],
  ['http://auth.test:65536/', 'port'],
  ['http://$host/', 'variable in its host'],
  ['http://auth$request_uri_x/', 'variable in its host'],
  ['http://auth.test:$server_port/', 'variable in its host'],
])('EXT-12 EXT-13: %s is none', (text, reason) => {
  expect(parseAuthUrl(text)).toContain(reason)
})

test('EXT-10: the hosts that an Ingress and a ConfigMap name', () => {
  const annotations = { 'x/auth-url': ' http://a.test/ ', 'y/auth-url': '/none', 'x/auth-signin': 'http://b.test/' }
  expect(authHosts({ annotations, rules: [] })).toEqual(['a.test'])
  expect(globalAuthHosts({ 'global-auth-url': 'https://c.test' })).toEqual(['c.test'])
  expect(globalAuthHosts({})).toEqual([])
})

test.each([
  ['https://$host/oauth2/auth', ['a.test', 'B.test', 'a.test'], ['a.test', 'b.test']],
  ['https://$host:8443/oauth2/auth', ['a.test'], ['a.test']],
  ['https://$host', ['*.a.test'], []],
  ['https://$host', ['a.test', undefined], []],
  ['https://$hostname/', ['a.test'], []],
] as const)('EXT-13: %s of the hosts %j is at %j', (url, hosts, names) => {
  expect(authHosts({ annotations: { 'x/auth-url': url }, rules: hosts.map((host) => ({ host })) })).toEqual(names)
  expect(names.every((name) => typeof parseAuthUrl(underHost(url, name)) === 'object')).toBe(true)
  expect(isUnderOwnHost(url)).toBe(!url.includes('hostname'))
})
