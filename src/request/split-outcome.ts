import type { UpstreamDocument } from '../model/documents.js'
import type { SplitRule, SplitSettings, Turn } from '../model/features.js'

/** Which of two upstreams serves a request, and why. */
export interface Split {
  readonly side: Exclude<Turn, 'next'>
  readonly why: SplitReason
}

export type SplitReason =
  | { readonly kind: 'rule'; readonly rule: SplitRule; readonly found: 'hit' | 'miss' | 'failed' }
  /** The client's session is bound to the upstream (AFF-10). */
  | { readonly kind: 'session' }
  /** A weight has sent the client there before (ack.md section 3.1). */
  | { readonly kind: 'cookie' }
  /** It was drawn by weight, or there is nothing to draw. */
  | { readonly kind: 'weight' }
  /** No rule has an opinion, and there is no weight. */
  | { readonly kind: 'nothing' }
  /** The other one has no endpoint (CAN-11). */
  | { readonly kind: 'no-endpoint' }

/** A split of a request, with the upstreams between which it was made. */
export interface SplitOutcome extends Split {
  readonly by: 'canary' | 'release'
  readonly main: UpstreamDocument
  readonly settings: SplitSettings
  /** Second bracket of the access log (CAN-13); absent: empty. */
  readonly logged?: string | undefined
}
