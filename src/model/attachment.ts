import type { AddressRanges } from './address-ranges.js'

/**
 * A document that routes name by its key, because many need the same, or because it changes without them: a long list of
 * addresses, the users of a Secret. A route that names one which is not there stays closed.
 */
export type Attachment = RangesAttachment

export interface RangesAttachment {
  readonly kind: 'ranges'
  readonly ranges: AddressRanges
}

/** An attachment and the name under which routes know it. What one key names is the same for all who name it. */
export interface NamedAttachment {
  readonly key: string
  readonly attachment: Attachment
}
