import type { DirectiveName } from './known-directives.js'

/**
 * A directive of nginx.conf as a value. Only the printer turns it into text, so that quoting is done in one place and
 * nothing else can decide where a directive ends.
 */
export interface Directive {
  readonly name: DirectiveName
  readonly args: readonly Argument[]
  /** undefined: ends with `;`. Otherwise a block, possibly empty. */
  readonly block?: readonly Directive[] | LuaSource | MapCases
}

/** Text is quoted as needed and never interpolated; a variable is printed as `$name`, several parts as one argument. */
export type Argument = string | number | readonly Part[]

/** A piece of an argument that mixes text with variables. */
type Part = string | { readonly variable: string }

/** Lua between the braces of a `*_by_lua_block`. Written by Fairlead, never by a user. */
export interface LuaSource {
  readonly lua: string
}

/**
 * What stands between the braces of `map` and `geo`: the value for each exact source text or pattern, and for every
 * other one.
 */
export interface MapCases {
  readonly otherwise: Argument
  readonly cases: readonly (readonly [from: string | MapPattern, to: Argument])[]
  /** NGINX asks anew each time. */
  readonly isVolatile?: boolean
}

/** `~` and a regular expression, or `~*` and one in any case. */
export interface MapPattern {
  readonly pattern: string
}

/** A directive without a block: `simple('listen', 80, 'default_server')`. */
export function simple(name: DirectiveName, ...args: readonly Argument[]): Directive {
  return { name, args }
}

/** A directive with directives inside. */
export function block(name: DirectiveName, args: readonly Argument[], inside: readonly Directive[]): Directive {
  return { name, args, block: inside }
}

/** A directive with Lua inside. */
export function luaBlock(name: DirectiveName & `${string}_by_lua_block`, lua: string): Directive {
  return { name, args: [], block: { lua } }
}

/** The argument `$name`. */
export function variable(name: string): Argument {
  return [{ variable: name }]
}

/**
 * An argument of text and variables; what stands in `${}` are names of variables:
 *
 *     withVariables`[${'time_local'}] ${'status'}`    prints as  "[$time_local] $status"
 */
export function withVariables(texts: TemplateStringsArray, ...names: readonly string[]): Argument {
  return texts.flatMap((text, i): Part[] => {
    const name = names[i]
    const parts: Part[] = text === '' ? [] : [text]
    return name === undefined ? parts : [...parts, { variable: name }]
  })
}
