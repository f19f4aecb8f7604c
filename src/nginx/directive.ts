/**
 * A directive of nginx.conf as a value. Only the printer turns it into text, so that quoting is done in one place and
 * nothing else can decide where a directive ends.
 */
export interface Directive {
  readonly name: string
  readonly args: readonly Argument[]
  /** undefined: ends with `;`. Otherwise a block, possibly empty. */
  readonly block?: readonly Directive[] | LuaSource
}

/** Text is quoted as needed and never interpolated; a variable is printed as `$name`, several parts as one argument. */
export type Argument = string | number | readonly Part[]

/** A piece of an argument that mixes text with variables. */
export type Part = string | { readonly variable: string }

/** Lua between the braces of a `*_by_lua_block`. Written by Fairlead, never by a user. */
export interface LuaSource {
  readonly lua: string
}
