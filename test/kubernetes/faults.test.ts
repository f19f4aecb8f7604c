import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeApi, type Fault } from './fake-api.js'
import { mirror, object, quick } from './mirror.js'
import { until } from './server.js'

type Step =
  | { readonly kind: 'set'; readonly name: number; readonly value: number }
  | { readonly kind: 'delete'; readonly name: number }
  | { readonly kind: 'compact' | 'bookmark' | 'end' | 'pause' }

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constantFrom(401, 403, 404, 410, 429, 500, 503),
  }),
  fc.record({ kind: fc.constant('reset' as const) }),
  fc.record({ kind: fc.constant('nonsense' as const) }),
  fc.record({
    kind: fc.constant('watch-ends' as const),
    after: fc.nat(6),
    how: fc.constantFrom('end' as const, 'reset' as const, 'half-line' as const, 'silent' as const),
  }),
  fc.record({
    kind: fc.constant('error-event' as const),
    after: fc.nat(6),
    code: fc.constantFrom(410, 500),
    reason: fc.constantFrom('Expired', ''),
    afterwards: fc.constantFrom('end' as const, 'stay' as const),
  }),
)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), name: fc.nat(9), value: fc.nat(99) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), name: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('compact', 'bookmark', 'end', 'pause' as const) }) },
)

/** Objects that exist from beginning to end. */
const lasting = ['lasting0', 'lasting1', 'lasting2']

test('whatever happens in whatever order, the end is the state of the server, and what lasts is never deleted', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.array(fc.option(fault, { nil: undefined, freq: 2 }), { maxLength: 12 }),
      fc.constantFrom('on' as const, 'refused' as const, 'ignored' as const),
      fc.constantFrom(0, 5),
      async (steps, faults, streaming, chunkBytes) => {
        const api = new FakeApi()
        Object.assign(api, { streaming, chunkBytes, pageLimit: 4 })
        for (const name of lasting) api.set('ingresses', object(name, 'first'))
        const left = [...faults]
        api.fault = () => left.shift()
        const times = {
          ...quick,
          stallMilliseconds: 80,
          listStallMilliseconds: 80,
          backOffMilliseconds: [1, 8],
        } as const
        const seen = await mirror(api, { times })
        for (const one of steps) await take(one, api)
        api.fault = () => undefined
        for (const name of lasting) api.set('ingresses', object(name, 'last'))
        await seen.converge()
        expect(seen.deleted.filter((key) => lasting.some((name) => key.endsWith(name)))).toEqual([])
        expect(seen.faults).toEqual([])
        await seen.stop()
        await until(() => seen.server.connections().open === 0)
        await seen.server.stop()
      },
    ),
    { numRuns: 60, interruptAfterTimeLimit: 40_000, endOnFailure: true },
  )
})

async function take(one: Step, api: FakeApi): Promise<void> {
  switch (one.kind) {
    case 'set':
      api.set('ingresses', object(`i${one.name}`, String(one.value)))
      return
    case 'delete':
      return api.delete('ingresses', `i${one.name}`, 'shop')
    case 'compact':
      return api.compact()
    case 'bookmark':
      return api.bookmark()
    case 'end':
      return api.endWatches()
    case 'pause': {
      // Lets the reflector go on by a request, or not: the next step may come at any moment.
      const before = api.requests.length
      const until = Date.now() + 10
      while (api.requests.length === before && Date.now() < until) await new Promise((next) => setImmediate(next))
    }
  }
}
