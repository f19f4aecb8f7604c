import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { candidateNames, parseSearchRules } from './resolv-conf.js'
import { createNames, type Lookup, type LookupAnswer, resolveName } from './resolve.js'

const rules = { search: ['shop.svc.example', 'example'], ndots: 2 }
const found = (ttlSeconds: number, ...addresses: string[]): LookupAnswer => ({ kind: 'found', addresses, ttlSeconds })

test('search rules: the last search or domain line counts, ndots is 1 unless given', () => {
  expect(parseSearchRules('nameserver 192.0.2.1\n')).toEqual({ search: [], ndots: 1 })
  expect(parseSearchRules('domain a\nsearch b c. # d\noptions timeout:1 ndots:5\n')).toEqual({
    search: ['b', 'c'],
    ndots: 5,
  })
  expect(parseSearchRules('search a b\ndomain c d\noptions ndots:99\n')).toEqual({ search: ['c'], ndots: 15 })
})

const candidates: [name: string, asked: string[]][] = [
  ['db', ['db.shop.svc.example', 'db.example', 'db']],
  ['db.prod', ['db.prod.shop.svc.example', 'db.prod.example', 'db.prod']],
  ['db.prod.test', ['db.prod.test', 'db.prod.test.shop.svc.example', 'db.prod.test.example']],
  ['db.', ['db']],
]
test.each(candidates)('SVC-6: with ndots 2, %s is asked for as %s', (name, asked) => {
  expect(candidateNames(name, rules)).toEqual(asked)
})

function answers(known: Record<string, LookupAnswer>): { lookup: Lookup; asked: string[] } {
  const asked: string[] = []
  const lookup: Lookup = async (name, type) => {
    asked.push(`${name} ${type}`)
    return known[`${name} ${type}`] ?? { kind: 'none' }
  }
  return { lookup, asked }
}

test('SVC-6: A is asked for before AAAA, and the first name with an answer counts', async () => {
  const { lookup, asked } = answers({ 'db.example AAAA': found(9, '::1'), 'db A': found(9, '192.0.2.1') })
  expect(await resolveName('db', rules, lookup)).toEqual(found(9, '::1'))
  expect(asked).toEqual(['db.shop.svc.example A', 'db.shop.svc.example AAAA', 'db.example A', 'db.example AAAA'])
})

test('EXT-13 MIR-2: localhost is this machine, and no name server is asked', async () => {
  const { lookup, asked } = answers({})
  for (const name of ['localhost', 'a.LocalHost.', 'localhost.'])
    expect(await resolveName(name, rules, lookup)).toEqual(found(86_400, '127.0.0.1'))
  expect(asked).toEqual([])
  expect(await resolveName('notlocalhost', rules, lookup)).toEqual({ kind: 'none' })
})

test('a failure on the way is a failure, unless another name has an answer', async () => {
  const failing = answers({ 'db.example A': { kind: 'failed' } })
  expect(await resolveName('db', rules, failing.lookup)).toEqual({ kind: 'failed' })
  const mixed = answers({ 'db.example A': { kind: 'failed' }, 'db A': found(5, '192.0.2.1') })
  expect(await resolveName('db', rules, mixed.lookup)).toEqual(found(5, '192.0.2.1'))
  expect(await resolveName('db', rules, answers({}).lookup)).toEqual({ kind: 'none' })
})

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Names on a resolver whose answer the test changes; `seen` are the changes that were announced. */
function follow(first: LookupAnswer) {
  const state = { answer: first, asked: 0 }
  const seen: (readonly string[] | undefined)[] = []
  const names = createNames({
    rules: { search: [], ndots: 1 },
    lookup: async (_name, type) => {
      if (type === 'AAAA') return { kind: state.answer.kind === 'failed' ? 'failed' : 'none' }
      state.asked += 1
      return state.answer
    },
    onAddresses: (_name, addresses) => seen.push(addresses),
  })
  return { state, seen, names }
}

const wanted = new Set(['db.example'])

test('a name is asked for again when its TTL has run out, and not before', async () => {
  const { state, seen, names } = follow(found(7, '192.0.2.2', '192.0.2.1'))
  names.want(wanted)
  await names.firstAnswers(1000)
  expect(seen).toEqual([['192.0.2.1', '192.0.2.2']])
  state.answer = found(7, '192.0.2.3')
  await vi.advanceTimersByTimeAsync(6900)
  expect(state.asked).toBe(1)
  await vi.advanceTimersByTimeAsync(200)
  expect(seen).toEqual([['192.0.2.1', '192.0.2.2'], ['192.0.2.3']])
  names.stop()
})

test('a TTL of 0 counts as a second, and another order of the addresses is no change', async () => {
  const { state, seen, names } = follow(found(0, '192.0.2.1', '192.0.2.2'))
  names.want(wanted)
  await names.firstAnswers(1000)
  state.answer = found(0, '192.0.2.2', '192.0.2.1')
  await vi.advanceTimersByTimeAsync(3100)
  expect(state.asked).toBe(4)
  expect(seen).toHaveLength(1)
  names.stop()
})

test('SVC-6: the last good answer is kept while the resolver fails, and it is asked every second', async () => {
  const { state, seen, names } = follow(found(1, '192.0.2.1'))
  names.want(wanted)
  await names.firstAnswers(1000)
  state.answer = { kind: 'failed' }
  await vi.advanceTimersByTimeAsync(600_000)
  expect(seen).toEqual([['192.0.2.1']])
  const asked = state.asked
  await vi.advanceTimersByTimeAsync(10_000)
  expect(state.asked).toBe(asked + 10)
  state.answer = { kind: 'none' }
  await vi.advanceTimersByTimeAsync(1100)
  expect(seen).toEqual([['192.0.2.1'], undefined])
  state.answer = found(1, '192.0.2.2')
  await vi.advanceTimersByTimeAsync(1100)
  expect(seen).toEqual([['192.0.2.1'], undefined, ['192.0.2.2']])
  names.stop()
})

test('a name that is not wanted any more is forgotten', async () => {
  const { state, seen, names } = follow(found(1, '192.0.2.1'))
  names.want(wanted)
  await names.firstAnswers(1000)
  names.want(new Set())
  await vi.advanceTimersByTimeAsync(60_000)
  expect(seen).toEqual([['192.0.2.1'], undefined])
  expect(state.asked).toBe(1)
})

test('a name that is given up and wanted again before its answer came is asked for once per TTL', async () => {
  const { state, seen, names } = follow(found(10, '192.0.2.1'))
  names.want(wanted)
  names.want(new Set())
  names.want(wanted)
  await names.firstAnswers(1000)
  const asked = state.asked
  await vi.advanceTimersByTimeAsync(10_100)
  expect(state.asked).toBe(asked + 1)
  expect(seen).toEqual([['192.0.2.1']])
  names.stop()
})

test('the first answers are not waited for longer than said', async () => {
  const names = createNames({
    rules: { search: [], ndots: 1 },
    lookup: () => new Promise(() => {}),
    onAddresses: () => {},
  })
  names.want(wanted)
  const waited = names.firstAnswers(2000)
  await vi.advanceTimersByTimeAsync(2000)
  await waited
  names.stop()
})
