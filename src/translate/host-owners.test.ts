import { expect, test } from 'vitest'
import { createAuthority } from '../../test/support/certificates.js'
import { differences } from '../collections/differences.js'
import { findCertified } from '../model/host.js'
import { createMemoryTable } from '../model/memory-table.js'
import { parseObject } from '../snapshot/parse.js'
import { createStore, type Store } from '../snapshot/store.js'
import { explain } from './explain.js'
import { defaultTranslateOptions } from './options.js'
import { translate, type Translation } from './translate.js'

const PREFIX = 'nginx.ingress.kubernetes.io'
const fallbackCertificate = { chain: 'chain', key: 'key' }
const leaf = createAuthority('Tests').issue({ names: ['*.wild.test', 'app.wild.test', 'shared.test', 'alias.test'] })

function storeWith(owners: string, ...ingresses: readonly object[]): Store {
  const store = createStore()
  const spec = { controller: 'k8s.io/ingress-nginx' }
  put(store, { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'nginx' }, spec })
  own(store, owners)
  for (const one of ingresses) put(store, one)
  return store
}

function own(store: Store, owners: string): void {
  const metadata = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }
  put(store, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'host-owners': owners } })
}

function put(store: Store, raw: object): void {
  const { object, problems } = parseObject(raw, undefined)
  if (object === undefined) throw new Error(JSON.stringify(problems))
  store.set(object)
}

/** Serves `/NAMESPACE` of its host. */
function ingress(
  namespace: string,
  host: string,
  annotations: Readonly<Record<string, string>> = {},
  tls = '',
): object {
  const named = Object.entries(annotations).map(([key, value]) => [`${PREFIX}/${key}`, value])
  const backend = { service: { name: 'app', port: { number: 80 } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace, name: `at-${host.replaceAll(/[.*]+/g, '-')}`, annotations: Object.fromEntries(named) },
    spec: {
      ingressClassName: 'nginx',
      ...(tls === '' ? {} : { tls: [{ secretName: tls, hosts: [host] }] }),
      rules: [{ host, http: { paths: [{ path: `/${namespace}`, pathType: 'Prefix', backend }] } }],
    },
  }
}

function secret(namespace: string): object {
  const stringData = { 'tls.crt': leaf.chain, 'tls.key': leaf.key }
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name: 'tls' }, stringData }
}

function translated(store: Store, before?: Translation): Translation {
  return translate(store.snapshot(), defaultTranslateOptions, { fallbackCertificate, now: 0 }, before)
}

/** The Service whose having no endpoint is the reason of the answer, a redirect, or the status. */
function answer(translation: Translation, host: string, target: string, scheme: 'http' | 'https' = 'http'): string {
  const { outcome } = explain(translation, { scheme, host, target }, true)
  if (outcome.kind === 'redirect') return outcome.location
  if (outcome.kind !== 'answer') return outcome.kind
  return /Service (\S+)\.$/.exec(outcome.reason)?.[1] ?? String(outcome.status)
}

test('an alias of an owner leads to what the owner may have there, and not to what others have on the same host', () => {
  const of = storeWith(
    'alias.test: red',
    ingress('red', 'shared.test', { 'server-alias': 'alias.test' }),
    ingress('blue', 'shared.test'),
  )
  const now = translated(of)
  expect(answer(now, 'shared.test', '/blue')).toBe('blue/app')
  expect(answer(now, 'alias.test', '/red')).toBe('red/app')
  expect(answer(now, 'alias.test', '/blue')).toBe('404')
})

test('a redirect from the name with www. is made where that name may be used, and said where not', () => {
  const www = { 'from-to-www-redirect': 'true' }
  const of = storeWith('www.blue.test: red', ingress('blue', 'blue.test', www), ingress('green', 'green.test', www))
  const now = translated(of)
  expect(answer(now, 'www.green.test', '/')).toBe('http://green.test:80')
  expect(answer(now, 'www.blue.test', '/')).toBe('404')
  expect(now.problems.map(({ code, field }) => [code, field])).toContainEqual([
    'host/owned',
    `metadata.annotations["${PREFIX}/from-to-www-redirect"]`,
  ])
})

