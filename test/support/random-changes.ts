import fc from 'fast-check'
import { defaultKeys } from '../../src/features/defaults.js'
import { referenceEntries } from '../../src/features/reference.js'
import type { KubernetesObject } from '../../src/snapshot/objects.js'
import { parseObject } from '../../src/snapshot/parse.js'
import type { Store } from '../../src/snapshot/store.js'
import { createAuthority } from './certificates.js'

const DAY = 86_400_000

/** The time at which the certificates below were made; steps of time go to both sides of their validity. */
export const MADE_AT = Date.now()

/** One change of a small world, in which names meet often; `now` is the time of the pass after it. */
export interface Step {
  readonly change: (store: Store) => void
  readonly now: number
  /** Which kind of change it is, for counts. */
  readonly kind: string
}

const authority = createAuthority('Random changes')
const pairs = [
  authority.issue({ names: ['a.test', '*.b.test'] }),
  authority.issue({ names: ['a.b.test', 'c.test'], notAfter: MADE_AT + 20 * DAY, intermediate: true }),
  authority.issue({ names: ['a.test', 'c.test'], notBefore: MADE_AT + DAY }),
]

const namespace = fc.constantFrom('one', 'two')
const host = fc.constantFrom('a.test', 'a.b.test', '*.b.test', 'c.test', 'C.test', '', 'not a host')
const serviceName = fc.constantFrom('web', 'api', 'far', 'missing')
const secretName = fc.constantFrom('s1', 's2', 's3', 'missing', '')
const className = fc.constantFrom('nginx', 'nginx', 'nginx', 'late', 'foreign', undefined)
const time = fc.constantFrom(undefined, '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z')

const port = fc.constantFrom<object>({ number: 80 }, { name: '80' }, { name: 'http' }, { number: 81 })
const backend = fc.oneof(
  { weight: 8, arbitrary: fc.record({ name: serviceName, port }).map((service) => ({ service })) },
  { weight: 1, arbitrary: fc.constant({ resource: { apiGroup: 'x', kind: 'y', name: 'z' } }) },
)
const path = fc.record({
  path: fc.constantFrom('/', '/a', '/a/', '/a/b', '', 'relative', '/x//y'),
  pathType: fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific'),
  backend,
})
/** Values that can be read: what becomes of others hangs on what was there before (GEN-3). */
const declared = fc
  .subarray(
    referenceEntries()
      // These refuse their Ingress, which then stays as it was: a translation from nothing cannot know.
      .filter(({ annotation }) => annotation.risk !== 'critical')
      .map(({ name, annotation }) => [`nginx.ingress.kubernetes.io/${name}`, annotation.example] as const),
    { minLength: 1, maxLength: 5 },
  )
  .map((chosen): Readonly<Record<string, string>> => Object.fromEntries(chosen))
const canary = fc.record({
  'nginx.ingress.kubernetes.io/canary': fc.constant('true'),
  'nginx.ingress.kubernetes.io/canary-weight': fc.constantFrom('0', '20', '100', 'x'),
  'nginx.ingress.kubernetes.io/canary-by-header': fc.constantFrom('', 'X-Canary'),
})
const annotations = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: declared },
  { weight: 3, arbitrary: canary },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { 'nginx.ingress.kubernetes.io/auth-url': 'http://auth' },
      { 'nginx.ingress.kubernetes.io/unheard-of': 'x' },
      { 'kubernetes.io/ingress.class': 'nginx' },
    ),
  },
)

/** Ingresses of few names and paths, so that many meet; half of them are canaries. */
const meeting = fc
  .record({
    rules: fc.array(
      fc.record({
        host: fc.constantFrom('a.test', 'c.test', ''),
        paths: fc.array(
          fc.record({
            path: fc.constantFrom('/', '/a'),
            pathType: fc.constant('Prefix'),
            backend: fc
              .record({ name: fc.constantFrom('web', 'api', 'far'), port: fc.constant({ number: 80 }) })
              .map((service) => ({ service })),
          }),
          { minLength: 1, maxLength: 2 },
        ),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    ingressClassName: fc.constant('nginx'),
    creationTimestamp: time,
    annotations: fc.oneof(fc.constant({}), canary),
  })
  .map(ingressOf)

const ingress = fc
  .record({
    rules: fc.array(fc.record({ host, paths: fc.array(path, { maxLength: 3 }) }), { maxLength: 3 }),
    tls: fc.array(fc.record({ hosts: fc.array(host, { maxLength: 2 }), secretName }), { maxLength: 2 }),
    defaultBackend: fc.option(backend, { nil: undefined, freq: 4 }),
    ingressClassName: className,
    creationTimestamp: time,
    annotations,
  })
  .map(ingressOf)

interface RawIngress {
  readonly rules: readonly { readonly host: string; readonly paths: readonly object[] }[]
  readonly creationTimestamp: string | undefined
  readonly annotations: object
}

function ingressOf({
  rules,
  creationTimestamp,
  annotations: notes,
  ...spec
}: RawIngress): Raw & { readonly spec: object } {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { annotations: notes, creationTimestamp },
    spec: { ...spec, rules: rules.map(({ host: name, paths }) => ({ host: name, http: { paths } })) },
  }
}

const service = fc.constantFrom(
  { ports: [{ port: 80, name: 'http', targetPort: 8080 }] },
  { ports: [{ port: 81 }] },
  { type: 'ExternalName', externalName: 'far.example.com', ports: [{ port: 80 }] },
  { type: 'ExternalName', externalName: 'near.example.com' },
)
const slice = fc
  .record({
    of: serviceName,
    addresses: fc.array(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'), { minLength: 1, maxLength: 2 }),
    ready: fc.boolean(),
  })
  .map(({ of, addresses, ready }) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata: { labels: { 'kubernetes.io/service-name': of } },
    ports: [{ name: 'http', port: 8080 }],
    endpoints: [{ addresses, conditions: { ready } }],
  }))
const secret = fc
  .constantFrom(
    ...pairs.map(({ chain, key }) => ({ 'tls.crt': chain, 'tls.key': key })),
    { 'tls.crt': pairs[0]?.chain ?? '', 'tls.key': pairs[1]?.key ?? '' },
    { 'tls.crt': pairs[0]?.chain ?? '' },
  )
  .map((stringData) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {},
    data: Object.fromEntries(Object.entries(stringData).map(([key, text]) => [key, btoa(text)])),
  }))
