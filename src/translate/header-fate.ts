import { shownBytes } from './shown-bytes.js'

/**
 * A header that the backend gets otherwise than the client sent it, or that Fairlead sees to. `sent`: with this value,
 * as bytes. `described`: with a value that is known once NGINX has the request. `removed`: not passed on.
 */
export type HeaderExplanation = { readonly name: string } & HeaderFate

export type HeaderFate =
  | { readonly kind: 'sent'; readonly value: string }
  | { readonly kind: 'described'; readonly words: string }
  | { readonly kind: 'removed' }

/** With its value as people read it. */
export function shownHeader(header: HeaderExplanation): HeaderExplanation {
  return header.kind === 'sent' ? { ...header, value: shownBytes(header.value) } : header
}
