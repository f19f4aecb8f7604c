/** What is read of a directive of raw configuration. */
export interface RawDirective {
  readonly name: string
  /** Its first argument, if that is one of HTTP's. */
  readonly status?: number
}

/** Blanks and comments; what ends a directive or a block; texts with and without quotes. Anything else is one character of a text. */
const TOKEN = /\s+|#[^\n]*|[;{}]|"(?:\\[^]|[^"\\])*"?|'(?:\\[^]|[^'\\])*'?|(?:\\[^]|[^\s;{}"'])+/g

/**
 * The directives in a text that is written as NGINX reads it, those inside blocks too, in order. It is looked at to say what it was for
 * and never run, so that what NGINX would refuse is read as well as it can be.
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

function directiveOf([name = '', first = '']: readonly string[]): readonly RawDirective[] {
  if (!/^\w+$/.test(name)) return []
  return [/^[1-5]\d\d$/.test(first) ? { name, status: Number(first) } : { name }]
}
