import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createOcspAuthority } from '../../../test/support/ocsp.js'
import { SortedMap } from '../../collections/sorted-map.js'
import type { OcspReply } from './ask.js'
import type { OcspQuestion } from './question.js'
import { createStapler, type Stapler } from './stapler.js'

const authority = createOcspAuthority('stapler')
const responder = 'http://ocsp.test/'
const one = authority.issue({ names: ['one.test'], responder })
const two = authority.issue({ names: ['two.test'], responder })
const silent = authority.issue({ names: ['silent.test'] })
const HOUR = 3_600_000

beforeEach(() => void vi.useFakeTimers({ now: Date.now() }))
afterEach(() => {
  stapler?.stop()
  vi.useRealTimers()
})
afterAll(() => authority.remove())

let stapler: Stapler | undefined
/** What the responders do; a question that waits is answered by it. */
let answer: (question: OcspQuestion) => OcspReply | Promise<OcspReply>
let asked: OcspQuestion[] = []
let changes = 0
let log: string[] = []

function start(): Stapler {
  asked = []
  changes = 0
  log = []
  stapler = createStapler({
    onChange: () => void changes++,
    log: (_, message) => void log.push(message),
    reach: 'others',
    random: () => 0,
    ask: (question) => {
      asked.push(question)
      return Promise.resolve(answer(question))
    },
  })
  return stapler
}

const good = (question: OcspQuestion): OcspReply => ({ ok: true, bytes: authority.answer(question.request) })
const down = (): OcspReply => ({ ok: false, reason: 'cannot be asked: connect ECONNREFUSED 10.0.0.1:80' })
const chains = (entries: Readonly<Record<string, string>>): SortedMap<string> => SortedMap.of(Object.entries(entries))
const kinds = (of: Stapler): Readonly<Record<string, string>> =>
  Object.fromEntries([...of.answers()].map(([key, { kind }]) => [key, kind]))

test('a good answer is known, said once, and asked for anew when half of its time is over', async () => {
  answer = good
  const running = start()
  running.follow(chains({ 'a/one': one.chain, 'a/silent': silent.chain }))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(kinds(running)).toEqual({ 'a/one': 'good', 'a/silent': 'impossible' })
  expect([asked.length, changes]).toEqual([1, 1])
  await vi.advanceTimersByTimeAsync(11 * HOUR)
  expect(asked).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(2 * HOUR)
  expect(asked).toHaveLength(2)
})

test('a responder that is down is asked less and less often, and what is told names no address', async () => {
  answer = down
  const running = start()
  running.follow(chains({ 'a/one': one.chain }))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked.length).toBeGreaterThanOrEqual(4)
  expect(asked.length).toBeLessThanOrEqual(6)
  expect(running.answers().get('a/one')).toMatchObject({ kind: 'failed' })
  expect(JSON.stringify(running.answers().get('a/one'))).not.toContain('ECONNREFUSED')
  expect(log).toEqual([expect.stringContaining('ECONNREFUSED')])
  const before = asked.length
  await vi.advanceTimersByTimeAsync(12 * HOUR)
  expect(asked.length - before).toBeLessThan(25)
  answer = good
  await vi.advanceTimersByTimeAsync(HOUR + 60_000)
  expect(kinds(running)).toEqual({ 'a/one': 'good' })
  expect(log.at(-1)).toContain('answers again')
})

test('the last good answer counts until its end, whatever comes after it', async () => {
  answer = good
  const running = start()
  running.follow(chains({ 'a/one': one.chain }))
  await vi.advanceTimersByTimeAsync(1_000)
  answer = down
  await vi.advanceTimersByTimeAsync(23 * HOUR)
  expect(asked.length).toBeGreaterThan(2)
  expect(kinds(running)).toEqual({ 'a/one': 'good' })
  await vi.advanceTimersByTimeAsync(2 * HOUR)
  expect(kinds(running)).toEqual({ 'a/one': 'failed' })
})

test('what is revoked meanwhile is said at once', async () => {
  answer = good
  const running = start()
  const leaf = authority.issue({ names: ['late.test'], responder })
  running.follow(chains({ 'a/one': leaf.chain }))
  await vi.advanceTimersByTimeAsync(1_000)
  authority.revoke(leaf)
  await vi.advanceTimersByTimeAsync(13 * HOUR)
  expect(kinds(running)).toEqual({ 'a/one': 'revoked' })
})

test('another certificate has no answer of the one before, and what is not served is forgotten', async () => {
  answer = good
  const running = start()
  running.follow(chains({ 'a/one': one.chain, 'a/gone': two.chain }))
  await vi.advanceTimersByTimeAsync(1_000)
  answer = down
  running.follow(chains({ 'a/one': two.chain }))
  expect(kinds(running)).toEqual({})
  await vi.advanceTimersByTimeAsync(1_000)
  expect(kinds(running)).toEqual({ 'a/one': 'failed' })
  running.follow(SortedMap.empty())
  const before = asked.length
  await vi.advanceTimersByTimeAsync(24 * HOUR)
  expect([kinds(running), asked.length]).toEqual([{}, before])
})

test('four are asked at a time, whoever keeps them waiting', async () => {
  const waiting: ((reply: OcspReply) => void)[] = []
  answer = () => new Promise((resolve) => waiting.push(resolve))
  const running = start()
  const names = Array.from({ length: 9 }, (_, i) => `a/${i}`)
  running.follow(chains(Object.fromEntries(names.map((name) => [name, one.chain]))))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(4)
  for (let done = 0; done < 9; done++) {
    waiting[done]?.(down())
    await vi.advanceTimersByTimeAsync(0)
  }
  expect(asked.length).toBeGreaterThanOrEqual(9)
  expect(Object.keys(kinds(running))).toHaveLength(9)
})
