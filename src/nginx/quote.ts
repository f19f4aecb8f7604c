import type { Argument } from './directive.js'

/**
 * How one argument is written so that NGINX reads back what was given.
 *
 * Between double quotes NGINX takes every byte as it is, except `"` (the end) and `\`, which before `"`, `'`, `\`, `t`, `r`,
 * `n` stands for one byte and before anything else for itself. So `\` and `"` get a backslash, and line ends and tabs are
 * written as escapes to keep one directive on one line. Text without any byte that means something is printed bare.
 *
 * Three things cannot be written and are refused (`unprintable`):
 * - `$`. Many directives look for variables in the text after it was read, quoted or not, and know no escape. Whether a
 *   directive does so depends on the directive and on NGINX's version, so a literal `$` is refused for all. A variable is
 *   asked for by name, as `{ variable }`.
 * - NUL, where many directives end the text, and half a surrogate pair, which has no UTF-8.
 * - more than 4,000 bytes: NGINX reads the file through a buffer of 4,096 and no argument may exceed it.
 *
 * Source: ngx_conf_read_token in NGINX's core/ngx_conf_file.c; ngx_http_script_compile.
 */
export function quote(argument: Argument): string {
  if (typeof argument === 'number') return printNumber(argument)
  const parts = typeof argument === 'string' ? [argument] : argument
  const pieces = parts.map((part) => (typeof part === 'string' ? escapeText(part) : part))
  const bare = pieces.every((piece) => typeof piece !== 'string' || BARE.test(piece))
  const text = pieces.map((piece, i) =>
    typeof piece === 'string' ? piece : printVariable(piece.variable, pieces[i + 1]),
  )
  const printed = bare && pieces.length > 0 ? text.join('') : `"${text.join('')}"`
  if (byteLength(printed) > LONGEST) throw new Error(`argument too long for NGINX: ${printed.slice(0, 60)}…`)
  return printed
}

/** Bytes of one printed argument that NGINX is sure to read. */
const LONGEST = 4000

const BARE = /^[A-Za-z0-9_./:@%+,=*?()[\]~^|!<>&-]+$/

/**
 * Why the text cannot be an argument in nginx.conf; undefined when it can. For values that come from outside, such as a
 * folder.
 */
export function unprintable(text: string): string | undefined {
  if (text.includes('$')) return "a '$' cannot be written in nginx.conf"
  if (text.includes('\0')) return 'a NUL byte cannot be written in nginx.conf'
  if (LONE_SURROGATE.test(text)) return 'half a surrogate pair has no UTF-8'
  if (byteLength(escape(text)) > LONGEST - 2) return `longer than ${LONGEST} bytes`
  return undefined
}

const LONE_SURROGATE = /\p{Surrogate}/u

function escapeText(text: string): string {
  const reason = unprintable(text)
  if (reason !== undefined) throw new Error(`${reason}: ${JSON.stringify(text.slice(0, 60))}`)
  return escape(text)
}

function escape(text: string): string {
  return text.replace(/[\\"\n\r\t]/g, (character) => ESCAPES[character] ?? character)
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Braces where the text after the variable would otherwise be taken for more of its name. */
function printVariable(name: string, next: unknown): string {
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) throw new Error(`not a name of a variable: ${JSON.stringify(name)}`)
  return typeof next === 'string' && /^[A-Za-z0-9_]/.test(next) ? `\${${name}}` : `$${name}`
}

function printNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`not a number for nginx.conf: ${value}`)
  return String(value)
}

/** Bytes of the text in UTF-8. */
function byteLength(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