test('a certificate, and the redirect to HTTPS, of a wildcard or a host of others is none of an owned name', () => {
  const all = [
    ingress('blue', '*.wild.test', {}, 'tls'),
    secret('blue'),
    ingress('red', 'app.wild.test'),
    ingress('blue', 'shared.test', { 'server-alias': 'alias.test' }, 'tls'),
    ingress('red', 'shared.test', { 'server-alias': 'alias.test' }),
  ]
  const free = translated(storeWith('', ...all))
  const owned = translated(storeWith('app.wild.test: red\nalias.test: red', ...all))
  const shown = (of: Translation, name: string): string | undefined =>
    findCertified(createMemoryTable(of.documents), name)?.certificate
  expect(['app.wild.test', 'x.wild.test', 'alias.test'].map((name) => shown(free, name))).toEqual([
    'blue/tls',
    'blue/tls',
    'blue/tls',
  ])
  expect(['app.wild.test', 'x.wild.test', 'alias.test'].map((name) => shown(owned, name) ?? 'default')).toEqual([
    'default',
    'blue/tls',
    'default',
  ])
  expect(answer(free, 'app.wild.test', '/red')).toBe('https://app.wild.test/red')
  expect(answer(owned, 'app.wild.test', '/red')).toBe('red/app')
})

test('explain says whom a host belongs to, and who has something for it that is not served', () => {
  const now = translated(storeWith('*.red.test: red', ingress('blue', 'a.red.test'), ingress('blue', 'b.red.test')))
  expect(explain(now, { scheme: 'http', host: 'a.red.test', target: '/' }, true).owner).toMatchObject({
    host: '*.red.test',
    owners: ['red'],
    withheld: [{ object: { namespace: 'blue', name: 'at-a-red-test' }, field: 'spec.rules[0].host' }],
  })
  expect(explain(now, { scheme: 'http', host: 'blue.test', target: '/' }, true)).not.toHaveProperty('owner')
})

test('of many Ingresses, a change or a loan makes those anew that it is about; nobody owning a host any more lets all be served (ORD-4)', () => {
  const many = Array.from({ length: 200 }, (_, n) => ingress('blue', `n${n}.test`))
  const of = storeWith('red.test: red\n*.blue.test: blue', ...many, ingress('blue', 'red.test'))
  const first = translated(of)
  expect(answer(first, 'red.test', '/blue')).toBe('404')
  put(of, ingress('red', 'red.test', { 'host-delegates': 'green' }))
  const second = translated(of, first)
  expect(differences(first.declared, second.declared).map(({ key }) => key)).toEqual(['red/at-red-test'])
  put(of, ingress('red', 'red.test', { 'host-delegates': 'blue' }))
  const third = translated(of, second)
  expect(differences(second.declared, third.declared).map(({ key }) => key)).toEqual([
    'blue/at-red-test',
    'red/at-red-test',
  ])
  expect(differences(second.documents, third.documents).map(({ key }) => key)).toEqual(['h:red.test'])
  expect(answer(third, 'red.test', '/blue')).toBe('blue/app')
  own(of, 'red.test: Nobody Knows')
  const fourth = translated(of, third)
  expect(answer(fourth, 'red.test', '/red')).toBe('404')
  expect(fourth.problems.map(({ code }) => code)).toContain('configmap/invalid-value')
  own(of, '')
  const last = translated(of, fourth)
  expect([answer(last, 'red.test', '/red'), answer(last, 'red.test', '/blue')]).toEqual(['red/app', 'blue/app'])
  expect(last.problems.filter(({ code }) => code === 'host/owned')).toEqual([])
})
