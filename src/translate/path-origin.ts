import type { PathContext } from '../features/declare.js'
import type { Ingress } from '../snapshot/objects.js'
import type { DeclaredBackend, DeclaredIngress, DeclaredPath } from './ingress.js'

/** Where a route comes from. */
export interface Origin {
  readonly ingress: Ingress
  readonly field: string
  /** As written; undefined for a default backend. */
  readonly pathType: DeclaredPath['pathType'] | undefined
  readonly backend: DeclaredBackend
}

/** A path that lost to an older one (ORD-2). */
export interface Shadowed {
  readonly path: string
  readonly match: 'exact' | 'prefix'
  readonly origin: Origin
  readonly winner: Origin
}

/** A path that is served, in the words of its Ingress. */
export interface Winner extends PathContext {
  readonly declared: DeclaredIngress
  readonly backend: DeclaredBackend
  readonly origin: Origin
}
