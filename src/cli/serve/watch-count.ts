import type { ReflectorState } from '../../kubernetes/reflector-state.js'

/** How often watches broke off or began anew, and how long they have been failing, by kind of resource. */
export interface WatchCount {
  /** To be called often: a state that comes and goes in between is not seen. */
  look(): void
  restarts(): ReadonlyMap<string, number>
  /** Seconds; 0: it works. */
  lag(now: number): ReadonlyMap<string, number>
}

export function countWatches(states: () => ReadonlyMap<string, ReflectorState>): WatchCount {
  const seen = new Map<string, { readonly since: number; readonly restarts: number }>()
  return {
    look() {
      for (const [resource, { kind, since }] of states()) {
        const before = seen.get(resource)
        const isNew = before !== undefined && before.since !== since && (kind === 'failing' || kind === 'listing')
        seen.set(resource, { since, restarts: (before?.restarts ?? 0) + (isNew ? 1 : 0) })
      }
    },
    restarts: () => new Map([...seen].map(([resource, { restarts }]) => [resource, restarts])),
    lag: (now) =>
      new Map(
        [...states()].map(([resource, { kind, since }]) => [
          resource,
          kind === 'failing' ? Math.max(now - since, 0) / 1000 : 0,
        ]),
      ),
  }
}
