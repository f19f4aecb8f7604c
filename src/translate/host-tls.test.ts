import { expect, test } from 'vitest'
import { createAuthority } from '../../test/support/certificates.js'
import { snapshotOf } from '../../test/cases/world-of-case.js'
import type { Route } from '../model/documents.js'
import { printConfig } from '../nginx/print.js'
import { defaultTranslateOptions } from './options.js'
import { translate, type Translation } from './translate.js'

const PREFIX = 'nginx.ingress.kubernetes.io'
const authority = createAuthority('Tests')
const leaf = authority.issue({ names: ['client.test'] })
const secret = {
  kind: 'Secret',
  metadata: { name: 'backend' },
  stringData: { 'ca.crt': authority.certificate, 'tls.crt': leaf.chain, 'tls.key': leaf.key },
}

const LENDS = { 'backend-protocol': 'HTTPS', 'proxy-ssl-secret': 'test/backend', 'proxy-ssl-verify': 'on' }
const HTTPS = { 'backend-protocol': 'HTTPS' }

/** Serves `/NAME` of its hosts; days say how old it is. */
function ingress(
  name: string,
  day: number,
  annotations: Readonly<Record<string, string>>,
  { hosts = ['a.test'], namespace = 'test' } = {},
): object {
  const backend = { service: { name: 'app', port: { number: 80 } } }
  const http = { paths: [{ path: `/${name}`, pathType: 'Prefix', backend }] }
  const named = Object.entries(annotations).map(([key, value]) => [`${PREFIX}/${key}`, value])
  return {
    kind: 'Ingress',
    metadata: {
      name,
      namespace,
      creationTimestamp: `2026-01-0${day}T00:00:00Z`,
      annotations: Object.fromEntries(named),
    },
    spec: { rules: hosts.map((host) => ({ host, http })) },
  }
}

const configMap = (data: Readonly<Record<string, string>>): object => ({
  kind: 'ConfigMap',
  metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
  data,
})

const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0 }
const translated = (
  objects: readonly object[],
  before?: Translation,
  refused = new Map<string, string>(),
): Translation =>
  translate(snapshotOf(objects), defaultTranslateOptions, { ...surroundings, refusedProfiles: refused }, before)

function routeOf({ documents }: Translation, path: string, host = 'a.test'): Route {
  const document = documents.get(`h:${host}`)
  if (document === undefined || !('paths' in document) || document.paths.kind !== 'literal') throw new Error('no host')
  const route = document.paths.prefix[path]
  if (route === undefined) throw new Error(`no ${path}`)
  return route
}

/** What a route says of TLS, and its profile does. */
function tlsOf(translation: Translation, path: string, host?: string): readonly unknown[] {
  const { profile, features } = routeOf(translation, path, host)
  const found = translation.profiles.find(({ name }) => name === profile)
  const isVerified = found !== undefined && printConfig(found.directives).includes('proxy_ssl_verify on;')
  return [isVerified, features?.backend?.tls?.client !== undefined, features?.backend?.pool]
}

const none = tlsOf(translated([ingress('alone', 1, HTTPS)]), '/alone')

test('the oldest Ingress with a CA lends its TLS to those of its host that speak HTTPS and have none (PSSL-5)', () => {
  const objects = [
    secret,
    ingress('first', 1, LENDS),
    ingress('older', 2, { ...LENDS, 'proxy-ssl-name': 'b.internal' }),
    ingress('shares', 3, { ...HTTPS, 'proxy-read-timeout': '7', 'proxy-buffering': 'on' }),
    ingress('plain', 3, {}),
    ingress('grpcs', 3, { 'backend-protocol': 'GRPCS' }),
  ]
  const translation = translated(objects)
  const lent = tlsOf(translation, '/first')
  expect(lent).toEqual([true, true, expect.any(String)])
  expect(tlsOf(translation, '/shares')).toEqual(lent)
  expect(routeOf(translation, '/shares').features?.timeouts).toMatchObject({ read: 7 })
  // Its own profile, with what it wants besides.
  expect(routeOf(translation, '/shares').profile).not.toBe(routeOf(translation, '/first').profile)
  expect(tlsOf(translation, '/older')[2]).not.toBe(lent[2])
  expect(tlsOf(translation, '/plain')).toEqual([false, false, undefined])
  expect(tlsOf(translation, '/grpcs')[0]).toBe(false)
  expect(translation.documents).toEqual(translated(objects.toReversed()).documents)
})

test('an older Ingress without TLS of its own has that of a younger one; on other hosts it has none (PSSL-5)', () => {
  const both = { hosts: ['a.test', 'b.test'] }
  const translation = translated([secret, ingress('old', 1, HTTPS, both), ingress('young', 2, LENDS)])
  expect(tlsOf(translation, '/old')).toEqual(tlsOf(translation, '/young'))
  expect(tlsOf(translation, '/old', 'b.test')).toEqual(none)
})

test.each([
  ['proxy-ssl-location-only', { 'proxy-ssl-location-only': 'true' }, 'test'],
  ['another namespace, which may not have the Secret', {}, 'other'],
])('none is lent: %s', (_fact, data, namespace) => {
  const objects = [secret, configMap(data), ingress('first', 1, LENDS), ingress('shares', 2, HTTPS, { namespace })]
  expect(tlsOf(translated(objects), '/shares')).toEqual(none)
})

test('another namespace has it where objects of others may be named (PSSL-5)', () => {
  const allowed = configMap({ 'allow-cross-namespace-resources': 'true' })
  const objects = [secret, allowed, ingress('first', 1, LENDS), ingress('shares', 2, HTTPS, { namespace: 'other' })]
  expect(tlsOf(translated(objects), '/shares')[0]).toBe(true)
})

test('what is lent comes, changes and goes with the Ingress that lends it, and leaves nothing behind', () => {
  const shares = ingress('shares', 2, { ...HTTPS, 'proxy-buffering': 'on' })
  const steps = [
    [secret, shares],
    [secret, shares, ingress('first', 1, LENDS)],
    [secret, shares, ingress('first', 1, { ...LENDS, 'proxy-ssl-verify-depth': '3' })],
    [secret, shares, ingress('first', 1, HTTPS)],
    [secret, shares],
  ]
  let before: Translation | undefined
  for (const objects of steps) {
    before = translated(objects, before)
    const anew = translated(objects)
    expect([...before.documents]).toEqual([...anew.documents])
    expect(before.profiles.map(({ name }) => name)).toEqual(anew.profiles.map(({ name }) => name))
  }
})

test('where NGINX refuses what comes of it, the Ingress that shares is closed, and the one that lends is not', () => {
  const objects = [secret, ingress('first', 1, LENDS), ingress('shares', 2, { ...HTTPS, 'proxy-buffering': 'on' })]
  const first = translated(objects)
  const { profile = '' } = routeOf(first, '/shares')
  const second = translated(objects, first, new Map([[profile, 'it does not like it']]))
  expect(routeOf(second, '/shares').action).toMatchObject({ kind: 'answer', status: 503 })
  expect(routeOf(second, '/first').action.kind).toBe('proxy')
  expect(second.problems.map(({ about, code }) => [about.name, code])).toEqual([['shares', 'annotation/closed']])
})
