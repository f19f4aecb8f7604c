import type { Ingress, PublishedAddress } from '../../snapshot/objects.js'
import { sameAddresses } from './addresses.js'

/** A status that was sent: the watch shows it a little later, and until then the Ingress still looks as before. */
export interface SentStatus {
  readonly addresses: readonly PublishedAddress[]
  /** Monotonic milliseconds. */
  readonly at: number
}

/**
 * How long the same addresses are not sent to the same Ingress again. Longer than a watch is late, and the pace at which
 * two controllers that overwrite each other's status would fight.
 */
export const SETTLE_MILLISECONDS = 5_000

/** Whether to write: now, not at all, or perhaps in so many milliseconds. STA-4. */
export type StatusVerdict = 'write' | 'leave' | { readonly after: number }

export function judgeStatus(
  ingress: Pick<Ingress, 'published'>,
  wanted: readonly PublishedAddress[],
  sent: SentStatus | undefined,
  now: number,
): StatusVerdict {
  if (sameAddresses(ingress.published, wanted)) return 'leave'
  if (sent === undefined || !sameAddresses(sent.addresses, wanted)) return 'write'
  const left = sent.at + SETTLE_MILLISECONDS - now
  return left > 0 ? { after: left } : 'write'
}

/** One name may belong to one Ingress after the other, each with a status of its own. */
export function identityOf({ namespace, name, uid }: Pick<Ingress, 'namespace' | 'name' | 'uid'>): string {
  return `${namespace}/${name}/${uid}`
}
