import type { AddressRanges } from './address-ranges.js'
import type { AuthService } from './auth-service.js'

/**
 * A document that routes name by its key, because many need the same, or because it changes without them: a long list of
 * addresses, the users of a Secret. A route that names one which is not there stays closed.
 */
export type Attachment =
  | RangesAttachment
  | AuthorityAttachment
  | ClientCertificateAttachment
  | UsersAttachment
  | AuthService

export interface RangesAttachment {
  readonly kind: 'ranges'
  readonly ranges: AddressRanges
}

/** What client certificates are verified by (MTLS-2). */
export interface AuthorityAttachment {
  readonly kind: 'authority'
  /** The certificates that are trusted, in PEM. */
  readonly certificates: string
  /** Revocation lists in PEM; absent: nothing is revoked. */
  readonly revocations?: string
  /** Tells contents apart. */
  readonly digest: string
}

/** What backends are shown (PSSL-2): a chain, leaf first, and its private key, both PEM. */
export interface ClientCertificateAttachment {
  readonly kind: 'client certificate'
  readonly chain: string
  readonly key: string
}

/** Who may log in, from a Secret (annotations.md section 4). */
export interface UsersAttachment {
  readonly kind: 'users'
  /** Hashes of passwords by user; for digest authentication HA1 by `user:realm`. */
  readonly users: Readonly<Record<string, string>>
}

/** An attachment and the name under which routes know it. What one key names is the same for all who name it. */
export interface NamedAttachment {
  readonly key: string
  readonly attachment: Attachment
}
