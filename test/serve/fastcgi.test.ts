import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { get } from './clients.js'
import { askScript, startFastCgi } from './fastcgi.js'
import type { Started } from './listen.js'
import { annotated, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'

describe.each(await enginesForTests())('parameters of FastCGI through NGINX $version', (engine) => {
  let program: Program
  let script: Started

  beforeAll(async () => {
    script = await startFastCgi()
    program = await createProgram()
    const php = (name: string, annotations: Readonly<Record<string, string>>): object =>
      annotated(name, `${name}.test`, 'script', { 'backend-protocol': 'FCGI', ...annotations })
    writeObjects(program.manifests, 'app', [
      service('script'),
      slice('script', [script.port]),
      php('full', { 'fastcgi-index': 'index.php', 'fastcgi-params-configmap': 'full' }),
      php('other', { 'fastcgi-index': 'start.php', 'fastcgi-params-configmap': 'test/full' }),
      php('plain', {}),
      php('lost', { 'fastcgi-params-configmap': 'lost' }),
    ])
    writeObjects(program.manifests, 'full', [
      configMap('full', {
        SCRIPT_FILENAME: '/srv${Fastcgi_Script_Name}',
        APP_ENV: 'live-1.2_{}',
        'app.peer': '$remote_addr-${request_method}',
        EMPTY: '',
      }),
    ])
    await program.start(undefined, ['--nginx', engine.binary])
  })

  afterAll(async () => {
    await program?.remove()
    script?.close()
  })

  const ask = (name: string, path: string): Promise<object> => askScript(program.http, path, { host: `${name}.test` })

  test('FCGI-1: keys of the ConfigMap are parameters, in place of standard ones, with variables in their values', async () => {
    expect(await ask('full', '/blog/a.php?x')).toMatchObject({
      SCRIPT_NAME: '/blog/a.php',
      SCRIPT_FILENAME: '/srv/blog/a.php',
      APP_ENV: 'live-1.2_{}',
      'app.peer': '127.0.0.1-GET',
      EMPTY: '',
      QUERY_STRING: 'x',
    })
    expect(await ask('plain', '/blog/a.php')).not.toHaveProperty('APP_ENV')
  })

  test('FCGI-3: a path that ends with a slash has the index of its Ingress behind it, and one without an index nothing', async () => {
    expect(await ask('full', '/blog/?x')).toMatchObject({
      SCRIPT_NAME: '/blog/index.php',
      SCRIPT_FILENAME: '/srv/blog/index.php',
      REQUEST_URI: '/blog/?x',
    })
    expect(await ask('other', '/')).toMatchObject({ SCRIPT_NAME: '/start.php', SCRIPT_FILENAME: '/srv/start.php' })
    expect(await ask('plain', '/blog/')).toMatchObject({ SCRIPT_NAME: '/blog/' })
  })

  test('a ConfigMap that is missing closes the paths, until it is there; its changes are followed (GEN-18)', async () => {
    expect((await get(program.http, 'lost.test', '/')).status).toBe(503)
    for (const value of ['first', 'second']) {
      writeObjects(program.manifests, 'lost', [configMap('lost', { FOUND: value })])
      await until(async () => {
        // Other parameters are another profile, and a reload: the older engine then closes connections without a request.
        const answer = await get(program.http, 'lost.test', '/').catch(() => undefined)
        return answer?.status === 200 && answer.body.includes(`"FOUND":"${value}"`)
      }, 30_000)
    }
  })
})

function configMap(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'test' }, data }
}
