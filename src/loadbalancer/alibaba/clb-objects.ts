import type { ServiceView } from '../views.js'
import type { Balancer, Group } from './clb-existing.js'

/** The API takes so many servers in a call. */
export const SERVERS_IN_A_CALL = 20

/**
 * Two groups with one of our names are there after a call whose answer was lost: the one that is used stays, else the
 * first.
 */
export function keptGroup({ groups, listeners }: Balancer, name: string): Group | undefined {
  const found = groups.filter((one) => one.name === name).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return found.find(({ id }) => listeners.some(({ group }) => group === id)) ?? found[0]
}

export function isOurs(name: string, { namespace, name: service }: ServiceView, cluster: string): boolean {
  const match = /^k8s\/\d+(?:\.udp)?(\/.*)$/.exec(name)
  return match?.[1] === `/${service}/${namespace}/${cluster}`
}
