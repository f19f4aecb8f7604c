import type { ObjectKind } from '../../snapshot/objects.js'
import { SERVICE_LABEL } from '../../snapshot/parse-endpoint-slice.js'
import type { Resource } from '../../kubernetes/resource.js'
import { type KeptObjects, parseRaw } from './kept-objects.js'
import type { LabelMatch } from './label-selector.js'
import { createTrack, type Track, type TrackSurroundings } from './track.js'

const networking = { group: 'networking.k8s.io', version: 'v1' }
const core = { group: '', version: 'v1' }

/** What the kinds beside Secrets are read from. `namespace` '': all of them. */
export function resourcesIn(namespace: string): Readonly<Record<'Ingress' | 'Service' | 'EndpointSlice', Resource>> {
  return {
    Ingress: { ...networking, plural: 'ingresses', namespace },
    Service: { ...core, plural: 'services', namespace },
    EndpointSlice: { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices', namespace },
  }
}

/** Of `namespace/name` texts those that a watch of `namespace` does not see; '' sees all. */
export function namesOutside(namespace: string, keys: readonly string[]): readonly string[] {
  if (namespace === '') return []
  return [...new Set(keys)].filter((key) => key !== '' && !key.startsWith(`${namespace}/`))
}

/** What one Service and its endpoints are read from. */
export function resourcesOf(key: string): Readonly<Record<'Service' | 'EndpointSlice', Resource>> {
  const [namespace = '', name = ''] = key.split('/')
  const { Service, EndpointSlice } = resourcesIn(namespace)
  return {
    Service: { ...Service, fieldSelector: `metadata.name=${name}` },
    EndpointSlice: { ...EndpointSlice, labelSelector: `${SERVICE_LABEL}=${name}` },
  }
}

export const ingressClasses: Resource = { ...networking, plural: 'ingressclasses', namespace: '' }

/** SEL-8: ConfigMaps of Helm 2 (OWNER=TILLER) are not read, even if a flag names one. */
export function configMap(key: string): Resource {
  const [namespace = '', name = ''] = key.split('/')
  const selectors = { fieldSelector: `metadata.name=${name}`, labelSelector: 'OWNER!=TILLER' }
  return { ...core, plural: 'configmaps', namespace, ...selectors }
}

/** One Secret: a selector of one name is how the API server sees that a rule with that name applies. */
export function secret(key: string): Resource {
  const [namespace = '', name = ''] = key.split('/')
  return { ...core, plural: 'secrets', namespace, fieldSelector: `metadata.name=${name}` }
}

/** A track whose objects go where `objects` puts them. */
export function trackObjects(
  surroundings: TrackSurroundings,
  objects: Pick<KeptObjects, 'set' | 'delete'>,
  kind: ObjectKind,
  resource: Resource,
): Track {
  return createTrack(surroundings, {
    kind,
    resource,
    project: (raw) => parseRaw(kind, raw),
    onSet: (parsed) => objects.set(kind, parsed),
    onDelete: (namespace, name) => objects.delete(kind, namespace, name),
  })
}

/** SEL-5: the labels of namespaces. */
export function trackNamespaces(
  surroundings: TrackSurroundings,
  namespaces: {
    setNamespace(name: string, labels: Parameters<LabelMatch>[0]): void
    deleteNamespace(name: string): void
  },
): Track {
  return createTrack(surroundings, {
    kind: 'Namespace',
    resource: { ...core, plural: 'namespaces', namespace: '' },
    content: 'metadata',
    project: readLabels,
    onSet: (labels, _, name) => namespaces.setNamespace(name, labels),
    onDelete: (_, name) => namespaces.deleteNamespace(name),
  })
}

function readLabels(raw: unknown): Readonly<Record<string, string>> {
  const labels = field(field(raw, 'metadata'), 'labels')
  if (typeof labels !== 'object' || labels === null) return {}
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function field(raw: unknown, name: string): unknown {
  return typeof raw === 'object' && raw !== null && Object.hasOwn(raw, name) ? Reflect.get(raw, name) : undefined
}
