import type { BalancingSettings } from '../model/features.js'
import type { UpstreamDocument } from '../model/documents.js'

/** How an endpoint of an upstream is chosen, in words; what comes first in the order of choice is said (LB-1, AFF-11). */
export function describeChoice({ features }: UpstreamDocument): string {
  const affinity = features?.affinity
  if (affinity === undefined) return describeBalancing(features?.balancing)
  const { mode, cookie, changeOnFailure } = affinity
  const failing = changeOnFailure === true ? 'after a failure another one' : 'after a failure the same again'
  return `by the cookie ${cookie.name} (affinity, ${mode}); ${failing}`
}

function describeBalancing(settings: BalancingSettings | undefined): string {
  if (settings === undefined) return 'in turn (round robin)'
  if (settings.kind === 'ewma') return 'of two at random the one that answered faster lately (ewma)'
  const hash = `by a consistent hash of ${JSON.stringify(settings.by)} (upstream-hash-by)`
  return settings.subset === undefined ? hash : `${hash}, at random within a set of ${settings.subset}`
}
