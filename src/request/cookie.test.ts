import { describe, expect, test } from 'vitest'
import { readCookie, writeCookie } from './cookie.js'

describe('a cookie is read as by $cookie_NAME', () => {
  test.each([
    ['the only one', 'route=a', 'a'],
    ['one of several', 'x=1; route=a; y=2', 'a'],
    ['the first of its name', 'route=a; route=b', 'a'],
    ['its name in any case', 'Route=a', 'a'],
    ['blanks around the sign', 'route  =  a; b', 'a'],
    ['a value ends at a semicolon only', 'route=a, b=c; d', 'a, b=c'],
    ['not one after a comma', 'x=1, route=a', undefined],
    ['an empty value', 'route=; x=1', ''],
    ['not one whose name begins or ends alike', 'route2=a; xroute=b', undefined],
    ['not one without a sign', 'route', undefined],
    ['not one after its name without a sign and a blank', 'route ; route=a', undefined],
    ['not one within a value', 'x=route=a', undefined],
    ['none', '', undefined],
    ['no header', undefined, undefined],
  ])('%s', (_fact, header, value) => {
    expect(readCookie(header, 'route')).toBe(value)
  })

  test('a name may have any byte of a cookie name', () => {
    expect(readCookie('a=1; my.Session-_~/:=2', 'my.Session-_~/:')).toBe('2')
  })
})

describe('a cookie is written', () => {
  test('with nothing but its name and value', () => {
    expect(writeCookie({ name: 'a', value: 'b', secure: false, httpOnly: false })).toBe('a=b')
  })

  test('with everything', () => {
    const cookie = {
      name: 'a',
      value: 'b|c',
      expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
      maxAgeSeconds: 60,
      domain: 'a.test',
      path: '/x',
      secure: true,
      httpOnly: true,
      sameSite: 'Lax',
    }
    expect(writeCookie(cookie)).toBe(
      'a=b|c; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60; Domain=a.test; Path=/x; Secure; HttpOnly; SameSite=Lax',
    )
  })
})
