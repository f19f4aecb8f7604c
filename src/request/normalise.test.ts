import { describe, expect, test } from 'vitest'
import { normalise, type HttpVersion, type Normalised } from './normalise.js'

describe('the path of a request target (PATH-3)', () => {
  test.each([
    ['stays as it is', '/cart/7', '/cart/7'],
    ['is decoded', '/caf%c3%a9%20x', '/caf\xc3\xa9 x'],
    ['is divided at an encoded slash', '/a%2Fb', '/a/b'],
    ['has several slashes merged', '//a///b//', '/a/b/'],
    ['has encoded slashes merged', '/%2F%2fx', '/x'],
    ['loses "."', '/./a/./b/.', '/a/b/'],
    ['climbs with ".."', '/a/b/../c', '/a/c'],
    ['climbs with an encoded ".."', '/a/b/%2e%2E/c', '/a/c'],
    ['climbs to the root', '/a/..', '/'],
    ['climbs over merged slashes', '/a//../b', '/b'],
    ['keeps dots that are no element', '/.a/..b/...', '/.a/..b/...'],
    ['keeps a parameter beside dots', '/a/..;/b', '/a/..;/b'],
    ['ends at the query', '/a?b=/../%zz', '/a'],
    ['ends at the fragment', '/a#b?c%zz', '/a'],
    ['does not end at an encoded question mark', '/a%3Fb', '/a?b'],
    ['does not end at an encoded number sign', '/a%23b', '/a#b'],
    ['is decoded once', '/a%252Fb', '/a%2Fb'],
    ['keeps encoded line ends as bytes', '/a%0d%0aX', '/a\r\nX'],
    ['keeps plus and backslash', '/a+b\\c', '/a+b\\c'],
    ['keeps raw bytes', '/\xff\xc3\xa9', '/\xff\xc3\xa9'],
  ])('%s', (_fact, target, path) => {
    expect(normalise(target, 'a.test', '1.1')).toEqual({ kind: 'ok', host: 'a.test', path, target })
  })

  test.each([
    ['above the root', '/../x'],
    ['above the root, encoded', '/a/%2e%2e/%2e%2e'],
    ['a percent sign alone', '/%'],
    ['one hexadecimal digit', '/a%4'],
    ['no hexadecimal digits', '/a%zz'],
    ['a zero byte', '/a%00b'],
    ['a control byte', '/a\x01'],
    ['a control byte in the query', '/a?\x7f'],
    ['a blank', '/a b'],
    ['an asterisk', '*'],
    ['no path', 'cart'],
    ['nothing', ''],
  ])('is refused with 400: %s', (_fact, target) => {
    for (const version of ['1.0', '1.1', '2'] as const) {
      expect(statusOf(normalise(target, 'a.test', version))).toBe(400)
    }
  })
})

describe('the host (HOST-2, HOST-6)', () => {
  test.each([
    ['Shop.Example.COM', 'shop.example.com'],
    ['shop.example.com:8080', 'shop.example.com'],
    ['shop.example.com.', 'shop.example.com'],
    ['shop.example.com.:80', 'shop.example.com'],
    ['a:', 'a'],
    ['a:000065535', 'a'],
    ['[::1]:443', '[::1]'],
    ['[2001:DB8::1]', '[2001:db8::1]'],
    ['*.example.com', '*.example.com'],
    ['a%41b', 'a%41b'],
    ['a,b;c', 'a,b;c'],
  ])('of %j is %j, whatever the engine', (header, host) => {
    for (const strictHosts of [true, false]) {
      expect(normalise('/', header, '1.1', strictHosts)).toEqual({ kind: 'ok', host, path: '/', target: '/' })
    }
  })

  test.each(['', '.', 'a..b', 'a/b', 'a b', 'a\x01', ':80', '.:80'])('%j is refused by every engine', (header) => {
    expect(statusOf(normalise('/', header, '1.1', true))).toBe(400)
    expect(statusOf(normalise('/', header, '1.1', false))).toBe(400)
  })

  test.each([
    ['u@a', 'u@a'],
    ['a:99999', 'a'],
    ['a:65536', 'a'],
    ['a:x', 'a'],
    ['a:1:1', 'a'],
    ['[::1]x', '[::1]'],
    ['[a', '[a'],
    ['[a:80', '[a:80'],
    ['a"b', 'a"b'],
    ['a\\b', 'a\\b'],
    ['a#b', 'a#b'],
    ['\xc3\xa9.test', '\xc3\xa9.test'],
    ['a.:b.c', 'a.'],
  ])('%j is refused by NGINX from 1.29.4 on, and was %j before', (header, host) => {
    expect(statusOf(normalise('/', header, '1.1', true))).toBe(400)
    expect(normalise('/', header, '1.1', false)).toEqual({ kind: 'ok', host, path: '/', target: '/' })
  })

  test.each<[HttpVersion, string | number]>([
    ['1.0', '_'],
    ['1.1', 400],
    ['2', 400],
  ])('that is not named, in HTTP/%s: %j', (version, expected) => {
    const normalised = normalise('/', undefined, version)
    expect(normalised.kind === 'ok' ? normalised.host : normalised.status).toBe(expected)
  })
})

