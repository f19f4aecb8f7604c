/**
 * The text as a literal of Lua: bytes other than letters, digits and a few harmless marks become `\ddd`, so that neither Lua
 * nor NGINX, which counts braces in a Lua block, can read anything else in it. Text is written as UTF-8.
 */
export function luaString(text: string): string {
  return `"${[...new TextEncoder().encode(text)].map(printByte).join('')}"`
}

function printByte(byte: number): string {
  const character = String.fromCharCode(byte)
  return HARMLESS.test(character) ? character : `\\${String(byte).padStart(3, '0')}`
}

const HARMLESS = /^[A-Za-z0-9_ ./:@+-]$/

/**
 * Says whether NGINX finds the end of this Lua where we mean it: braces outside of strings pair up, strings end on their
 * line. Comments and long brackets are refused, since we have no need of them and each is one more way to be wrong.
 */
export function checkLua(lua: string): string | undefined {
  const withoutStrings = lua.replace(/"(?:[^"\\\n]|\\.)*"/g, '')
  if (/["']/.test(withoutStrings)) return 'a string without an end, or in single quotes'
  if (/--|\[=*\[/.test(withoutStrings)) return 'a comment or a long bracket'
  let depth = 0
  for (const mark of withoutStrings.match(/[{}]/g) ?? []) {
    depth += mark === '{' ? 1 : -1
    if (depth < 0) return 'a closing brace too many'
  }
  return depth === 0 ? undefined : 'an opening brace too many'
}
