import type { ForeignMarks, Provider } from './provider.js'
import type { ServiceView } from './views.js'

/** What the controller is to a Service. */
export type Claim =
  /** Nothing of it is ours. */
  | { readonly kind: 'none' }
  /** It would be ours, but another controller has its marks on it. */
  | { readonly kind: 'foreign'; readonly marks: string }
  /** It is to have an address; `foreign`: marks that go when ours are put on. */
  | { readonly kind: 'present'; readonly foreign: ForeignMarks }
  /** It carries our finalizer, and is to have no address any more. */
  | { readonly kind: 'absent' }

export type ClaimRules = Pick<Provider<unknown, never>, 'serves' | 'finalizer' | 'foreign'> & {
  /** `--loadbalancer-take-over`. */
  readonly takeOver: boolean
}

/** Of Kubernetes' own service controller, which every cloud's controller is made with, unless it has one of its own. */
export const UPSTREAM_FINALIZER = 'service.kubernetes.io/load-balancer-cleanup'

/**
 * Sections 1.1 and 1.3 of the contract. `known`: this controller gave it its address since it began to lead, so an address
 * without our finalizer is no mark of others: somebody took the finalizer away.
 */
export function claimOf(service: ServiceView, rules: ClaimRules, known: 'known' | 'unknown'): Claim {
  const ours = service.finalizers.includes(rules.finalizer)
  const wanted = service.type === 'LoadBalancer' && !service.deleting && rules.serves(service.loadBalancerClass)
  if (!wanted) return ours ? { kind: 'absent' } : { kind: 'none' }
  const foreign = foreignMarksOf(service, rules)
  const marks = [...foreign.finalizers, ...(ours || known === 'known' ? [] : foreign.labels)]
  if (!ours && known === 'unknown' && service.status.length > 0) marks.push('an address in its status')
  if (marks.length > 0 && !rules.takeOver) return { kind: 'foreign', marks: marks.join(', ') }
  // Labels on a Service of ours are ours, though another controller may use the same keys.
  return { kind: 'present', foreign: ours ? { finalizers: foreign.finalizers, labels: [] } : foreign }
}

function foreignMarksOf({ finalizers, labels }: ServiceView, { finalizer, foreign }: ClaimRules): ForeignMarks {
  const others = new Set([...foreign.finalizers, UPSTREAM_FINALIZER])
  return {
    finalizers: finalizers.filter((one) => others.has(one) && one !== finalizer),
    labels: foreign.labels.filter((key) => Object.hasOwn(labels, key)),
  }
}
