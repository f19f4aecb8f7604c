import type { NlbValues } from './nlb-annotations.js'
import type { NlbExisting, NlbListener, ServerGroup } from './nlb-existing.js'
import type { WantedPort } from './nlb-wanted.js'

/** What of an NLB is whose, and whether it is as it should be. */

/** A group of the user that an annotation binds to the port. */
export function usersGroup({ service: { port } }: WantedPort, values: NlbValues): string | undefined {
  return values['vgroup-port']?.find((one) => one.port === port)?.group
}

/** Ours with the name and what cannot be changed; of several the one that a listener uses, else the first. */
export function groupFor(
  port: WantedPort,
  { groups, balancer }: NlbExisting,
  users: string | undefined,
): ServerGroup | undefined {
  if (users !== undefined) return groups.find(({ id }) => id === users)
  const found = groups
    .filter(
      (one) =>
        one.isOurs && one.name === port.name && !differs(one.fields, port.group.fixed) && one.status !== 'Deleting',
    )
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return found.find(({ id }) => balancer?.listeners.some(({ group }) => group === id)) ?? found[0]
}

export function isSamePort(listener: NlbListener, port: WantedPort): boolean {
  return listener.port === port.port && (listener.protocol === 'UDP') === (port.protocol === 'UDP')
}

/** Protocol and ports are as they were when the listener was created. */
export function changeable(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const fixed = ['ListenerProtocol', 'ListenerPort', 'StartPort', 'EndPort']
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !fixed.includes(name)))
}

const defaultsOfCloud: Readonly<Record<string, string>> = { Cps: '0', 'HealthCheckConfig.HealthCheckConnectPort': '0' }

/**
 * Whether a setting is another one, or a list has more items than it should. Case is no difference; what the cloud is
 * silent about neither, where it is off.
 */
export function differs(found: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  const isOther = Object.entries(wanted).some(([name, value]) => {
    const current = found[name] ?? defaultsOfCloud[name] ?? 'false'
    return current.toLowerCase() !== value.toLowerCase()
  })
  const lists = new Set(
    Object.keys(wanted).flatMap((name) => (/\.\d+$/.test(name) ? [name.replace(/\.\d+$/, '.')] : [])),
  )
  return (
    isOther ||
    Object.keys(found).some(
      (name) => lists.has(name.replace(/\d+$/, '')) && /\.\d+$/.test(name) && wanted[name] === undefined,
    )
  )
}

export function isOurNlbName(
  text: string,
  service: { readonly namespace: string; readonly name: string },
  cluster: string,
): boolean {
  const match = /^k8s\.\d+(?:_\d+)?\.(?:TCP|UDP|TCPSSL)(\..*)$/.exec(text)
  return match?.[1] === `.${service.name}.${service.namespace}.${cluster}`
}

/** What is new has no id: it is known by its name until the cloud has said it. */
export function findGroup(existing: NlbExisting, idOrName: string): ServerGroup | undefined {
  return (
    existing.groups.find(({ id }) => id === idOrName) ??
    existing.groups.find(({ name, isOurs }) => isOurs && name === idOrName)
  )
}
