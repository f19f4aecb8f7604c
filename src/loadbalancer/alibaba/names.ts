import { createHash } from 'node:crypto'
import type { ServiceView } from '../views.js'

type Named = Pick<ServiceView, 'namespace' | 'name' | 'uid'>

export const FINALIZER = 'fairlead/alibaba'
export const HASH_LABEL = 'fairlead/loadbalancer-hash'
export const ID_LABEL = 'fairlead/loadbalancer-id'
/** `true`: that instance is a user's. */
export const USERS_LABEL = 'fairlead/loadbalancer-of-user'

/** Marks that Alibaba's own controller leaves. @source loadbalancer.md section 2.2 */
export const CCM = {
  finalizers: ['service.k8s.alibaba/resources', 'service.k8s.alibaba/nlb'],
  labels: ['service.beta.kubernetes.io/hash', 'service.k8s.alibaba/loadbalancer-id'],
  nameTag: 'kubernetes.do.not.delete',
  clusterTag: 'ack.aliyun.com',
} as const

export const TAGS = {
  service: 'fairlead.service',
  cluster: 'fairlead.cluster',
  name: 'fairlead.name',
  /** Which tags an annotation asked for: those go when it asks for them no more. All others are the user's. */
  asked: 'fairlead.tags',
} as const

/** `a` and the uid without dashes, of 32 characters: as Alibaba's own controller names an instance. */
export function defaultName({ uid }: Named): string {
  return `a${uid.replaceAll('-', '')}`.slice(0, 32)
}

/** Tags of an instance that was created here. */
export function ownTags(service: Named, cluster: string): Readonly<Record<string, string>> {
  return {
    [TAGS.service]: service.uid,
    [TAGS.cluster]: cluster,
    // A tag has at most 128 characters.
    [TAGS.name]: `${service.namespace}/${service.name}`.slice(0, 128),
  }
}

/** Those, and what `additional-resource-tags` asks for. */
export function wantedTags(
  service: Named,
  asked: readonly (readonly [string, string])[],
  cluster: string,
): Readonly<Record<string, string>> {
  const marks = asked.map(([key]) => markOf(key)).toSorted()
  return {
    ...Object.fromEntries(asked),
    ...(marks.length === 0 ? {} : { [TAGS.asked]: marks.join('') }),
    ...ownTags(service, cluster),
  }
}

/** Keys of tags that were asked for once, and are not in `wanted`. */
export function tagsToDrop(
  found: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): readonly string[] {
  const text = found[TAGS.asked] ?? ''
  const marks = new Set(Array.from({ length: text.length / MARK_LENGTH }, (_, at) => markAt(text, at)))
  return Object.keys(found).filter((key) => wanted[key] === undefined && (key === TAGS.asked || marks.has(markOf(key))))
}

/** A tag has room for 128 characters, and an instance for 20 tags. */
const MARK_LENGTH = 8

function markOf(key: string): string {
  return digest(key).slice(0, MARK_LENGTH)
}

function markAt(text: string, at: number): string {
  return text.slice(at * MARK_LENGTH, (at + 1) * MARK_LENGTH)
}

/** Name of a group and description of a listener of CLB. Whatever else stands there is the user's. */
export function clbName(port: string, { namespace, name }: Named, cluster: string): string {
  return `k8s/${port}/${name}/${namespace}/${cluster}`
}

/** The same of NLB, for server groups and listeners; `a_b` for a range of ports. */
export function nlbName(port: string, protocol: string, { namespace, name }: Named, cluster: string): string {
  return `k8s.${port}.${protocol}.${name}.${namespace}.${cluster}`
}

/** The token of a call that makes something: the same for the same purpose, until what it made is gone (`after`). */
export function tokenOf(service: Named, purpose: string, after: string): string {
  return digest(JSON.stringify([service.uid, purpose, after]))
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 48)
}

/** Of everything that decides how an instance and its listeners are. */
export function hashOf(service: ServiceView): string {
  const { annotations, type, loadBalancerClass, externalTrafficPolicy, ports, sourceRanges } = service
  const words = Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1))
  return digest(JSON.stringify([words, type, loadBalancerClass, externalTrafficPolicy, ports, sourceRanges]))
}

/**
 * Nothing was wrong at the last full look at this instance, and nothing of the Service has changed since. Another
 * instance than the label names, such as one in place of one that was deleted by hand, was never looked at so.
 */
export function isInOrder(service: ServiceView, instance: string | undefined): boolean {
  return isAsItWas(service) && instance !== undefined && service.labels[ID_LABEL] === instance
}

/** Nothing of the Service has changed since the last full look, whatever has become of its instance. */
export function isAsItWas(service: ServiceView): boolean {
  return !service.deleting && service.type === 'LoadBalancer' && service.labels[HASH_LABEL] === hashOf(service)
}

/**
 * The instance that the label says the Service is with, where that is neither the one an annotation names nor one of
 * its own.
 */
export function formerId(
  { labels }: Pick<ServiceView, 'labels'>,
  named: string | undefined,
  own: readonly string[],
): string | undefined {
  // Without that label it was its own, which somebody, or we, took the tags off.
  const id = labels[USERS_LABEL] === 'true' ? labels[ID_LABEL] : undefined
  return id === undefined || id === '' || id === named || own.includes(id) ? undefined : id
}

/** `i-1` of `cn-hangzhou.i-1`, with or without a scheme; undefined: it is no machine of this cloud. */
export function instanceOf(providerID: string): string | undefined {
  return /^(?:alicloud:\/\/)?[a-z0-9-]+\.(i-[A-Za-z0-9]+|[A-Za-z0-9-]+)$/.exec(providerID)?.[1]
}
