import type { PlannedStep } from './provider.js'
import { createTerm, type LoadBalancerParts, type Term, type TermCounts } from './term.js'

/** The load-balancer controller of one replica. It does something only while the replica leads. */
export interface LoadBalancerController {
  /** Belongs in the election's onStart: reads the cluster anew, and looks at every Service. */
  lead(): void
  /** Belongs in the election's onStop: nothing is written after. */
  yield(): void
  stop(): Promise<void>
  counts(): TermCounts
}

/**
 * Serves Services of type LoadBalancer with the provider's addresses.
 *
 * Rights: list and watch on services, nodes and endpointslices; patch on services and services/status; what the provider
 * needs. With a provider that has readiness gates: get on pods, patch on pods/status.
 */
export function createLoadBalancerController<Existing, Step extends PlannedStep>(
  parts: LoadBalancerParts<Existing, Step>,
): LoadBalancerController {
  let term: Term | undefined
  let ending: Promise<void> = Promise.resolve()
  let stopped = false

  function end(): void {
    const ended = term
    term = undefined
    if (ended !== undefined) ending = Promise.all([ending, ended.end()]).then(() => undefined)
  }

  return {
    lead() {
      if (stopped) return
      end()
      // What the last term has begun ends first: two looks at one Service at once would not know of each other.
      void ending.then(() => {
        if (!stopped && parts.leadership.isLeader()) term ??= createTerm(parts)
      })
    },
    yield: end,
    async stop() {
      stopped = true
      end()
      await ending
    },
    counts: () => term?.counts() ?? { services: 0, waiting: 0, failing: 0, synced: false },
  }
}
