import { expect, test } from 'vitest'
import { checkLua, luaString } from './lua.js'

test.each([
  ['p_0123456789ab', '"p_0123456789ab"'],
  ['/run/a b', '"/run/a b"'],
  ['a"b', String.raw`"a\034b"`],
  ['a\\', String.raw`"a\092"`],
  ['{}', String.raw`"\123\125"`],
  ['\n1', String.raw`"\0101"`],
  ['é', String.raw`"\195\169"`],
  ['[[--', String.raw`"\091\091--"`],
  ["'", String.raw`"\039"`],
])('%j as a literal of Lua', (text, literal) => {
  expect(luaString(text)).toBe(literal)
  expect(checkLua(`f(${literal})`)).toBeUndefined()
})
