import { findOwner } from '../../model/ring.js'
import type { BalancingSettings } from '../../model/features.js'
import type { TextPart } from '../../model/text-part.js'
import { ringOf, type WorkedUpstream } from '../../model/worked-upstream.js'
import type { ChoicePort } from '../../request/port.js'
import type { ChoiceStep, Tries } from '../../request/step.js'
import { expandParts, parseVariables } from '../../request/variables.js'
import { chooseByScore, decayed, observed } from './ewma.js'
import { createSubsets, findInSubset, type Subsets } from './subset.js'

export { decayed, observed }

/** What a hash needs, worked out once. */
interface HashedUpstream extends WorkedUpstream {
  hashParts?: readonly TextPart[]
  subsets?: Subsets
}

/** `load-balance` and `upstream-hash-by`. */
export const balancing: ChoiceStep = {
  family: 'balancing',
  run: (upstream, _passage, tries, port) => {
    const settings = upstream.features?.balancing
    return settings === undefined ? undefined : choose(settings, upstream, tries, port)
  },
}

function choose(settings: BalancingSettings, upstream: HashedUpstream, { avoid }: Tries, port: ChoicePort): number {
  const count = upstream.addresses.length
  if (settings.kind === 'ewma') {
    return chooseByScore(count, avoid, port.random, (position) => port.score(upstream, position))
  }
  const parts = upstream.hashParts ?? parseVariables(settings.by)
  upstream.hashParts = parts
  const key = expandParts(parts, port.variable)
  if (settings.subset === undefined) return findOwner(ringOf(upstream), key)
  const subsets = upstream.subsets ?? createSubsets(count, settings.subset)
  upstream.subsets = subsets
  return findInSubset(subsets, count, key, port.random)
}
