import { describe, expect, test } from 'vitest'
import { directivesIn } from './directives.js'
import { readKeySnippet, readStreamSnippet } from './keys-instead.js'
import { keepsSomebodyOut, settingsInstead } from './instead.js'
import { insteadOfSnippet } from './snippets.js'

const namesIn = (text: string): readonly string[] => directivesIn(text).map(({ name }) => name)

describe('directives in a snippet', () => {
  test.each([
    ['', []],
    ['  \n# deny all;\n', []],
    ['deny all', ['deny']],
    ['a;b ; c', ['a', 'b', 'c']],
    ['if ($http_x = "a;b") { return 403; }', ['if', 'return']],
    ['add_header X "it\\"s; deny"; deny all;', ['add_header', 'deny']],
    ["set $a 'x{'; location / { deny all; }", ['set', 'location', 'deny']],
    ['"deny" all; # allow all;\nallow 10.0.0.1;', ['deny', 'allow']],
    ['add_header X "never ends; deny all;', ['add_header']],
    ['a#b c; d\u0000 e; f g;', ['f']],
    ['}};;{ deny all; }', ['deny']],
  ])('%j', (text, names) => expect(namesIn(text)).toEqual(names))

  test('of arguments only a status is kept', () => {
    expect(directivesIn(`return "301" https://a.test/; deny all; return 2000;`)).toEqual([
      { name: 'return', status: 301 },
      { name: 'deny' },
      { name: 'return' },
    ])
  })
})

describe('what keeps somebody out', () => {
  test.each([
    ['deny all;', true],
    ['location /x { auth_basic "y"; }', true],
    ['if ($http_user_agent ~ bot) { return 403; }', true],
    ['return 444;', true],
    ['access_by_lua_block { ngx.exit(403) }', true],
    ['include /etc/nginx/deny.conf;', true],
    ['js_access main.check;', true],
    ['if ($x) { return $code; }', true],
    ['try_files $uri =403;', true],
    ['try_files $uri /index.html;', false],
    ['return 301 /x;', false],
    ['return 200 "ok";', false],
    ['return https://a.test/;', false],
    ['more_set_headers "X-A: deny all";', false],
    ['# deny all;', false],
  ])('%j: %j', (text, is) => expect(keepsSomebodyOut(directivesIn(text))).toBe(is))
})

describe('SNP-2: the settings that do what a snippet says are named', () => {
  test.each([
    ['more_set_headers "X-Frame-Options: DENY";', 'In place of more_set_headers: custom-headers'],
    ['proxy_set_header X-A b;', 'In place of proxy_set_header: custom-request-headers'],
    ['return 302 /x;', 'In place of return: permanent-redirect or temporal-redirect.'],
    ['if ($arg_x) { return 403; }', 'In place of return: denylist-source-range'],
    ['rewrite ^ /x;', 'In place of rewrite: rewrite-target'],
    ['sub_filter a b; sub_filter_once off;', 'In place of sub_filter, sub_filter_once: nothing here'],
    ['gzip on;', 'In place of gzip: use-gzip'],
    ['grpc_read_timeout 5s;', 'In place of grpc_read_timeout: proxy-read-timeout.'],
  ])('%j', (text, sentence) => expect(settingsInstead(directivesIn(text))).toContain(sentence))

  test('a directive that nothing is known of is passed over, one with an inherited name too', () => {
    expect(insteadOfSnippet('server-snippet', 'toString x; constructor y; something else;')).toBe(
      'Raw configuration is never run.',
    )
  })
})

describe('SNP-2: of servers for TCP and UDP', () => {
  const SERVER = 'server { listen 5432; proxy_pass db:5432; proxy_timeout 5m; }'

  test('an annotation', () => {
    const sentences =
      'In place of server, listen, proxy_pass: the ConfigMaps of --tcp-services-configmap and --udp-services-configmap. In place of proxy_timeout: proxy-stream-timeout of the main ConfigMap.'
    expect(insteadOfSnippet('nginx.ingress.kubernetes.io/stream-snippet', SERVER)).toContain(sentences)
    expect(insteadOfSnippet('nginx.ingress.kubernetes.io/server-snippet', SERVER)).not.toContain('services-configmap')
  })

  test('the key of the main ConfigMap', () => {
    expect(readStreamSnippet(SERVER).message).toContain(
      'In place of server, listen, proxy_pass: the ConfigMaps of --tcp',
    )
    expect(readStreamSnippet('deny all;').keepsOut).toBe(true)
  })
})

describe('SNP-2 CM-5: snippets of the main ConfigMap', () => {
  test.each([
    ['add_header X y;', false, 'In place of add_header: add-headers.'],
    ['gzip on;', false, 'In place of gzip: use-gzip and gzip-*.'],
    ['proxy_read_timeout 5s;', false, 'In place of proxy_read_timeout: proxy-read-timeout.'],
    ['return 301 /x;', false, 'In place of return: permanent-redirect'],
    ['return 200;', false, 'Raw configuration is never run.'],
    ['deny all;', true, 'In place of deny: denylist-source-range, or block-cidrs'],
    ['auth_basic x; auth_basic_user_file y;', true, 'by auth_basic, auth_basic_user_file comes in'],
    ['auth_request /a;', true, 'In place of auth_request: global-auth-url'],
    ['if ($a) { return 403; }', true, 'In place of return: denylist-source-range'],
    ['location /x { allow 10.0.0.1; deny all; }', true, 'In place of allow: whitelist-source-range.'],
  ])('%j', (text, keepsOut, sentence) => {
    expect(readKeySnippet(text)).toEqual({ message: expect.stringContaining(sentence) as unknown, keepsOut })
  })
})
