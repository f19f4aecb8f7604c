import { describe, expect, test } from 'vitest'
import { translated, type Asked } from '../../test/features/translated.js'
import type { MatchPattern } from '../model/match.js'
import { explain } from './explain.js'
import type { HeaderExplanation } from './header-fate.js'

const endpoints = {
  kind: 'EndpointSlice',
  metadata: { name: 'app-1', labels: { 'kubernetes.io/service-name': 'app' } },
  addressType: 'IPv4',
  ports: [{ port: 8080 }],
  endpoints: [{ addresses: ['10.0.0.1'] }],
}
const app = { kind: 'Service', metadata: { name: 'app' }, spec: { ports: [{ port: 80 }] } }

/** As far as the patterns here go. */
const match: MatchPattern = (pattern, text) => {
  const found = new RegExp(pattern, 'i').exec(text)
  return found === null ? { kind: 'none' } : { kind: 'match', captures: [...found] }
}

/** By name: a value, words in brackets, or `removed`; undefined: not listed. */
function headersOf(asked: Asked, headers: Readonly<Record<string, string>> = {}, target = '/app/x?p=7') {
  const { translation } = translated({ ...asked, objects: [app, endpoints, ...(asked.objects ?? [])] })
  const question = { scheme: 'http', host: 'a.test:8080', target, headers } as const
  const explanation = explain(translation, question, true, match)
  expect(explanation.outcome.kind).toBe('proxy')
  return Object.fromEntries((explanation.headers ?? []).map((one) => [one.name, wordOf(one)]))
}

function wordOf(header: HeaderExplanation): string {
  if (header.kind === 'removed') return 'removed'
  return header.kind === 'sent' ? header.value : `(${header.words})`
}

const STANDARD = {
  Host: 'a.test:8080',
  'X-Request-ID': '(an id of the request)',
  'X-Real-IP': "(the client's address)",
  'X-Forwarded-For': "(the client's address)",
  'X-Forwarded-Host': 'a.test:8080',
  'X-Forwarded-Port': '80',
  'X-Forwarded-Proto': 'http',
  'X-Forwarded-Scheme': 'http',
  'X-Scheme': 'http',
}

test('every backend gets the standard headers, and nothing that the client did not send is removed', () => {
  expect(headersOf({})).toEqual(STANDARD)
})

test("the client's own do not pass under these names", () => {
  const sent = { 'x-real-ip': '1.2.3.4', 'x-forwarded-for': '1.2.3.4', proxy: 'x', connection: 'x', accept: '*/*' }
  expect(headersOf({}, { ...sent, 'x-request-id': 'mine' })).toEqual({
    ...STANDARD,
    'X-Request-ID': 'mine',
    'X-Original-Forwarded-For': '1.2.3.4',
    Connection: 'removed',
    Proxy: 'removed',
  })
  expect(headersOf({}, { upgrade: 'websocket' })).toEqual({
    ...STANDARD,
    Upgrade: 'websocket',
    Connection: 'upgrade',
  })
})

