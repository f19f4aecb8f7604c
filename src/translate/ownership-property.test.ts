import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAuthority } from '../../test/support/certificates.js'
import { findCertified } from '../model/host.js'
import { DEFAULT_BACKEND, DEFAULT_CERTIFICATE } from '../model/keys.js'
import type { MatchPattern } from '../model/match.js'
import { createMemoryTable } from '../model/memory-table.js'
import type { PatternVerdicts } from '../nginx/pattern.js'
import { parseObject } from '../snapshot/parse.js'
import { createStore, type Store } from '../snapshot/store.js'
import { explain } from './explain.js'
import { defaultTranslateOptions } from './options.js'
import { translate, type Translation } from './translate.js'

const PREFIX = 'nginx.ingress.kubernetes.io'
const NAMESPACES = ['red', 'green', 'blue'] as const
const HOSTS = ['x.test', 'www.x.test', 'a.x.test', 'b.a.x.test', '*.x.test', '*.a.x.test', '*.test', 'y.test', '']
const LINES = ['x.test', '*.x.test', 'a.x.test', '*.a.x.test', 'y.test', '*.test', '*']
const NAMES = [
  'x.test',
  'www.x.test',
  'a.x.test',
  'c.x.test',
  'b.a.x.test',
  'd.c.x.test',
  'y.test',
  'z.test',
  'other.example',
]
/** A minute of it by FAIRLEAD_RUNS=300. */
const RUNS = Number(process.env['FAIRLEAD_RUNS'] ?? 60)
const PATTERNS = ['^[a-d]\\.x\\.test$', 'test', 'x\\.test$']

const authority = createAuthority('Tests')
const certificate = authority.issue({ names: ['x.test', '*.x.test', '*.a.x.test', '*.test', 'y.test'] })
const verdicts: PatternVerdicts = new Map([...PATTERNS, '^x\\.'].map((text) => [text, { kind: 'valid' }]))

const namespace = fc.constantFrom(...NAMESPACES)

/** What an Ingress says; `age` decides who comes first. */
const ingress = fc.record({
  namespace,
  name: fc.constantFrom('one', 'two'),
  age: fc.integer({ min: 1, max: 9 }),
  hosts: fc.uniqueArray(fc.constantFrom(...HOSTS), { maxLength: 2 }),
  path: fc.constantFrom('/', '/deep'),
  alias: fc.constantFrom(
    '',
    '',
    'x.test',
    '*.x.test',
    'a.x.test',
    'c.x.test',
    'x.*',
    ...PATTERNS.map((text) => `~${text}`),
  ),
  www: fc.boolean(),
  canary: fc.constantFrom(false, false, true),
  tls: fc.boolean(),
  standIn: fc.boolean(),
  delegates: fc.uniqueArray(namespace, { maxLength: 2 }),
  gone: fc.constantFrom(false, false, false, true),
})
type Wish = typeof ingress extends fc.Arbitrary<infer T> ? T : never

const owners = fc.uniqueArray(fc.tuple(fc.constantFrom(...LINES), namespace), {
  maxLength: 4,
  selector: ([host]) => host,
})
const step = fc.oneof({ arbitrary: ingress, weight: 4 }, { arbitrary: fc.record({ owners }), weight: 1 })

test('no request for a host that somebody owns reaches a Service of, or shows a certificate of, others; and each pass comes to what one from nothing does', {
  timeout: 240_000,
}, () => {
  const seen = { owners: 0, kept: 0, withheld: 0, certificates: 0 }
  fc.assert(
    fc.property(owners, fc.array(step, { minLength: 3, maxLength: 10 }), (first, steps) => {
      const store = emptyStore()
      const wishes = new Map<string, Wish>()
      let owned = new Map<string, string>()
      let translation: Translation | undefined
      for (const one of [{ owners: first }, ...steps]) {
        if ('owners' in one) {
          owned = new Map(one.owners)
          put(store, configMap(owned))
        } else change(store, wishes, one)
        const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0, verdicts }
        translation = translate(store.snapshot(), defaultTranslateOptions, surroundings, translation)
        const fresh = translate(store.snapshot(), defaultTranslateOptions, surroundings)
        expect([...translation.documents]).toEqual([...fresh.documents])
        expect(translation.problems).toEqual(fresh.problems)
        check(translation, owned, [...wishes.values()], seen)
      }
    }),
    { numRuns: RUNS },
  )
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0)
})

