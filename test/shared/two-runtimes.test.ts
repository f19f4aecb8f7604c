import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostileRequests } from '../edge/hostile-requests.js'
import * as answers from './answers.js'
import { enginesForTests } from '../support/engine.js'
import { seed } from '../support/seed.js'
import { startLua, type LuaRuntime } from './lua.js'
import { expected } from './oracle.js'
import { anyWorld, askOf, documentsOf, someAims, tableOf, type Asked } from './world.js'

const empty = tableOf({ hosts: [], backends: [] })
const bytes = fc
  .uint8Array({ maxLength: 60 })
  .map((array) => Array.from(array, (byte) => String.fromCharCode(byte)).join(''))

const engines = await enginesForTests()

describe.each(engines)('LuaJIT of NGINX $version', (engine) => {
  let lua: LuaRuntime

  beforeAll(async () => {
    lua = await startLua(engine)
  })

  afterAll(async () => {
    await lua?.stop()
  })

  test('the shared code runs in the LuaJIT of the engine, without a library of the compiler', () => {
    expect(lua.version).toMatch(/^LuaJIT 2\.1/)
    const files = readdirSync(lua.folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.lua'))
    expect(files).toContain('src/request/decide.lua')
    expect(files).toContain('src/request/normalise.lua')
    const needsLibrary = (file: string): boolean =>
      file.startsWith('src/') && readFileSync(join(lua.folder, file), 'utf8').includes('lualib_bundle')
    expect(files.filter(needsLibrary), 'What Lua has not: Map, Set, class, sort, or the like').toEqual([])
  })

  describe('routing', () => {
    const counts = new Map<string, number>()
    let total = 0

    test('is the same as JavaScript and as Lua, and as read from the rules (HOST-2, HOST-3, PATH-1, PATH-2, PATH-4, SSL-1, SVC-5)', async () => {
      await fc.assert(
        fc.asyncProperty(anyWorld, someAims, async (world, aims) => {
          const asked = aims.map((aim) => askOf(world, aim))
          const table = tableOf(world)
          const inJavaScript = asked.map(({ scheme, name, path, target }) =>
            answers.answerDecide(table, scheme, name, path, target),
          )
          await lua.setTable(documentsOf(world))
          const inLua = await lua.call('answerDecide', asked.map(argumentsOf))
          expect(inLua).toEqual(inJavaScript)
          expect(inJavaScript).toEqual(asked.map((one) => expected(world, one)))
          total += asked.length
          for (const [i, answer] of inJavaScript.entries()) count(answer, asked[i])
        }),
        { numRuns: 2000 },
      )
      console.log(`${total} decisions:`, Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))))
      for (const name of ['exact host', 'wildcard', 'default', 'exact path', 'prefix', 'redirect']) {
        expect(counts.get(name) ?? 0, name).toBeGreaterThanOrEqual(total / 10)
      }
    })

    function count(answer: string, asked: Asked | undefined): void {
      const [kind = '', host = '', route = ''] = answer.split('|')
      const hostClass =
        host === '-' ? 'no host' : host === '_' ? 'default' : host.startsWith('*') ? 'wildcard' : 'exact host'
      const match = route.split(' ')[0] ?? ''
      const pathClass =
        route === 'prefix /' ? 'root' : match === 'exact' ? 'exact path' : match === '-' ? 'no path' : match
      for (const name of [kind, hostClass, pathClass, asked?.scheme ?? ''])
        counts.set(name, (counts.get(name) ?? 0) + 1)
    }

    test('certificates are the same as JavaScript and as Lua (CERT-5)', async () => {
      await fc.assert(
        fc.asyncProperty(anyWorld, someAims, async (world, aims) => {
          const names = aims.map((aim) => askOf(world, aim).name)
          await lua.setTable(documentsOf(world))
          const inLua = await lua.call(
            'answerCertificate',
            names.map((name) => [name]),
          )
          expect(inLua).toEqual(names.map((name) => answers.answerCertificate(tableOf(world), name)))
        }),
        { numRuns: 300 },
      )
    })

    test('a million random requests never throw; a fifth of them in Lua too', { timeout: 240_000 }, async () => {
      const worlds = fc.sample(anyWorld, { numRuns: 100, seed })
      const requests = hostileRequests(seed, 50_000)
      const began = Date.now()
      const kinds = new Map<string, number>()
      for (const [turn, world] of worlds.entries()) {
        // JavaScript alone is the same for every engine.
        if (turn % 5 !== 0 && engine !== engines[0]) continue
        const table = tableOf(world)
        const some = Array.from({ length: 10_000 }, (_, i) => requests[(turn * 7_919 + i) % requests.length])
        const calls = some.map((request, i) => {
          const name = world.hosts[i % world.hosts.length]?.name.replace('*', 'any')
          return [i % 2 === 0 ? 'http' : 'https', request?.target, i % 3 === 0 ? request?.host : name] as const
        })
        const inJavaScript = calls.map(([scheme, target = '', host]) =>
          answers.answerRequest(table, scheme, target, host),
        )
        for (const answer of inJavaScript) {
          const kind = answer.slice(0, answer.indexOf('|'))
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        }
        if (turn % 5 !== 0) continue
        await lua.setTable(documentsOf(world))
        const inLua = await lua.call(
          'answerRequest',
          calls.map(([scheme, target = '', host]) => [scheme, target, host]),
        )
        expect(firstDifference(inLua, inJavaScript), `seed ${seed}`).toBeUndefined()
      }
      console.log(`${Date.now() - began} ms:`, Object.fromEntries(kinds))
      expect([...kinds.values()].reduce((sum, one) => sum + one, 0)).toBe(engine === engines[0] ? 1_000_000 : 200_000)
    })
  })

  describe('helpers are the same as JavaScript and as Lua', () => {
    test('normalise, on 50,000 hostile requests and on bytes', async () => {
      const hostile = hostileRequests(seed, 50_000).flatMap(({ target, host, version }, i) => {
        const form = i % 7 === 0 ? '2' : version
        return [[target, host, form, i % 5 === 0 ? 'lenient' : 'strict'] as const]
      })
      const random = fc
        .sample(fc.tuple(bytes, bytes), { numRuns: 20_000, seed })
        .map(([target, host], i) => [i % 2 === 0 ? `/${target}` : target, host, '1.1', 'strict'] as const)
      const calls = [...hostile, ...random]
      const inJavaScript = calls.map((call) => answers.answerNormalise(empty, ...call))
      expect(firstDifference(await lua.call('answerNormalise', calls), inJavaScript), `seed ${seed}`).toBeUndefined()
      expect(inJavaScript.filter((answer) => answer.startsWith('ok')).length).toBeGreaterThan(calls.length / 5)
    })

    test('escaping (engine: decoded CR LF in a variable reaches the wire as it is)', async () => {
      const texts = fc.sample(bytes, { numRuns: 20_000, seed })
      const inJavaScript = texts.map((text) => answers.answerEscapes(empty, text))
      const inLua = await lua.call(
        'answerEscapes',
        texts.map((text) => [text]),
      )
      expect(firstDifference(inLua, inJavaScript), `seed ${seed}`).toBeUndefined()
      expect(inJavaScript.every((answer) => /^[\x21-\x7e]* [\x21-\x7e]*$/.test(answer))).toBe(true)
    })

    test('operations on bytes, and pool keys', async () => {
      const pairs = fc.sample(
        fc.tuple(
          bytes,
          fc.nat(255).map((byte) => String.fromCharCode(byte)),
        ),
        { numRuns: 20_000, seed },
      )
      expect(await lua.call('answerBytes', pairs)).toEqual(pairs.map((pair) => answers.answerBytes(empty, ...pair)))
      expect(await lua.call('answerPoolKey', pairs)).toEqual(pairs.map((pair) => answers.answerPoolKey(empty, ...pair)))
    })
  })
})

function argumentsOf({ scheme, name, path, target }: Asked): readonly string[] {
  return [scheme, name, path, target]
}

/** One difference is worth reading; a list of thousands is not. */
function firstDifference(a: readonly string[], b: readonly string[]): readonly (string | undefined)[] | undefined {
  const index = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i).find((i) => a[i] !== b[i])
  return index === undefined ? undefined : [a[index], b[index]]
}