describe('an absolute request target', () => {
  test.each([
    ['http://Shop.test/cart?a', 'shop.test', '/cart', '/cart?a'],
    ['HTTPS://shop.test:8443/cart', 'shop.test', '/cart', '/cart'],
    ['http://shop.test', 'shop.test', '/', '/'],
    ['http://shop.test:80', 'shop.test', '/', '/'],
    ['http://shop.test?a=b', 'shop.test', '/', '?a=b'],
    ['http://shop.test//a/../b', 'shop.test', '/b', '//a/../b'],
    ['http://[::1]:80/x', '[::1]', '/x', '/x'],
  ])('%j counts before the Host header', (sent, host, path, target) => {
    expect(normalise(sent, 'other.test', '1.1')).toEqual({ kind: 'ok', host, path, target })
  })

  test.each([
    'http://',
    'http:///x',
    'http:/a',
    'http:a',
    '1http://a/',
    'http://u@a/',
    'http://a_b/',
    'http://a:x/',
    'http://a#b',
    'http://[::1/',
    'http://a../',
    'http://a/../x',
  ])('%j is refused', (target) => {
    expect(statusOf(normalise(target, 'other.test', '1.1'))).toBe(400)
  })

  test('does without a Host header in HTTP/1.0 only', () => {
    expect(normalise('http://a/', undefined, '1.0')).toMatchObject({ kind: 'ok', host: 'a' })
    expect(statusOf(normalise('http://a/', undefined, '1.1'))).toBe(400)
  })

  test('does not excuse a Host header that is not valid', () => {
    expect(statusOf(normalise('http://a/', '', '1.1'))).toBe(400)
  })

  test('has a port up to 65535 for NGINX from 1.29.4 on', () => {
    expect(statusOf(normalise('http://a:99999/', 'b', '1.1', true))).toBe(400)
    expect(normalise('http://a:99999/', 'b', '1.1', false)).toMatchObject({ host: 'a' })
  })

  test('is not for HTTP/2', () => {
    expect(statusOf(normalise('http://a/', 'a', '2'))).toBe(400)
  })
})

describe('a request that is too long', () => {
  test.each<[string, string, string, HttpVersion, number]>([
    ['a line of 8192 bytes', pathOf(8177), 'a', '1.1', 200],
    ['a line of 8193 bytes', pathOf(8178), 'a', '1.1', 414],
    ['a long line without Host', pathOf(9000), '', '1.1', 414],
    ['a control byte within the first 8 kB', `${pathOf(8187)}\x01${pathOf(99)}`, 'a', '1.1', 400],
    ['a control byte behind them', `${pathOf(8188)}\x01`, 'a', '1.1', 414],
    ['a Host line of 8192 bytes', '/', 'a'.repeat(8184), '1.1', 200],
    ['a Host line of 8193 bytes', '/', 'a'.repeat(8185), '1.1', 400],
    ['a field of 8192 bytes', pathOf(8192), 'a'.repeat(8192), '2', 200],
    ['a path of 8193 bytes', pathOf(8193), 'a', '2', 400],
    ['an authority of 8193 bytes', '/', 'a'.repeat(8193), '2', 400],
  ])('%s', (_fact, target, host, version, status) => {
    expect(statusOf(normalise(target, host, version))).toBe(status)
  })
})

function statusOf(normalised: Normalised): number {
  return normalised.kind === 'ok' ? 200 : normalised.status
}

function pathOf(bytes: number): string {
  return `/${'x'.repeat(bytes - 1)}`
}
