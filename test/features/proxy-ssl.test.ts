import { describe, expect, test } from 'vitest'
import { referencesOf } from '../../src/features/references.js'
import { parseObject } from '../../src/snapshot/parse.js'
import { createAuthority } from '../support/certificates.js'
import { type Asked, ingress, PREFIX, type Translated, translated } from './translated.js'

const authority = createAuthority('Tests')
const leaf = authority.issue({ names: ['client.test'] })
const foreign = authority.issue({ names: ['client.test'] })

const FULL = { 'ca.crt': authority.certificate, 'tls.crt': leaf.chain, 'tls.key': leaf.key }

function of(
  annotations: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>> = FULL,
  configMap: Asked['configMap'] = {},
): Translated {
  const secret = (namespace: string): object => ({
    kind: 'Secret',
    metadata: { namespace, name: 'backend' },
    stringData: data,
  })
  const own = { 'backend-protocol': 'HTTPS', 'proxy-ssl-secret': 'test/backend', ...annotations }
  return translated({ annotations: own, objects: [secret('test'), secret('other')], configMap })
}

/** The document that the route names as its client certificate. */
const shownBy = ({ route, translation }: Translated): unknown =>
  translation.documents.get(`a:${route.features?.backend?.tls?.client ?? ''}`)

const poolOf = ({ route }: Translated): string | undefined => route.features?.backend?.pool

test('PSSL-2: what is trusted, a certificate and its key, and NGINX with the defaults of the rest', () => {
  const plain = of({})
  const { profile, problems } = plain
  expect(problems).toEqual([])
  expect(shownBy(plain)).toEqual({ kind: 'client certificate', chain: leaf.chain, key: leaf.key })
  expect(profile.map((line) => line.replace(/[0-9a-f]{64}/, 'DIGEST'))).toEqual([
    'client_max_body_size 1m;',
    'proxy_pass $upstream_scheme://dyn;',
    'proxy_ssl_certificate $upstream_ssl_certificate;',
    'proxy_ssl_certificate_key $upstream_ssl_key;',
    'proxy_ssl_ciphers DEFAULT;',
    'proxy_ssl_protocols TLSv1.2;',
    'proxy_ssl_server_name off;',
    'proxy_ssl_session_reuse off;',
    'proxy_ssl_trusted_certificate files/DIGEST.pem;',
    'proxy_ssl_verify off;',
    'proxy_ssl_verify_depth 1;',
  ])
})

test('PSSL-4 PSSL-6: names are data; versions are in order, and unknown ones dropped', () => {
  const { route, profile } = of({
    'proxy-ssl-name': 'app.internal',
    'proxy-ssl-server-name': 'on',
    'proxy-ssl-verify': 'on',
    'proxy-ssl-verify-depth': '3',
    'proxy-ssl-protocols': 'TLSv1.3 SSLv3 TLSv1.2',
    'proxy-ssl-ciphers': 'HIGH:!aNULL',
  })
  expect(route.features?.backend?.tls?.serverName).toBe('app.internal')
  expect(profile).toEqual(
    expect.arrayContaining([
      'proxy_ssl_ciphers HIGH:!aNULL;',
      'proxy_ssl_name $upstream_ssl_name;',
      'proxy_ssl_protocols TLSv1.2 TLSv1.3;',
      'proxy_ssl_server_name on;',
      'proxy_ssl_verify on;',
      'proxy_ssl_verify_depth 3;',
    ]),
  )
})

test('a depth of 0 counts as 1; values that cannot be read have their defaults (DEF)', () => {
  expect(of({ 'proxy-ssl-verify-depth': '0' }).profile).toContain('proxy_ssl_verify_depth 1;')
  const { profile, problems } = of({ 'proxy-ssl-ciphers': 'a;b', 'proxy-ssl-protocols': 'SSLv3' })
  expect(profile).toEqual(expect.arrayContaining(['proxy_ssl_ciphers DEFAULT;', 'proxy_ssl_protocols TLSv1.2;']))
  expect(problems.map(({ code }) => code)).toEqual(['annotation/invalid-value', 'annotation/invalid-value'])
})

describe('PSSL-2: without ca.crt nothing is applied', () => {
  const { 'ca.crt': _ca, ...pair } = FULL
  test('not even the client certificate', () => {
    const without = of({}, pair)
    expect(without.route.features?.backend?.tls).toBeUndefined()
    expect(poolOf(without)).toBe(poolOf(translated({ annotations: { 'backend-protocol': 'HTTPS' } })))
  })
  test('ours: but what is to be verified is closed', () => {
    expect(of({ 'proxy-ssl-verify': 'on' }, pair).closed).toBe(true)
  })
})

