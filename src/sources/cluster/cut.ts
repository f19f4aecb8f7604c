import type { ObjectKind } from '../../snapshot/objects.js'
import { SERVICE_LABEL } from '../../snapshot/parse-endpoint-slice.js'

/** Kinds whose labels and annotations somebody reads. */
const described: ReadonlySet<ObjectKind> = new Set<ObjectKind>(['Ingress', 'IngressClass', 'Service'])
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const apiVersions: Readonly<Record<ObjectKind, string>> = {
  Ingress: 'networking.k8s.io/v1',
  IngressClass: 'networking.k8s.io/v1',
  Service: 'v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  Secret: 'v1',
  ConfigMap: 'v1',
}

/**
 * An object as the API server sent it, with its kind (items of lists lack it) and without the metadata that nobody
 * reads: of 10,000 objects, managedFields and the last applied configuration are most of the bytes.
 */
export function cutObject(kind: ObjectKind, raw: unknown): unknown {
  if (!isMapping(raw)) return raw
  const { metadata } = raw
  return {
    ...raw,
    kind,
    apiVersion: apiVersions[kind],
    metadata: isMapping(metadata) ? cutMetadata(kind, metadata) : metadata,
  }
}

function cutMetadata(kind: ObjectKind, metadata: Mapping): Mapping {
  const { name, namespace, uid, creationTimestamp } = metadata
  const place = { name, namespace: intern(namespace), creationTimestamp }
  if (kind === 'EndpointSlice') return { ...place, labels: only(SERVICE_LABEL, metadata['labels']) }
  if (!described.has(kind)) return place
  const { annotations, labels } = metadata
  return { ...place, uid, annotations: without(LAST_APPLIED, annotations), labels: internValues(labels) }
}

type Mapping = Readonly<Record<string, unknown>>

function isMapping(raw: unknown): raw is Mapping {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}

function only(key: string, raw: unknown): unknown {
  return isMapping(raw) && Object.hasOwn(raw, key) ? { [key]: intern(raw[key]) } : undefined
}

function without(key: string, raw: unknown): unknown {
  if (!isMapping(raw) || !Object.hasOwn(raw, key)) return raw
  return Object.fromEntries(Object.entries(raw).filter(([name]) => name !== key))
}

function internValues(raw: unknown): unknown {
  if (!isMapping(raw)) return raw
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, intern(value)]))
}

/** Namespaces and labels repeat in thousands of objects; each text is kept once, as long as they are not too many. */
const pool = new Map<string, string>()
const MOST_POOLED = 10_000

function intern(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw
  const known = pool.get(raw)
  if (known !== undefined) return known
  if (pool.size < MOST_POOLED) pool.set(raw, raw)
  return raw
}
