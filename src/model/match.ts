/** What a pattern found in a text. */
export type Match =
  /** `captures[0]` is the whole match, then the groups in order; a group that took no part is empty. */
  | { readonly kind: 'match'; readonly captures: readonly string[] }
  | { readonly kind: 'none' }
  /** The pattern is not valid, or the match ran into its cost limit: not the same as no match. */
  | { readonly kind: 'failed' }

/** How upper-case and lower-case letters compare; `caseless` as PCRE's (?i), for ASCII only. */
export type Letters = 'exact' | 'caseless'

/** Searches a text with a PCRE2 pattern; both are bytes. In NGINX it is `ngx.re.match`, elsewhere a helper process. */
export type MatchPattern = (this: void, pattern: string, text: string, letters: Letters) => Match
