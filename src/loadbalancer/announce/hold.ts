/** Whether a node answers for an address. */
export type Hold =
  | { readonly kind: 'no' }
  /** It holds the Lease. `announcements`: so many have been sent; `since` is when it began, by the monotonic clock. */
  | { readonly kind: 'led'; readonly announcements: number; readonly since: number }
  /** It held the Lease, could not renew it, and knows of nobody else that has it. */
  | { readonly kind: 'over'; readonly announcements: number }

export interface HoldInput {
  readonly isLeader: boolean
  /** Who has the Lease, as last seen; '': nobody, or not known. */
  readonly holder: string
  readonly identity: string
  /** Somebody else was seen to answer for the address. */
  readonly conflict: boolean
  readonly now: number
  /** Since the last look. */
  readonly gap: number
  /** How long a Lease holds: who was stopped for longer does not know what has become of the address meanwhile. */
  readonly ttl: number
}

/** RFC 5227 sends two announcements; a third one reaches devices that were just learning the way. Milliseconds. */
const ANNOUNCE_AT = [0, 1_000, 3_000]

/**
 * The rules of a take-over. A node begins to answer only with the Lease in its hand. One that cannot reach the API server
 * any more goes on: nobody else can have the Lease then, or it will see that one's announcement and stop. One that was
 * itself stopped for a while stops answering, unless it still leads.
 */
export function nextHold(before: Hold, { isLeader, holder, identity, conflict, now, gap, ttl }: HoldInput): Hold {
  if (isLeader) {
    const since = before.kind === 'led' ? before.since : now
    const sent = ANNOUNCE_AT.filter((at) => now - since >= at).length
    return { kind: 'led', since, announcements: sent }
  }
  const another = holder !== '' && holder !== identity
  if (before.kind === 'no' || another || conflict || gap > ttl) return { kind: 'no' }
  return { kind: 'over', announcements: before.announcements }
}
