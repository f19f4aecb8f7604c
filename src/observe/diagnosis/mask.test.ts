import { describe, expect, test } from 'vitest'
import { maskFrame } from './mask-frame.js'
import { maskErrorLine, maskText } from './mask-text.js'
import { createVocabulary, sentencesIn } from './vocabulary.js'

const own =
  'the value is not used: it holds which server client request host upstream http header refused connect failed code'
const vocabulary = createVocabulary([own], ['test/app', 'shop.test', 'nginx.ingress.kubernetes.io/auth-url'])

describe('texts', () => {
  test.each([
    ['words of ours', 'the value is refused', 'the value is refused'],
    ['names of objects', 'host shop.test of test/app', 'host shop.test … test/app'],
    ['other words', 'the value hunter is refused', 'the value … is refused'],
    ['words of other letters', 'the пароль is refused', 'the … is refused'],
    ['short numbers, and no long ones', 'code 503, 123456', 'code 503, …'],
    ['a token of a URL', 'http://u:p@shop.test/x?a=Zq-9_z#token=xY', 'http://…@shop.test/…'],
    ['what is quoted', 'it holds "the value"', 'it holds "…"'],
    ['a known name in quotes', 'it holds "shop.test"', 'it holds "shop.test"'],
    ['a quote inside of quotes', String.raw`it holds "a\" the value", which`, 'it holds "…", which'],
    ['a quote that is not closed', 'it holds "the value', 'it holds "…"'],
    ['several lines', 'the value "a\nb" is', 'the value "…" is'],
  ])('%s', (_fact, text, shown) => {
    expect(maskText(text, vocabulary)).toBe(shown)
  })

  test('a line of the error log keeps its head, the method and the endpoint, and no client', () => {
    const line =
      '2026/11/26 21:00:00 [error] 7#7: *45 connect() failed, client: 10.2.3.4, request: "GET /x?t=1 HTTP/1.1", upstream: "http://10.0.0.1:80/x?t=1", host: "shop.test"'
    expect(maskErrorLine(line, vocabulary)).toBe(
      '2026/11/26 21:00:00 [error] 7#7: *45 connect() failed, client: …, request: "GET … HTTP/1.1", upstream: "http://10.0.0.1:80/…", host: "shop.test"',
    )
  })

  test('sentences of a program are text with blanks, and no code', () => {
    expect(sentencesIn('\u0000\u0001connect() failed\u0000short a\u0000abcdefghijklmnop\u0000')).toEqual([
      'connect() failed',
    ])
  })
})

describe('nginx.conf', () => {
  test.each([
    ['numbers and switches', 'keepalive_timeout 75s;', 'keepalive_timeout 75s;'],
    ['what is ours', '  listen 80 default_server;', '  listen 80 default_server;'],
    ['a header for backends', 'proxy_set_header Authorization "Basic abc";', 'proxy_set_header Authorization …;'],
    ['a header of variables', 'proxy_set_header X-A $remote_addr;', 'proxy_set_header X-A $remote_addr;'],
    [
      'text between variables',
      'log_format l "key $status \\"$request\\" x-y";',
      'log_format l "… $status \\"$request\\" …-…";',
    ],
    [
      'what a map has',
      '  map $a $b {\n    default secret;\n    "/x?token=abc" 0;\n    listen secret;\n  }\n  listen 80;',
      '  map $a $b {\n    default …;\n    … 0;\n    … …;\n  }\n  listen 80;',
    ],
    ['a directive that nobody thought of', 'secure_link_secret abc;', 'secure_link_secret …;'],
    ['a semicolon in quotes', 'gzip_disable "a;b";', 'gzip_disable …;'],
  ])('%s', (_fact, line, shown) => {
    expect(maskFrame(line)).toBe(shown)
  })

  test('Lua is ours, and ends where it ends', () => {
    const lua = 'init_by_lua_block {\n  x = "a"\n}\nproxy_set_header A b;'
    expect(maskFrame(lua)).toBe('init_by_lua_block {\n  x = "a"\n}\nproxy_set_header A …;')
  })
})
