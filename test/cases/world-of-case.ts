import { createStore } from '../../src/snapshot/store.js'
import type { Snapshot } from '../../src/snapshot/snapshot.js'
import { parseObject } from '../../src/snapshot/parse.js'

/** Where the endpoint of an implied Service (`namespace/name`) is. */
export type EndpointOf = (service: string) => { readonly address: string; readonly port: number }

/**
 * The objects of a case. What is the same in all cases need not be written: apiVersion, the namespace `test`, the class
 * `nginx`, and a Service of port 80 with one ready endpoint for each name that an Ingress uses, its default-backend too, and
 * nobody declares; but none called `missing`.
 */
export function completeObjects(objects: readonly object[], endpointOf: EndpointOf): readonly object[] {
  const all = objects.map(completed)
  const declared = new Set(all.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`))
  const implied = [...new Set(servicesNamed(all))]
    .filter((name) => !declared.has(`Service ${name}`) && !name.endsWith('/missing'))
    .flatMap((name) => serviceObjects(name, endpointOf(name)))
  const hasClass = all.some(({ kind }) => kind === 'IngressClass')
  return [...(hasClass ? [] : [ingressClass]), ...all, ...implied]
}

/** The snapshot of a case, with an endpoint for each implied Service that nobody listens on. */
export function snapshotOf(objects: readonly object[]): Snapshot {
  const store = createStore()
  const hosts = new Map<string, number>()
  const endpointOf: EndpointOf = (service) => {
    const host = hosts.get(service) ?? hosts.size + 1
    hosts.set(service, host)
    return { address: `10.0.0.${host}`, port: 8080 }
  }
  for (const raw of completeObjects(objects, endpointOf)) {
    const { object, problems } = parseObject(raw, undefined)
    if (object === undefined) throw new Error(`A case has an object that cannot be read: ${JSON.stringify(problems)}`)
    store.set(object)
  }
  return store.snapshot()
}

interface RawObject {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly annotations?: Readonly<Record<string, unknown>>
  }
  readonly spec?: { readonly rules?: readonly RawRule[]; readonly defaultBackend?: RawBackend }
}

interface RawRule {
  readonly http?: { readonly paths?: readonly { readonly backend?: RawBackend }[] }
}

interface RawBackend {
  readonly service?: { readonly name?: string }
}

const VERSIONS: Readonly<Record<string, string>> = {
  Ingress: 'networking.k8s.io/v1',
  IngressClass: 'networking.k8s.io/v1',
  EndpointSlice: 'discovery.k8s.io/v1',
}

const ingressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'nginx' },
  spec: { controller: 'k8s.io/ingress-nginx' },
}

function completed(object: object): RawObject {
  const raw = object as RawObject // written by us, in a test
  const { kind } = raw
  const metadata = { ...(kind === 'IngressClass' ? {} : { namespace: 'test' }), ...raw.metadata }
  const spec = kind === 'Ingress' ? { spec: { ingressClassName: 'nginx', ...raw.spec } } : {}
  const made: RawObject & { readonly apiVersion: string } = {
    apiVersion: VERSIONS[kind] ?? 'v1',
    ...raw,
    metadata,
    ...spec,
  }
  return made
}

function* servicesNamed(objects: readonly RawObject[]): Iterable<string> {
  for (const { kind, metadata, spec } of objects) {
    if (kind !== 'Ingress') continue
    const backends = (spec?.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend))
    for (const backend of [...backends, spec?.defaultBackend]) {
      const name = backend?.service?.name
      if (name !== undefined) yield `${metadata.namespace}/${name}`
    }
    const named = metadata.annotations?.['nginx.ingress.kubernetes.io/default-backend']
    if (typeof named === 'string' && /^[a-z0-9-]+$/.test(named)) yield `${metadata.namespace}/${named}`
  }
}

function serviceObjects(key: string, { address, port }: ReturnType<EndpointOf>): readonly object[] {
  const [namespace = '', name = ''] = key.split('/')
  const labels = { 'kubernetes.io/service-name': name }
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: [{ port: 80 }] } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-a`, namespace, labels },
      addressType: 'IPv4',
      ports: [{ port }],
      endpoints: [{ addresses: [address] }],
    },
  ]
}
