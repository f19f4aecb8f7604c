/** `lua_regex_match_limit`: a match that needs more steps ends as failed, so that no pattern holds a worker. */
export const MATCH_LIMIT = 100_000

/** What PCRE2 says of a pattern, as the engine compiles it. */
export type PatternVerdict =
  | { readonly kind: 'valid' }
  /** `reason` in PCRE2's words; `position` in bytes from the beginning of the pattern, undefined where it is not told. */
  | { readonly kind: 'refused'; readonly reason: string; readonly position: number | undefined }

/** Verdicts by pattern. Nothing is known of a pattern that is not there. */
export type PatternVerdicts = ReadonlyMap<string, PatternVerdict>
