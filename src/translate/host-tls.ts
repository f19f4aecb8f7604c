import { differences } from '../collections/differences.js'
import type { HostTls } from '../features/declare.js'
import type { RouteFeatures } from '../model/features.js'
import { createProfile } from '../nginx/profile.js'
import { digestOf } from './digest.js'
import type { Groups } from './groups.js'
import type { Contribution } from './host.js'
import type { DeclaredIngress } from './ingress.js'

/** The rules of each host, before and after its Ingresses share the TLS of the first (PSSL-5). */
export interface TlsGroups {
  readonly ownGroups: Groups
  readonly groups: Groups
}

/**
 * The groups after the rules of Ingresses became `ownGroups`. Of a host, the oldest Ingress that has a `ca.crt` for its
 * backends lends its TLS to the others of its namespace that speak HTTPS and have none of their own. Those of other
 * namespaces may not have its Secret, and so neither its certificate.
 */
export function shareTls(before: TlsGroups, ownGroups: Groups): TlsGroups {
  const changes = differences(before.ownGroups, ownGroups).map(
    ({ key, after }) => [key, after === undefined ? undefined : shareAmong(key, after)] as const,
  )
  return { ownGroups, groups: before.groups.with(changes) }
}

function shareAmong(host: string, group: readonly Contribution[]): readonly Contribution[] {
  const lender = group.find(({ declared }) => declared.features.hostTls !== undefined)?.declared
  const tls = lender?.features.hostTls
  if (lender === undefined || tls === undefined) return group
  const sharing = new Map<DeclaredIngress, DeclaredIngress>()
  return group.map((one): Contribution => {
    const { declared, rule } = one
    const { ingress, features, closed } = declared
    const mayHave = ingress.namespace === lender.ingress.namespace || tls.forAll
    if (!features.lacksTls || closed || !mayHave) return one
    const shared = sharing.get(declared) ?? withTls(declared, host, tls)
    sharing.set(declared, shared)
    // Another object, by which the host is known to be another one.
    return { declared: shared, rule: { ...rule } }
  })
}

function withTls(declared: DeclaredIngress, host: string, { backend, directives }: HostTls): DeclaredIngress {
  const { features } = declared
  const profile = [...features.profile, ...directives]
  return {
    ...declared,
    features: {
      ...features,
      profile,
      route: (path): RouteFeatures | undefined => {
        const own = features.route(path)
        return own?.backend === undefined ? own : { ...own, backend: { ...own.backend, ...backend } }
      },
    },
    profile: createProfile(profile, digestOf),
    tlsOf: host,
  }
}
