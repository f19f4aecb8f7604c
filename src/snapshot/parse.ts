import { createProblem } from '../problems/create.js'
import type { ObjectRef, Problem } from '../problems/problem.js'
import { describe, isMapping, type Reading } from './fields.js'
import type { KubernetesObject, ObjectMeta, Source } from './objects.js'
import { parseConfigMap } from './parse-config-map.js'
import { parseEndpointSlice } from './parse-endpoint-slice.js'
import { parseIngress } from './parse-ingress.js'
import { parseIngressClass } from './parse-ingress-class.js'
import { parseMetadata } from './parse-metadata.js'
import { parseSecret } from './parse-secret.js'
import { parseService } from './parse-service.js'

/** What became of one piece of data. */
export interface ParsedObject {
  /** The kind as written, or empty. */
  readonly kind: string
  readonly apiVersion: string
  /** Which object it is; undefined when it does not say. */
  readonly about?: ObjectRef
  /** Frozen. Absent when there are problems, and for a kind that is not read. */
  readonly object?: KubernetesObject
  readonly problems: readonly Problem[]
  /** Set for a kind that Fairlead does not read. */
  readonly unknownKind?: true
}

type Parser = (reading: Reading, meta: ObjectMeta, raw: Readonly<Record<string, unknown>>) => KubernetesObject

const parsers: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['networking.k8s.io/v1 Ingress', parseIngress],
  ['networking.k8s.io/v1 IngressClass', parseIngressClass],
  ['v1 Service', parseService],
  ['discovery.k8s.io/v1 EndpointSlice', parseEndpointSlice],
  ['v1 Secret', parseSecret],
  ['v1 ConfigMap', parseConfigMap],
])

/** Versions of the kinds above that no API server serves any more; leaving them out silently would surprise. */
const retired: ReadonlyMap<string, string> = new Map([
  ['extensions/v1beta1 Ingress', 'networking.k8s.io/v1'],
  ['networking.k8s.io/v1beta1 Ingress', 'networking.k8s.io/v1'],
  ['networking.k8s.io/v1beta1 IngressClass', 'networking.k8s.io/v1'],
  ['discovery.k8s.io/v1beta1 EndpointSlice', 'discovery.k8s.io/v1'],
])

/**
 * Reads one Kubernetes object from plain data: what JSON.parse or a YAML parser gives. It takes what the API server
 * would take: unknown fields are let pass, null counts as absent, a namespace that is not given is `default`.
 * Problems: `file/not-an-object` (no apiVersion, kind or name), `object/invalid` (a field of the wrong type, with its
 * path, what was found and what was expected); all of them are found in one pass.
 * Source: the API reference of networking.k8s.io/v1, discovery.k8s.io/v1 and v1.
 */
export function parseObject(raw: unknown, source: Source | undefined): ParsedObject {
  if (!isMapping(raw)) return notAnObject(source, '', `This document is ${describe(raw)}, not a mapping`)
  const { apiVersion, kind, metadata } = raw
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return notAnObject(source, 'apiVersion', `apiVersion is ${describe(apiVersion)}; expected a string`)
  if (typeof kind !== 'string' || kind === '')
    return notAnObject(source, 'kind', `kind is ${describe(kind)}; expected a string`)
  const type = `${apiVersion} ${kind}`
  const parser = parsers.get(type)
  const current = retired.get(type)
  if (parser === undefined && current === undefined) return { kind, apiVersion, problems: [], unknownKind: true }

  if (!isMapping(metadata))
    return notAnObject(source, 'metadata', `metadata is ${describe(metadata)}; expected a mapping`)
  const { name, namespace } = metadata
  if (typeof name !== 'string' || name === '')
    return notAnObject(source, 'metadata.name', `metadata.name is ${describe(name)}; expected a string`)
  const about = { kind, namespace: namespaceOf(kind, namespace), name }
  const reading: Reading = { about, source, problems: [] }
  if (parser === undefined) {
    const message = `The API version ${apiVersion} of ${kind} was retired; write ${current ?? ''}. The object is left out.`
    const problem = createProblem('object/invalid', about, 'apiVersion', message, source?.locate('apiVersion'))
    return { kind, apiVersion, about, problems: [problem] }
  }
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string') {
    const message = `metadata.namespace is ${describe(namespace)}; expected a string. The object is left out.`
    const position = source?.locate('metadata.namespace')
    return {
      kind,
      apiVersion,
      about,
      problems: [createProblem('object/invalid', about, 'metadata.namespace', message, position)],
    }
  }
  const object = parser(reading, parseMetadata(reading, metadata), raw)
  const { problems } = reading
  return problems.length > 0
    ? { kind, apiVersion, about, problems }
    : { kind, apiVersion, about, object: Object.freeze(object), problems }
}

function namespaceOf(kind: string, namespace: unknown): string {
  if (kind === 'IngressClass') return ''
  return typeof namespace === 'string' && namespace !== '' ? namespace : 'default'
}

function notAnObject(source: Source | undefined, field: string, found: string): ParsedObject {
  const about = { kind: 'File', namespace: '', name: source?.file ?? '' }
  const message = `${found}. A Kubernetes object has apiVersion, kind and metadata.name; this one is left out.`
  const problem = createProblem('file/not-an-object', about, field, message, source?.locate(field))
  return { kind: '', apiVersion: '', problems: [problem] }
}
