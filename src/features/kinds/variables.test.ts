import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { theEngine } from '../../../test/support/engine.js'
import { ofCertificates, ofRequests } from './nginx-variables.js'
import { unknownVariables } from './variables.js'

test.each([
  ['$request_uri', []],
  ['${host}$arg_a$cookie_b$http_x_c', []],
  ['plain', []],
  ['$user-$no_body$host', ['user', 'no_body']],
  ['$1', ['1']],
])('%j names the unknown variables %j', (text, unknown) => {
  expect(unknownVariables(text)).toEqual(unknown)
})

test('NGINX knows each of them; $req_id is made by the frame', async () => {
  const { command, modules } = await theEngine()
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-variables-'))
  try {
    const [program = '', ...first] = command
    const config = (names: Iterable<string>): string =>
      `${modules.map((file) => `load_module ${file};`).join('\n')}
pid ${folder}/pid; events {}
http {
  access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  map $request_id $req_id { default x; }
  server { listen unix:${folder}/socket; location / { return 200 "${[...names].map((name) => `\${${name}}`).join('')}"; } }
}`
    const check = async (names: Iterable<string>): Promise<string> => {
      await writeFile(join(folder, 'nginx.conf'), config(names))
      const args = [
        ...first,
        '-t',
        '-q',
        '-p',
        folder,
        '-e',
        join(folder, 'error.log'),
        '-c',
        join(folder, 'nginx.conf'),
      ]
      const ended = await promisify(execFile)(program, args).catch((error: { stderr?: string }) => error)
      return ended.stderr ?? ''
    }
    expect(await check([...ofRequests, ...ofCertificates])).toBe('')
    expect(await check(['nobody_knows_this'])).toContain('unknown "nobody_knows_this" variable')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
