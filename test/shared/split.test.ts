import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Document } from '../../src/model/documents.js'
import { createMemoryTable } from '../../src/model/memory-table.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { translate } from '../../src/translate/translate.js'
import { snapshotOf } from '../cases/world-of-case.js'
import { enginesForTests } from '../support/engine.js'
import { startLua, type LuaRuntime } from './lua.js'
import * as answers from './split-answers.js'

/** Annotations of a canary as somebody writes them; absent: not written. */
interface Canary {
  readonly header: boolean
  readonly value: string | undefined
  readonly pattern: string | undefined
  readonly cookie: boolean
  readonly weight: number | undefined
  readonly total: number | undefined
  /** Whether main and canary have endpoints. */
  readonly main: boolean
  readonly other: boolean
}

interface Asked {
  readonly header: string | undefined
  readonly cookie: string | undefined
  readonly drawn: number
}

const canaries: fc.Arbitrary<Canary> = fc.record({
  header: fc.boolean(),
  value: fc.constantFrom(undefined, 'beta', 'always'),
  pattern: fc.constantFrom(undefined, 'beta', '('),
  cookie: fc.boolean(),
  weight: fc.constantFrom(undefined, -1, 0, 1, 50, 100, 101, 500),
  total: fc.constantFrom(undefined, -5, 50, 100, 200, 500),
  main: fc.constantFrom(true, true, true, false),
  other: fc.constantFrom(true, true, true, false),
})
const requests: fc.Arbitrary<Asked> = fc.record({
  header: fc.constantFrom(undefined, undefined, '', 'always', 'never', 'beta', 'Beta', 'always, never'),
  cookie: fc.constantFrom(undefined, undefined, 'pick=always', 'a=b; PICK=never', 'pick=beta', 'pick='),
  drawn: fc.integer({ min: 1, max: 100 }),
})

/** CAN-7 to CAN-11 as they are written, from the annotations; nothing of the program is in here. */
function expected(
  { header, value, pattern, cookie, weight = 0, total = 100, main, other }: Canary,
  asked: Asked,
): string {
  const MAIN = (why: string): string => `test/old/80 ${why} -`
  const CANARY = (why: string): string => `test/new/80 ${why} test-new-80`
  if (!main) return 'answer'
  if (!other) return MAIN('no-endpoint')
  const sent = asked.header
  if (header && sent !== undefined) {
    if (value !== undefined) {
      if (sent === value) return CANARY('rule')
    } else if (pattern !== undefined) {
      if (pattern === '(') return MAIN('rule')
      if (sent === pattern) return CANARY('rule')
    } else if (sent === 'always') return CANARY('rule')
    else if (sent === 'never') return MAIN('rule')
  }
  if (cookie && asked.cookie?.endsWith('=always') === true) return CANARY('rule')
  if (cookie && asked.cookie?.endsWith('=never') === true) return MAIN('rule')
  const all = total > 100 ? total : 100
  if (weight <= 0) return MAIN('nothing')
  return weight >= all || asked.drawn <= weight ? CANARY('weight') : MAIN('weight')
}

function documentsOf(canary: Canary): ReadonlyMap<string, Document> {
  const prefix = 'nginx.ingress.kubernetes.io/canary'
  const annotations = {
    [prefix]: 'true',
    ...(canary.header ? { [`${prefix}-by-header`]: 'X-Canary' } : {}),
    ...(canary.value === undefined ? {} : { [`${prefix}-by-header-value`]: canary.value }),
    ...(canary.pattern === undefined ? {} : { [`${prefix}-by-header-pattern`]: canary.pattern }),
    ...(canary.cookie ? { [`${prefix}-by-cookie`]: 'pick' } : {}),
    ...(canary.weight === undefined ? {} : { [`${prefix}-weight`]: `${canary.weight}` }),
    ...(canary.total === undefined ? {} : { [`${prefix}-weight-total`]: `${canary.total}` }),
  }
  const ingress = (name: string, service: string, notes: object): object => ({
    kind: 'Ingress',
    metadata: { name, annotations: notes },
    spec: {
      rules: [
        {
          host: 'a.test',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: service, port: { number: 80 } } } }],
          },
        },
      ],
    },
  })
  const empty = (name: string): object => ({ kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } })
  const objects = [
    ingress('main', 'old', {}),
    ingress('canary', 'new', annotations),
    ...(canary.main ? [] : [empty('old')]),
    ...(canary.other ? [] : [empty('new')]),
  ]
  const fallbackCertificate = { chain: 'chain', key: 'key' }
  const { documents } = translate(snapshotOf(objects), defaultTranslateOptions, { fallbackCertificate, now: 0 })
  return documents
}

describe.each(await enginesForTests())('LuaJIT of NGINX $version', (engine) => {
  let lua: LuaRuntime<string>

  beforeAll(async () => {
    lua = await startLua(engine, 'split-answers')
  })

  afterAll(async () => {
    await lua?.stop()
  })

  test('random canaries decide random requests as in JavaScript and as the rules say (CAN-7, CAN-8, CAN-10, CAN-11)', async () => {
    const counts = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(canaries, fc.array(requests, { minLength: 20, maxLength: 20 }), async (canary, asked) => {
        const documents = documentsOf(canary)
        const calls = asked.map(({ header, cookie, drawn }) => [header, cookie, `${drawn}`] as const)
        await lua.setTable(documents)
        const inLua = await lua.call('answerSplit', calls)
        const table = createMemoryTable(documents)
        const inJavaScript = calls.map((call) => answers.answerSplit(table, ...call))
        expect(inLua).toEqual(inJavaScript)
        expect(inJavaScript).toEqual(asked.map((one) => expected(canary, one)))
        for (const answer of inJavaScript) counts.set(answer, (counts.get(answer) ?? 0) + 1)
      }),
      { numRuns: 500 },
    )
    // Every way to decide came up often.
    expect(counts.size, JSON.stringify([...counts])).toBe(7)
    expect(Math.min(...counts.values()), JSON.stringify([...counts])).toBeGreaterThan(200)
  })

  test('shares are counted as in JavaScript', async () => {
    const calls = fc
      .sample(fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 }), fc.nat(1_000_000)), 1000)
      .map(([a, b, seed]) => [`${Math.min(a, b)}`, `${Math.max(a, b) + 1}`, `${seed}`] as const)
    const empty = createMemoryTable(new Map())
    expect(await lua.call('answerShare', calls)).toEqual(calls.map((call) => answers.answerShare(empty, ...call)))
  })
})
