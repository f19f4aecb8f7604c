import { expect, test } from 'vitest'
import { parseBuildInfo } from './version.js'

function build(configured: string, version = 'nginx/1.30.6') {
  return parseBuildInfo(`nginx version: ${version}\nconfigure arguments: --prefix=/nowhere ${configured}\n`)
}

test.each([
  ['as in OpenResty', '--add-module=../ngx_lua-0.10.28 --add-module=../headers-more-nginx-module-0.37', true],
  ["by the name of Debian's sources", '--add-module=/build/debian/modules/http-headers-more-filter', true],
  ['to be loaded from a file', '--add-dynamic-module=/build/headers-more-nginx-module', false],
  ['not at all', '--add-module=../ngx_lua-0.10.28 --with-threads', false],
])('headers-more is built in: %s', (_, configured, builtIn) => {
  expect(build(configured)).toMatchObject({ headersMoreBuiltIn: builtIn })
})
