import type { Directive, LuaSource, MapCases, MapPattern } from './directive.js'
import { checkLua } from './lua.js'
import { quote } from './quote.js'

/**
 * Prints directives as the text of nginx.conf. The only place that writes NGINX's syntax: every argument passes `quote`, so
 * no value can end a directive or begin another. Write the result as UTF-8.
 *
 * Throws on what cannot be written (see `quote`) and on Lua with unbalanced braces: mistakes of ours, not of users.
 */
export function printConfig(directives: readonly Directive[]): string {
  return printLines(directives, '')
}

function printLines(directives: readonly Directive[], indent: string): string {
  return directives.map((directive) => printDirective(directive, indent)).join('')
}

function printDirective(directive: Directive, indent: string): string {
  const head = [directive.name, ...directive.args.map(quote)].join(' ')
  const { block } = directive
  if (block === undefined) return `${indent}${head};\n`
  const inside = printBlock(block, `${indent}  `)
  return inside === '' ? `${indent}${head} {}\n` : `${indent}${head} {\n${inside}${indent}}\n`
}

function printBlock(block: NonNullable<Directive['block']>, indent: string): string {
  if ('lua' in block) return printLua(block, indent)
  if ('cases' in block) return printCases(block, indent)
  return printLines(block, indent)
}

function printLua({ lua }: LuaSource, indent: string): string {
  const wrong = checkLua(lua)
  if (wrong !== undefined) throw new Error(`Lua that cannot stand in a block (${wrong}): ${lua.slice(0, 60)}`)
  return lua
    .split('\n')
    .map((line) => `${indent}${line}\n`)
    .join('')
}

function printCases({ otherwise, cases, isVolatile = false }: MapCases, indent: string): string {
  const lines = cases.map(([from, to]) => `${indent}${quote(mapKey(from))} ${quote(to)};\n`)
  return [...(isVolatile ? [`${indent}volatile;\n`] : []), `${indent}default ${quote(otherwise)};\n`, ...lines].join('')
}

/** A backslash in front takes the meaning from the words that `map` knows, and from `~`, which begins a pattern. */
function mapKey(text: string | MapPattern): string {
  if (typeof text !== 'string') return text.pattern
  return /^(?:default|hostnames|include|volatile)$|^[~\\]/.test(text) ? `\\${text}` : text
}
