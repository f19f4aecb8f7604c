import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Document } from '../../src/model/documents.js'
import { createMemoryTable } from '../../src/model/memory-table.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { translate } from '../../src/translate/translate.js'
import { snapshotOf } from '../cases/world-of-case.js'
import { enginesForTests } from '../support/engine.js'
import * as answers from './error-answers.js'
import { startLua, type LuaRuntime } from './lua.js'

/** What somebody wrote; undefined: nothing. */
interface World {
  readonly own: readonly number[] | undefined
  readonly global: readonly number[] | undefined
  readonly defaultBackend: 'full' | 'empty' | undefined
  /** Whether the Service of the path, and that of --default-backend-service, have endpoints. */
  readonly app: boolean
  readonly everybody: boolean
}

const codes = fc.option(fc.subarray([404, 500, 502, 503], { minLength: 1 }), { nil: undefined })
const worlds: fc.Arbitrary<World> = fc.record({
  own: codes,
  global: codes,
  defaultBackend: fc.constantFrom('full' as const, 'empty' as const, undefined),
  app: fc.boolean(),
  everybody: fc.boolean(),
})

/** ERR-1 to ERR-8 as they are written; nothing of the program is in here. */
function expected({ own, global, defaultBackend, app }: World, asked: number): string {
  if (!app && defaultBackend === 'full') return 'test/pages/(first)|stands in'
  const where = app ? 'test/app/80' : '503'
  const status = app ? asked : 503
  const listed = own ?? global ?? []
  if (!listed.includes(status)) return `${where}|stays`
  const who = own !== undefined && defaultBackend === 'full' ? 'test/pages/(first)' : 'default-backend'
  return `${where}|${who} ${status} of app:80`
}

function documentsOf({ own, global, defaultBackend, app, everybody }: World): ReadonlyMap<string, Document> {
  const prefix = 'nginx.ingress.kubernetes.io'
  const annotations = {
    ...(own === undefined ? {} : { [`${prefix}/custom-http-errors`]: own.join(',') }),
    ...(defaultBackend === undefined ? {} : { [`${prefix}/default-backend`]: 'pages' }),
  }
  const backend = (name: string): object => ({ service: { name, port: { number: 80 } } })
  const ingress = (name: string, host: string, service: string, notes: object): object => ({
    kind: 'Ingress',
    metadata: { name, annotations: notes },
    spec: { rules: [{ host, http: { paths: [{ path: '/app', pathType: 'Prefix', backend: backend(service) }] } }] },
  })
  const empty = (name: string): object => ({ kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } })
  const configMap = {
    kind: 'ConfigMap',
    metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
    data: global === undefined ? {} : { 'custom-http-errors': global.join(',') },
  }
  const objects = [
    configMap,
    ingress('app', 'a.test', 'app', annotations),
    ingress('other', 'b.test', 'everybody', {}),
    ...(app ? [] : [empty('app')]),
    ...(everybody ? [] : [empty('everybody')]),
    ...(defaultBackend === 'empty' ? [empty('pages')] : []),
  ]
  const options = { ...defaultTranslateOptions, defaultBackendService: 'test/everybody' }
  const fallbackCertificate = { chain: 'chain', key: 'key' }
  return translate(snapshotOf(objects), options, { fallbackCertificate, now: 0 }).documents
}

describe.each(await enginesForTests())('LuaJIT of NGINX $version', (engine) => {
  let lua: LuaRuntime<string>

  beforeAll(async () => {
    lua = await startLua(engine, 'error-answers')
  })

  afterAll(async () => {
    await lua?.stop()
  })

  test('random worlds replace random statuses as in JavaScript and as the rules say (ERR-1, ERR-3, ERR-5, ERR-6, ERR-8)', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const documents = documentsOf(world)
        const statuses = [200, 404, 500, 502, 503]
        await lua.setTable(documents)
        const inLua = await lua.call(
          'answerErrors',
          statuses.map((status) => [`${status}`]),
        )
        const table = createMemoryTable(documents)
        expect(inLua).toEqual(statuses.map((status) => answers.answerErrors(table, `${status}`)))
        expect(inLua).toEqual(statuses.map((status) => expected(world, status)))
        for (const answer of inLua) seen.add(answer)
      }),
      { numRuns: 300 },
    )
    // Each end, and each status with each backend.
    expect([...seen].toSorted()).toEqual(
      [
        '503|stays',
        'test/app/80|stays',
        'test/pages/(first)|stands in',
        '503|default-backend 503 of app:80',
        ...[404, 500, 502, 503].flatMap((status) => [
          `test/app/80|default-backend ${status} of app:80`,
          `test/app/80|test/pages/(first) ${status} of app:80`,
        ]),
      ].toSorted(),
    )
  })
})
