import type { UpstreamFeatures } from '../model/features.js'

/** What an Ingress says of the upstreams that it uses. */
export interface UpstreamWishes {
  readonly features: UpstreamFeatures | undefined
  /** LB-4: requests go to the Service's own address. */
  readonly throughService: boolean
}

/** Of an upstream that is chosen from in turn. */
export const NO_WISHES: UpstreamWishes = { features: undefined, throughService: false }

/**
 * The settings of an upstream, from all Ingresses that use it, oldest first. Balancing is that of the first, even where it
 * asks for nothing (LB-2). The mode of affinity is that of the first which has affinity, the cookie that of the last (AFF-9).
 */
export function mergeWishes(oldestFirst: readonly UpstreamWishes[]): UpstreamWishes {
  const first = oldestFirst[0]
  if (first === undefined || (oldestFirst.length === 1 && first === NO_WISHES)) return NO_WISHES
  const balancing = first.features?.balancing
  const affinities = oldestFirst.flatMap(({ features }) => features?.affinity ?? [])
  const mode = affinities[0]?.mode
  const last = affinities.at(-1)
  const features: UpstreamFeatures = {
    ...(balancing === undefined ? {} : { balancing }),
    ...(mode === undefined || last === undefined ? {} : { affinity: { ...last, mode } }),
  }
  return {
    features: Object.keys(features).length === 0 ? undefined : features,
    throughService: first.throughService,
  }
}

/**
 * What a canary asks of its upstream: balancing and the Service's address of its own (CAN-12); the affinity is that of the
 * main upstream, and legacy none (AFF-10).
 */
export function wishesOfCanary(own: UpstreamWishes, main: UpstreamWishes, isSticky: boolean): UpstreamWishes {
  const balancing = own.features?.balancing
  const affinity = isSticky ? main.features?.affinity : undefined
  if (balancing === undefined && affinity === undefined) return { ...NO_WISHES, throughService: own.throughService }
  const features = {
    ...(balancing === undefined ? {} : { balancing }),
    ...(affinity === undefined ? {} : { affinity }),
  }
  return { features, throughService: own.throughService }
}
