/** What the TLS connection of a request says of its client, for the host that the request is for. */
export type Presented =
  /** There is no TLS. */
  | { readonly kind: 'plain' }
  /** The connection was made for another name, or for none: what was verified for that one is not known to be good here. */
  | { readonly kind: 'misdirected' }
  /** There is nothing to verify certificates by. */
  | { readonly kind: 'unverifiable' }
  | {
      readonly kind: 'verified'
      /** `SUCCESS`, `NONE`, or `FAILED:` and the reason. */
      readonly verdict: string
      /** RFC 2253; empty without a certificate. */
      readonly subject: string
      readonly issuer: string
      /** URL-encoded PEM. */
      readonly certificate: string
    }
