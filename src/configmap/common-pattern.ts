/** Groups that both know, and `(?i)`, which JavaScript is not asked about. */
const GROUPS = /\(\?(?:[:=!]|i\))/g

/**
 * What PCRE2 refuses and JavaScript takes, or reads otherwise: other groups, empty classes and those of POSIX,
 * references to groups, escapes of letters but for common ones, and long counts.
 */
const UNCOMMON = /\(\?|\[\^?\]|\[[:.=]|\\[1-9]|\\(?![dDsSwWbBnrtfAZz])[a-zA-Z]|\{\d*,?\d{4,}/

/**
 * Whether NGINX takes a regular expression, for keys whose patterns nobody tries on it: one that it does not would cost
 * the whole file. What only PCRE2 has is refused too, but for `(?i)`.
 */
export function isCommonPattern(text: string): boolean {
  if (text === '' || UNCOMMON.test(text.replaceAll(GROUPS, ''))) return false
  try {
    return new RegExp(text.replaceAll('(?i)', '')).source !== ''
  } catch {
    return false
  }
}
