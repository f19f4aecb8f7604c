import { describe, expect, test } from 'vitest'
import { mirrorHosts, parseMirrorList, parseMirrorUrl } from './mirror-target.js'

describe('a mirror target', () => {
  test.each([
    ['http://a.test', { scheme: 'http', host: 'a.test', port: 80, rest: '' }],
    ['https://A.test$request_uri', { scheme: 'https', host: 'a.test', port: 443, rest: '$request_uri' }],
    ['https://a.test${uri}', { scheme: 'https', host: 'a.test', port: 443, rest: '${uri}' }],
    ['http://a.test:8080/b?c=$arg_d', { scheme: 'http', host: 'a.test', port: 8080, rest: '/b?c=$arg_d' }],
    ['http://[2001:db8::1]:81/', { scheme: 'http', host: '2001:db8::1', port: 81, rest: '/' }],
  ])('%s', (text, url) => {
    expect(parseMirrorUrl(text)).toEqual(url)
  })

  test.each([
    'a.test',
    'ftp://a.test',
    'http://',
    'http://$host/',
    'http://a$arg_b',
    'http://a.test$uri_more',
    'http://a.test:0/',
    'http://a.test:65536/',
    'http://a.test:$port/',
    'http://a.test|b',
  ])('%s is none', (text) => {
    expect(parseMirrorUrl(text)).toBeUndefined()
  })
})

test('a list has shares from 1% to 100%', () => {
  expect(parseMirrorList('http://a.test 20%, http://b.test')).toEqual([
    { url: 'http://a.test', percent: 20 },
    { url: 'http://b.test', percent: undefined },
  ])
  for (const text of ['', 'http://a.test 0%', 'http://a.test 101%', 'http://a.test 20', 'http://a.test,,'])
    expect(parseMirrorList(text)).toBeUndefined()
})

test('names to resolve are those of all targets, whatever the prefix', () => {
  expect(
    mirrorHosts({
      'own.prefix/mirror-target': ' http://a.test$request_uri ',
      'nginx.ingress.kubernetes.io/mirror-targets': 'http://B.test 5%, https://c.test:8443/x',
      'nginx.ingress.kubernetes.io/mirror-host': 'd.test',
    }),
  ).toEqual(['a.test', 'b.test', 'c.test'])
})
