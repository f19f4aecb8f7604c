import type { ServiceView } from './views.js'

/** A change of a Service that people should see: what, from what, to what. */
export interface Change {
  readonly reason: string
  readonly message: string
}

/**
 * Section 1.3 of the contract: what of a Service decides what it is given. Two Services of the same trigger need no
 * further look. What we write ourselves is not in it.
 */
export function triggerOf(service: ServiceView): string {
  const { uid, type, deleting, loadBalancerClass = '', loadBalancerIP, sourceRanges, externalIPs } = service
  const { externalTrafficPolicy, healthCheckNodePort, allocateNodePorts, sessionAffinity } = service
  const { sessionAffinitySeconds, ipFamilies, ipFamilyPolicy, selector, ports, annotations } = service
  return JSON.stringify([
    [uid, type, deleting, loadBalancerClass, loadBalancerIP, sourceRanges, externalIPs, externalTrafficPolicy],
    [healthCheckNodePort, allocateNodePorts, sessionAffinity, sessionAffinitySeconds, ipFamilies, ipFamilyPolicy],
    [entries(selector), ports, entries(annotations)],
  ])
}

/** What became another one, as upstream tells it: `old -> new`. */
export function changesBetween(before: ServiceView, after: ServiceView): readonly Change[] {
  const changes: Change[] = []
  const compare = (reason: string, old: unknown, now: unknown): void => {
    const [from, to] = [String(old), String(now)]
    if (from !== to) changes.push({ reason, message: `${from === '' ? 'none' : from} -> ${to === '' ? 'none' : to}` })
  }
  compare('Type', before.type, after.type)
  compare('LoadBalancerSourceRanges', before.sourceRanges, after.sourceRanges)
  compare('LoadbalancerIP', before.loadBalancerIP, after.loadBalancerIP)
  compare('ExternalIP', before.externalIPs, after.externalIPs)
  compare('UID', before.uid, after.uid)
  compare('ExternalTrafficPolicy', before.externalTrafficPolicy, after.externalTrafficPolicy)
  compare('HealthCheckNodePort', before.healthCheckNodePort, after.healthCheckNodePort)
  compare('IPFamilies', before.ipFamilies, after.ipFamilies)
  return changes
}

function entries(mapping: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1))
}
