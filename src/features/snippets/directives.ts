/** What is read of a directive of raw configuration. */
export interface RawDirective {
  readonly name: string
  /** One of HTTP's among its arguments: the first, or behind a `=`. */
  readonly status?: number
  /** Its first argument is a variable, so that nothing is known of it. */
  readonly isVariable?: true
}

/**
 * Blanks and comments; what ends a directive or a block; texts with and without quotes. Anything else is one character
 * of a text.
 */
const TOKEN = /\s+|#[^\n]*|[;{}]|"(?:\\[^]|[^"\\])*"?|'(?:\\[^]|[^'\\])*'?|(?:\\[^]|[^\s;{}"'])+/g

/**
 * The directives in a text that is written as NGINX reads it, those inside blocks too, in order. It is looked at to say
 * what it was for and never run, so that what NGINX would refuse is read as well as it can be.
 */
export function directivesIn(text: string): readonly RawDirective[] {
  const found: RawDirective[] = []
  let words: string[] = []
  for (const [token] of text.matchAll(TOKEN)) {
    if (/^(?:\s|#)/.test(token)) continue
    if (!/^[;{}]$/.test(token)) words.push(token.replace(/^(["'])([^]*?)\1?$/, '$2'))
    else {
      found.push(...directiveOf(words))
      words = []
    }
  }
  return [...found, ...directiveOf(words)]
}

function directiveOf([name = '', first = '', ...more]: readonly string[]): readonly RawDirective[] {
  if (!/^\w+$/.test(name)) return []
  const status = [first, ...more.filter((one) => one.startsWith('='))].map((one) => /^=?([1-5]\d\d)$/.exec(one)?.[1])
  const found = status.find((one) => one !== undefined)
  if (found !== undefined) return [{ name, status: Number(found) }]
  return [first.startsWith('$') ? { name, isVariable: true } : { name }]
}