describe('annotations', () => {
  test('upstream-vhost is the Host, with what only NGINX knows by its name (VH-1)', () => {
    const of = (host: string) => headersOf({ annotations: { 'upstream-vhost': host } })
    expect(of('inner.test')).toEqual({ ...STANDARD, Host: 'inner.test' })
    expect(of('$service_name.inner:$arg_p')).toEqual({ ...STANDARD, Host: 'app.inner:7' })
    expect(of('$remote_addr.inner')).toEqual({ ...STANDARD, Host: '($remote_addr.inner)' })
  })

  test('x-forwarded-prefix (VH-2)', () => {
    const annotations = { 'rewrite-target': '/v2', 'x-forwarded-prefix': '/app' }
    expect(headersOf({ annotations })).toEqual({ ...STANDARD, 'X-Forwarded-Prefix': '/app' })
  })

  test('connection-proxy-header (CON-1)', () => {
    const annotations = { 'connection-proxy-header': 'close' }
    expect(headersOf({ annotations }, { upgrade: 'websocket' })).toMatchObject({ Connection: 'close' })
  })

  test('a login is removed, and what is none stays (BAS-6)', () => {
    const annotations = { 'auth-type': 'basic', 'auth-secret': 'users' }
    const users = { kind: 'Secret', metadata: { name: 'users' }, stringData: { auth: 'ann:{PLAIN}x' } }
    const asked = { annotations, objects: [users] }
    expect(headersOf(asked)).toEqual({ ...STANDARD, Authorization: 'removed' })
    expect(headersOf(asked, { authorization: 'Basic YW5uOng=' })).toEqual({ ...STANDARD, Authorization: 'removed' })
    expect(headersOf(asked, { authorization: 'Bearer x' })).toEqual(STANDARD)
  })

  test('headers of the answer of an auth service (EXT-4)', () => {
    const annotations = { 'auth-url': 'http://10.0.0.9/auth', 'auth-response-headers': 'X-User, X-Group' }
    const words = '(as the auth service answers)'
    expect(headersOf({ annotations }, { 'x-user': 'mine' })).toEqual({ ...STANDARD, 'X-User': words, 'X-Group': words })
    expect(headersOf({ annotations: { ...annotations, satisfy: 'any' } })).toMatchObject({
      'X-User': '(as the auth service answers, where it is asked)',
    })
  })

  test('a script gets no headers but those of its path', () => {
    const annotations = { 'backend-protocol': 'FCGI' }
    expect(headersOf({ annotations })).toEqual({})
  })

  test('gRPC knows no Connection', () => {
    expect(headersOf({ annotations: { 'backend-protocol': 'GRPC' } }, { connection: 'x' })).toEqual(STANDARD)
  })
})

describe('the ConfigMap', () => {
  const named = (data: object) => ({ kind: 'ConfigMap', metadata: { name: 'sent', namespace: 'test' }, data })

  test('proxy-set-headers go before the standard ones', () => {
    const configMap = { 'proxy-set-headers': 'test/sent' }
    const objects = [named({ 'X-Real-IP': 'hidden', 'X-Asked': 'for $host $http_x_a', 'X-Id': '$connection of $host' })]
    expect(headersOf({ configMap, objects }, { 'x-a': '1' })).toEqual({
      ...STANDARD,
      'X-Real-IP': 'hidden',
      'X-Asked': 'for a.test 1',
      'X-Id': '($connection of a.test)',
    })
  })

  test('what proxies in front say is believed where it says so (IPA-2, SSL-5)', () => {
    const sent = {
      'x-forwarded-host': 'outer.test, b',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '444',
      'x-forwarded-for': '1.2.3.4',
    }
    const configMap = { 'use-forwarded-headers': 'true', 'compute-full-forwarded-for': 'true' }
    expect(headersOf({ configMap }, sent)).toMatchObject({
      Host: 'outer.test',
      'X-Forwarded-Host': 'outer.test',
      'X-Forwarded-For': '(1.2.3.4, and behind it the address that the connection comes from)',
      'X-Forwarded-Port': '444',
      'X-Forwarded-Proto': 'https',
    })
    const named = { ...configMap, 'proxy-real-ip-cidr': '10.0.0.0/8' }
    expect(headersOf({ configMap: named }, sent)).toMatchObject({
      Host: '(outer.test where it comes from proxy-real-ip-cidr)',
      'X-Forwarded-Proto': '(https where it comes from proxy-real-ip-cidr)',
    })
    expect(headersOf({}, sent)).toMatchObject({ Host: 'a.test:8080', 'X-Forwarded-Port': '80', 'X-Scheme': 'http' })
  })

  test('the URI, ids and connections', () => {
    const configMap = {
      'proxy-add-original-uri-header': 'true',
      'generate-request-id': 'false',
      'upstream-keepalive-connections': '0',
    }
    const { 'X-Request-ID': _, ...others } = STANDARD
    expect(headersOf({ configMap })).toEqual({ ...others, 'X-Original-URI': '/app/x?p=7', Connection: 'close' })
  })
})