test.each([
  ['there is no such Secret', { 'proxy-ssl-secret': 'test/missing' }, FULL],
  ['its name has one part', { 'proxy-ssl-secret': 'backend' }, FULL],
  ['it is in another namespace', { 'proxy-ssl-secret': 'other/backend' }, FULL],
  ['ca.crt is none', {}, { ...FULL, 'ca.crt': 'trust me' }],
  ['tls.crt is none', {}, { ...FULL, 'tls.crt': 'me' }],
  ['the key is missing', {}, { ...FULL, 'tls.key': '' }],
  ['the key is of another certificate', {}, { ...FULL, 'tls.key': foreign.key }],
  ['nobody can say whether it is to be verified', { 'proxy-ssl-verify': 'yes' }, FULL],
  ['PSSL-1: verification is asked for with GRPCS', { 'backend-protocol': 'GRPCS', 'proxy-ssl-verify': 'on' }, FULL],
  [
    'PSSL-1: verification is asked for with AUTO_HTTP',
    { 'backend-protocol': 'AUTO_HTTP', 'proxy-ssl-verify': 'on' },
    FULL,
  ],
  ['verification is asked for without a Secret', { 'proxy-ssl-secret': '', 'proxy-ssl-verify': 'on' }, FULL],
])('closed, with a problem: %s', (_fact, annotations, data) => {
  const { closed, problems } = of(annotations, data)
  expect(closed).toBe(true)
  expect(problems.map(({ code }) => code)).toEqual(['annotation/closed'])
  expect(JSON.stringify(problems)).not.toContain('PRIVATE')
})

test('PSSL-1: without TLS nothing has an effect', () => {
  const { closed, route } = of({ 'backend-protocol': 'HTTP', 'proxy-ssl-verify': 'on' })
  expect([closed, route.features, route.profile]).toEqual([false, undefined, undefined])
})

test('allow-cross-namespace-resources', () => {
  const allowed = of({ 'proxy-ssl-secret': 'other/backend' }, FULL, { 'allow-cross-namespace-resources': 'true' })
  expect(allowed.closed).toBe(false)
  expect(shownBy(allowed)).toMatchObject({ key: leaf.key })
})

test('connections are kept apart by everything that they were made with', () => {
  const pools = [
    of({}),
    of({ 'proxy-ssl-verify': 'on' }),
    of({ 'proxy-ssl-verify-depth': '2' }),
    of({ 'proxy-ssl-name': 'app.internal' }),
    of({ 'proxy-ssl-server-name': 'on' }),
    of({ 'proxy-ssl-ciphers': 'HIGH' }),
    of({ 'proxy-ssl-protocols': 'TLSv1.3' }),
    of({}, { ...FULL, 'ca.crt': createAuthority('Others').certificate }),
    of({}, { ...FULL, 'tls.crt': foreign.chain, 'tls.key': foreign.key }),
    of({}, { 'ca.crt': authority.certificate }),
    translated({ annotations: { 'backend-protocol': 'HTTPS' } }),
  ].map(poolOf)
  expect(new Set(pools).size).toBe(pools.length)
})

test('PSSL-2: a private key is in the table once, for all that present it, and goes with the last of them', () => {
  const secret = { kind: 'Secret', metadata: { namespace: 'test', name: 'backend' }, stringData: FULL }
  const own = { 'backend-protocol': 'HTTPS', 'proxy-ssl-secret': 'test/backend' }
  const { translation } = translated({ annotations: own, objects: [secret, ingress('other', own, 'b.test')] })
  const withKey = (documents: ReadonlyMap<string, unknown>): number =>
    [...documents.values()].filter((document) =>
      JSON.stringify(document).includes(JSON.stringify(leaf.key).slice(1, -1)),
    ).length
  expect(withKey(translation.documents)).toBe(1)
  expect(
    withKey(translated({ annotations: { 'backend-protocol': 'HTTPS' }, objects: [secret] }).translation.documents),
  ).toBe(0)
})

test('GEN-19: a cluster is asked for the Secret', () => {
  const written = { ...ingress('app', { 'proxy-ssl-secret': 'test/backend' }), apiVersion: 'networking.k8s.io/v1' }
  const { object } = parseObject(written, undefined)
  if (object?.kind !== 'Ingress') throw new Error('not read')
  expect(referencesOf('Secret', object, PREFIX)).toEqual(['test/backend'])
})
