import { describe, expect, test } from 'vitest'
import { block, luaBlock, simple, variable, withVariables, type Argument } from './directive.js'
import { printConfig } from './print.js'
import { unprintable } from './quote.js'

const printed = (argument: Argument): string => printConfig([simple('return', argument)]).slice('return '.length, -2)

describe('an argument', () => {
  const rows: readonly (readonly [what: string, given: Argument, text: string])[] = [
    ['a plain word stays bare', 'on', 'on'],
    ['a path stays bare', '/run/fairlead-1/a_b.conf', '/run/fairlead-1/a_b.conf'],
    ['a number', 4096, '4096'],
    ['empty text', '', '""'],
    ['a blank', 'a b', '"a b"'],
    ['a semicolon', 'a;b', '"a;b"'],
    ['braces', 'a{b}', '"a{b}"'],
    ['a hash', '#a', '"#a"'],
    ['a double quote', 'a"b', String.raw`"a\"b"`],
    ['a single quote', "a'b", `"a'b"`],
    ['a backslash', String.raw`a\b`, String.raw`"a\\b"`],
    ['a backslash at the end', 'a\\', String.raw`"a\\"`],
    ['a backslash before a quote', String.raw`\"`, String.raw`"\\\""`],
    ['a backslash before n', String.raw`\n`, String.raw`"\\n"`],
    ['a line feed', 'a\nb', String.raw`"a\nb"`],
    ['a carriage return and a tab', '\r\t', String.raw`"\r\t"`],
    ['a control byte', '\u0001', '"\u0001"'],
    ['text beyond ASCII', 'café ☕', '"café ☕"'],
    ['breaking out with a quote', '"; daemon on; #', String.raw`"\"; daemon on; #"`],
    ['breaking out with an escaped quote', '\\"; } http {', String.raw`"\\\"; } http {"`],
    ['breaking out with a line end', 'x\n}\nserver {', String.raw`"x\n}\nserver {"`],
    ['a variable', variable('request_id'), '$request_id'],
    ['a variable after text', ['if=', { variable: 'loggable' }], 'if=$loggable'],
    ['a variable before text that would lengthen its name', [{ variable: 'a' }, 'b'], '${a}b'],
    ['a variable before text that would not', [{ variable: 'a' }, '/b'], '$a/b'],
    ['two variables', [{ variable: 'a' }, { variable: 'b' }], '$a$b'],
    ['variables in a template', withVariables`[${'a'}] "${'b'}"`, String.raw`"[$a] \"$b\""`],
    ['no parts at all', [], '""'],
  ]
  test.each(rows)('%s', (_what, given, text) => {
    expect(printed(given)).toBe(text)
  })

  const refused: readonly (readonly [what: string, given: Argument])[] = [
    ['a dollar sign', 'a$b'],
    ['a dollar sign alone', '$'],
    ['a variable written as text', '${request_id}'],
    ['a dollar sign between variables', [{ variable: 'a' }, '$', { variable: 'b' }]],
    ['NUL', 'a\0b'],
    ['half a surrogate pair', '\ud800'],
    ['a name of a variable that ends it', [{ variable: 'a;b' }]],
    ['an empty name of a variable', [{ variable: '' }]],
    ['a negative number', -1],
    ['a fraction', 0.5],
    ['not a number', Number.NaN],
    ['text beyond what NGINX reads', 'x'.repeat(4100)],
    ['text that escapes make too long', '"'.repeat(2500)],
    ['parts that are too long together', ['x'.repeat(3000), { variable: 'a' }, 'x'.repeat(3000)]],
  ]
  test.each(refused)('refused: %s', (_what, given) => {
    expect(() => printed(given)).toThrow()
  })

  test.each(['a$b', 'a\0', '\udc00', 'x'.repeat(4100)])('what is refused can be asked beforehand (%#)', (text) => {
    expect(unprintable(text)).toBeTypeOf('string')
  })

  test.each(['', 'a b', '"\\\n', 'café', 'x'.repeat(3900)])('what is not refused neither (%#)', (text) => {
    expect(unprintable(text)).toBeUndefined()
    expect(() => printed(text)).not.toThrow()
  })
})

describe('blocks', () => {
  test('nest, and may be empty', () => {
    const tree = block('http', [], [block('server', [], []), simple('server_tokens', 'off')])
    expect(printConfig([tree])).toBe('http {\n  server {}\n  server_tokens off;\n}\n')
  })

  test('Lua keeps its lines', () => {
    const text = printConfig([luaBlock('init_by_lua_block', 'f({\n  a = "}",\n})')])
    expect(text).toBe('init_by_lua_block {\n  f({\n    a = "}",\n  })\n}\n')
  })

  test('the keys of a map have no meaning but their own', () => {
    const cases = ['', 'default', 'hostnames', 'include', 'volatile', '~x', String.raw`\x`, 'x'].map(
      (key) => [key, '1'] as const,
    )
    const text = printConfig([{ name: 'map', args: [variable('a'), variable('b')], block: { otherwise: '0', cases } }])
    expect(text.split('\n')).toEqual([
      'map $a $b {',
      '  default 0;',
      '  "" 1;',
      String.raw`  "\\default" 1;`,
      String.raw`  "\\hostnames" 1;`,
      String.raw`  "\\include" 1;`,
      String.raw`  "\\volatile" 1;`,
      String.raw`  "\\~x" 1;`,
      String.raw`  "\\\\x" 1;`,
      '  x 1;',
      '}',
      '',
    ])
  })

  test.each(['}', '{', 'f() } {', 'a = "}', "a = '}'", 'f() -- }', 'a = [[ } ]]', 'a = [==[ } ]==]', 'a = "\n"'])(
    'Lua whose end NGINX could misjudge is refused: %s',
    (lua) => {
      expect(() => printConfig([luaBlock('init_by_lua_block', lua)])).toThrow(/Lua/)
    },
  )
})
