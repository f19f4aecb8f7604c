import type { MirrorTarget } from '../model/features.js'

/** A copy of the request for a mirror. */
export interface RequestCopy {
  readonly to: MirrorTarget
  /** Path and query, escaped. */
  readonly target: string
}