const configMap = fc
  .dictionary(
    fc.constantFrom(
      'hsts',
      'ssl-redirect',
      'http-redirect-code',
      'worker-processes',
      'keep-alive',
      'unheard-of',
      ...defaultKeys,
    ),
    fc.constantFrom('true', 'false', '301', '307', '4', 'x'),
    { maxKeys: 3 },
  )
  .map((data) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data }))
const ingressClass = fc.constantFrom('k8s.io/ingress-nginx', 'example.com/other').map((controller) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: {},
  spec: { controller },
}))

interface Raw {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: object
}
type Change = Omit<Step, 'now'>

/** The objects of a kind come, change and go, under a few names in a few namespaces. */
function comeAndGo(
  kind: KubernetesObject['kind'],
  raw: fc.Arbitrary<Raw>,
  names: readonly string[],
  namespaces: fc.Arbitrary<string> = namespace,
): fc.Arbitrary<Change> {
  const name = fc.constantFrom(...names)
  const comes = fc.tuple(raw, namespaces, name).map(([one, ns, called]) => {
    const { object } = parseObject({ ...one, metadata: { ...one.metadata, namespace: ns, name: called } }, undefined)
    return { kind: `${kind} comes`, change: (store: Store) => object !== undefined && store.set(object) }
  })
  const goes = fc.tuple(namespaces, name).map(([ns, called]) => {
    const of = kind === 'IngressClass' ? '' : ns
    return { kind: `${kind} goes`, change: (store: Store) => store.delete(kind, of, called) }
  })
  return fc.oneof({ weight: 3, arbitrary: comes }, { weight: 1, arbitrary: goes })
}

const resolved = fc
  .tuple(
    fc.constantFrom('far.example.com', 'near.example.com'),
    fc.constantFrom<readonly string[] | undefined>(undefined, ['192.0.2.1'], ['192.0.2.1', '192.0.2.2']),
  )
  .map(
    ([name, addresses]): Change => ({
      kind: 'name resolves',
      change: (store) => store.setResolved(name, addresses),
    }),
  )

/** SEL-2. */
const readable = fc.boolean().map(
  (isReadable): Change => ({
    kind: 'classes readable',
    change: (store) => store.setIngressClassesReadable(isReadable),
  }),
)

const change = fc.oneof(
  { weight: 6, arbitrary: comeAndGo('Ingress', ingress, ['i1', 'i2', 'i3', 'i4', 'i5']) },
  { weight: 4, arbitrary: comeAndGo('Ingress', meeting, ['i4', 'i5', 'i6', 'i7']) },
  { weight: 1, arbitrary: comeAndGo('IngressClass', ingressClass, ['nginx', 'late', 'foreign']) },
  {
    weight: 3,
    arbitrary: comeAndGo(
      'Service',
      service.map((spec) => ({ apiVersion: 'v1', kind: 'Service', metadata: {}, spec })),
      ['web', 'api', 'far'],
    ),
  },
  { weight: 4, arbitrary: comeAndGo('EndpointSlice', slice, ['e1', 'e2', 'e3', 'e4']) },
  { weight: 3, arbitrary: comeAndGo('Secret', secret, ['s1', 's2', 's3']) },
  { weight: 1, arbitrary: comeAndGo('ConfigMap', configMap, ['config'], fc.constant('one')) },
  { weight: 2, arbitrary: resolved },
  { weight: 1, arbitrary: readable },
)

const now = fc.constantFrom(0, 0, 0, 0, 2, 12, 30, -30).map((days) => MADE_AT + days * DAY)

/** A pass after each change, or after several at once. */
export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.tuple(fc.array(change, { minLength: 1, maxLength: 2 }), now).map(
    ([changes, at]): Step => ({
      kind: changes.map(({ kind }) => kind).join(),
      change: (store) => changes.forEach((one) => one.change(store)),
      now: at,
    }),
  ),
  { minLength: 25, maxLength: 60 },
)