function check(
  translation: Translation,
  owned: ReadonlyMap<string, string>,
  wishes: readonly Wish[],
  seen: { owners: number; kept: number; withheld: number; certificates: number },
): void {
  if (translation.problems.some(({ code }) => code === 'host/owned')) seen.withheld++
  const table = createMemoryTable(translation.documents)
  for (const name of NAMES) {
    const allowed = allowedFor(name, owned, wishes)
    if (allowed === undefined) continue
    seen.owners++
    for (const target of ['/', '/deep/x']) {
      const { outcome, split } = explain(translation, { scheme: 'https', host: name, target }, true, match)
      const reached = outcome.kind === 'proxy' ? [outcome.backend] : []
      if (split !== undefined) reached.push(split.alternative)
      const services = reached.filter((backend) => backend !== DEFAULT_BACKEND)
      if (services.length > 0) seen.kept++
      for (const service of services)
        expect([name, [...allowed], service.split('/')[0]]).toEqual([
          name,
          [...allowed],
          expect.toSatisfy((of: string) => allowed.has(of)),
        ])
    }
    const shown = findCertified(table, name)
    for (const key of [shown?.certificate, ...(shown?.otherCertificates ?? [])]) {
      if (key === undefined || key === DEFAULT_CERTIFICATE) continue
      seen.certificates++
      expect([name, key, allowed.has(key.split('/')[0] ?? '')]).toEqual([name, key, true])
    }
  }
}

/** Written anew, from what the documentation says; undefined: nobody owns the name. */
function allowedFor(
  name: string,
  owned: ReadonlyMap<string, string>,
  wishes: readonly Wish[],
): ReadonlySet<string> | undefined {
  const covers = (line: string, host: string): boolean =>
    line === '*' || line === host || (line.startsWith('*.') && host.endsWith(line.slice(1)) && host !== line.slice(1))
  const lines = [...owned.keys()].filter((line) => covers(line, name)).sort((a, b) => b.length - a.length)
  const line = owned.has(name) ? name : lines[0]
  const owner = line === undefined ? undefined : owned.get(line)
  if (owner === undefined) return undefined
  const lenders = wishes.filter((one) => one.namespace === owner && !one.canary && !one.gone)
  const lent = lenders.filter(({ hosts }) => hosts.some((host) => host !== '' && covers(host, name)))
  return new Set([owner, ...lent.flatMap(({ delegates }) => delegates)])
}

const match: MatchPattern = (pattern, subject) => {
  const found = new RegExp(pattern, 'i').exec(subject)
  return found === null ? { kind: 'none' } : { kind: 'match', captures: [...found] }
}

function emptyStore(): Store {
  const store = createStore()
  put(store, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'nginx' },
    spec: { controller: 'k8s.io/ingress-nginx' },
  })
  for (const one of NAMESPACES) {
    for (const name of ['one', 'two']) {
      put(store, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace: one, name },
        spec: { ports: [{ port: 80 }] },
      })
      put(store, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { namespace: one, name, labels: { 'kubernetes.io/service-name': name } },
        addressType: 'IPv4',
        ports: [{ port: 8080 }],
        endpoints: [{ addresses: ['10.0.0.1'] }],
      })
    }
    const data = { 'tls.crt': certificate.chain, 'tls.key': certificate.key }
    put(store, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: one, name: 'tls' }, stringData: data })
  }
  return store
}

function change(store: Store, wishes: Map<string, Wish>, wish: Wish): void {
  const key = `${wish.namespace}/${wish.name}`
  wishes.set(key, wish)
  if (wish.gone) store.delete('Ingress', wish.namespace, wish.name)
  else put(store, objectOf(wish))
}

function objectOf({
  namespace: of,
  name,
  age,
  hosts,
  path,
  alias,
  www,
  canary,
  tls,
  standIn,
  delegates,
}: Wish): object {
  const backend = { service: { name, port: { number: 80 } } }
  const annotations = {
    ...(alias === '' ? {} : { 'server-alias': alias }),
    ...(www ? { 'from-to-www-redirect': 'true' } : {}),
    ...(canary ? { canary: 'true', 'canary-weight': '50' } : {}),
    ...(delegates.length === 0 ? {} : { 'host-delegates': delegates.join(', ') }),
  }
  const http = { paths: [{ path, pathType: 'Prefix', backend }] }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      namespace: of,
      name,
      creationTimestamp: `2026-01-0${age}T00:00:00Z`,
      annotations: Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${PREFIX}/${key}`, value])),
    },
    spec: {
      ingressClassName: 'nginx',
      ...(hosts.length === 0 || standIn ? { defaultBackend: backend } : {}),
      ...(tls ? { tls: [{ secretName: 'tls', hosts: [] }] } : {}),
      ...(hosts.length === 0 ? {} : { rules: hosts.map((host) => (host === '' ? { http } : { host, http })) }),
    },
  }
}

function configMap(owned: ReadonlyMap<string, string>): object {
  const lines = [...owned].map(([host, owner]) => `${host}: ${owner}`)
  const metadata = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'host-owners': lines.join('\n') } }
}

function put(store: Store, raw: object): void {
  const { object, problems } = parseObject(raw, undefined)
  if (object === undefined) throw new Error(JSON.stringify(problems))
  store.set(object)
}
