/**
 * The text that every match of `^` and this pattern begins with, in lower case; empty where that cannot be told without
 * knowing PCRE2 better than this function does. A request whose path begins otherwise is not matched against the pattern
 * at all, which is much cheaper.
 */
export function headOf(pattern: string): string {
  if (hasUncertainForm(pattern) || hasAlternativesOutsideGroups(pattern)) return ''
  const literal = /^[A-Za-z0-9/_~-]*/.exec(pattern)?.[0] ?? ''
  // A quantifier belongs to the last character alone: `/ab?` also matches `/a`.
  const end = /^[?*+{]/.test(pattern.slice(literal.length)) ? literal.length - 1 : literal.length
  return literal.slice(0, Math.max(0, end)).toLowerCase()
}

/** `(?i)`, `(*VERB)`, `\Q…\E`, classes within classes, comments: what could change the meaning of `|` and of parentheses. */
function hasUncertainForm(pattern: string): boolean {
  return /\(\?(?!:)|\(\*|\\[QE]|\[[^\]]*\[|\[\^?\]/.test(pattern)
}

/** `^/a|/b` is `/a` at the beginning, or `/b` anywhere. */
function hasAlternativesOutsideGroups(pattern: string): boolean {
  const withoutEscapes = pattern.replace(/\\[^]/g, '')
  const withoutClasses = withoutEscapes.replace(/\[[^\]]*\]/g, '')
  let depth = 0
  for (const character of withoutClasses) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === '|' && depth <= 0) return true
  }
  return false
}
