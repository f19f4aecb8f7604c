const LONGEST = 300

/**
 * A text of strangers for a message: no controls, nothing that turns the direction of writing or cannot be seen, no half of a
 * character; at most 300 characters. Paths and hosts are what clients asked for.
 */
export function clean(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return short.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (each) => {
    const code = each.codePointAt(0) ?? 0
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}
