import { describe, expect, test } from 'vitest'
import { escapeForHeader, escapePath } from './escape.js'

const everyByte = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('')

describe('text for a header', () => {
  test.each([
    ['stays as it is if it is printable', '/a%20b?c="<d>"', '/a%20b?c="<d>"'],
    ['cannot end the line', '/a\r\nSet-Cookie: b', '/a%0D%0ASet-Cookie:%20b'],
    ['has no bytes from 0x7f on', 'caf\xc3\xa9\x7f\x00\t', 'caf%C3%A9%7F%00%09'],
    ['is nothing for nothing', '', ''],
  ])('%s', (_fact, text, escaped) => {
    expect(escapeForHeader(text)).toBe(escaped)
  })

  test('is printable ASCII without blanks, whatever went in', () => {
    expect(escapeForHeader(everyByte)).toMatch(/^[\x21-\x7e]*$/)
  })
})

describe('a path for a URI', () => {
  test.each([
    ['keeps what divides it and what a path may have', "/a-b_c.d~/e:f@g!$&'()*+,;=", "/a-b_c.d~/e:f@g!$&'()*+,;="],
    ['does not begin a query or a fragment', '/a?b#c', '/a%3Fb%23c'],
    ['is not decoded further than it was', '/a%2Fb', '/a%252Fb'],
    ['escapes what a URI must not have', '/"<>\\^`{|}', '/%22%3C%3E%5C%5E%60%7B%7C%7D'],
    ['cannot end the line', '/\r\n', '/%0D%0A'],
  ])('%s', (_fact, path, escaped) => {
    expect(escapePath(path)).toBe(escaped)
  })

  test('is decoded to what it was', () => {
    const escaped = escapePath(everyByte)
    expect(escaped).toMatch(/^[\x21-\x7e]*$/)
    expect(escaped.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))).toBe(everyByte)
  })
})
