import type { CallFailure, KubernetesClient } from '../kubernetes/client.js'
import { resourcePath } from '../kubernetes/resource.js'
import type { ForeignMarks } from './provider.js'
import type { ServiceView, StatusAddress } from './views.js'

/**
 * The writes on a Service. Each names the uid, so that a Service that was made anew refuses it (409); each is left out
 * where it would change nothing. Only what is named is touched: other finalizers and labels stay.
 */
export interface ServiceWrites {
  /** Puts the finalizer on, and takes marks of other controllers off. */
  claim(service: ServiceView, finalizer: string, foreign: ForeignMarks): Promise<Written>
  /** Of the labels with these keys exactly `wanted` stay. */
  label(service: ServiceView, keys: readonly string[], wanted: Readonly<Record<string, string>>): Promise<Written>
  publish(service: ServiceView, addresses: readonly StatusAddress[]): Promise<Written>
  /** Takes the finalizer and the labels off. */
  release(service: ServiceView, finalizer: string, labelKeys: readonly string[]): Promise<Written>
}

/** `gone`: there is no such Service any more, or another one has its name. */
export type Written = 'unchanged' | 'written' | 'gone' | CallFailure

const TIMEOUT_MILLISECONDS = 10_000
const STRATEGIC = 'application/strategic-merge-patch+json'
const MERGE = 'application/merge-patch+json'

/** Rights: patch on services and on services/status. */
export function createServiceWrites(client: Pick<KubernetesClient, 'call'>): ServiceWrites {
  async function patch(
    { namespace, name, uid }: ServiceView,
    contentType: string,
    metadata: object,
    rest: object = {},
    subresource = '',
  ): Promise<Written> {
    const answer = await client.call({
      method: 'PATCH',
      path: resourcePath({ group: '', version: 'v1', plural: 'services', namespace }, name, subresource),
      contentType,
      body: { metadata: { uid, ...metadata }, ...rest },
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    })
    if (answer.ok) return 'written'
    return answer.status === 404 || answer.status === 409 ? 'gone' : answer
  }

  return {
    async claim(service, finalizer, foreign) {
      const missing = service.finalizers.includes(finalizer) ? {} : { finalizers: [finalizer] }
      const off = foreign.finalizers.length === 0 ? {} : { '$deleteFromPrimitiveList/finalizers': foreign.finalizers }
      const labels = foreign.labels.length === 0 ? {} : { labels: removed(foreign.labels) }
      const metadata = { ...missing, ...off, ...labels }
      return Object.keys(metadata).length === 0 ? 'unchanged' : patch(service, STRATEGIC, metadata)
    },
    async label(service, keys, wanted) {
      const changed = Object.fromEntries([
        ...keys
          .filter((key) => Object.hasOwn(service.labels, key) && wanted[key] === undefined)
          .map((key) => [key, null]),
        ...Object.entries(wanted).filter(([key, value]) => service.labels[key] !== value),
      ])
      return Object.keys(changed).length === 0 ? 'unchanged' : patch(service, STRATEGIC, { labels: changed })
    },
    async publish(service, addresses) {
      if (sameStatus(service.status, addresses)) return 'unchanged'
      return patch(service, MERGE, {}, { status: { loadBalancer: { ingress: addresses } } }, 'status')
    },
    async release(service, finalizer, labelKeys) {
      const labels = labelKeys.filter((key) => Object.hasOwn(service.labels, key))
      if (!service.finalizers.includes(finalizer) && labels.length === 0) return 'unchanged'
      const off = { '$deleteFromPrimitiveList/finalizers': [finalizer] }
      return patch(service, STRATEGIC, labels.length === 0 ? off : { ...off, labels: removed(labels) })
    },
  }
}

/** In the order given: a provider lists addresses as they are to be shown. */
export function sameStatus(a: readonly StatusAddress[], b: readonly StatusAddress[]): boolean {
  return JSON.stringify(a.map(plain)) === JSON.stringify(b.map(plain))
}

function plain(entry: StatusAddress): readonly unknown[] {
  const ports = (entry.ports ?? []).map(({ port, protocol, error = '' }) => [port, protocol, error])
  return 'ip' in entry ? [entry.ip, entry.ipMode, ports] : [entry.hostname, ports]
}

function removed(keys: readonly string[]): Readonly<Record<string, null>> {
  return Object.fromEntries(keys.map((key) => [key, null]))
}
