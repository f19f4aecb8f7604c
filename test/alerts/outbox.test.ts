import { expect, test } from 'vitest'
import { testNotification, type Notification } from '../../src/observe/alerts/notification.js'
import { createOutbox, type Outbox, type Sent } from '../../src/observe/alerts/outbox.js'
import { bendClock, type BentClock } from './bent-clock.js'

const MINUTE = 60_000

interface Stage {
  readonly clock: BentClock
  readonly outbox: Outbox
  readonly attempts: { readonly channel: string; readonly at: number }[]
  readonly said: string[]
}

function stage(answer: (channel: string, attempt: number) => Promise<Sent>): Stage {
  const clock = bendClock(0)
  const attempts: { channel: string; at: number }[] = []
  const said: string[] = []
  const outbox = createOutbox({
    send(channel) {
      attempts.push({ channel, at: clock.wall() })
      return answer(channel, attempts.filter((each) => each.channel === channel).length)
    },
    after: clock.after,
    now: clock.wall,
    chance: () => 0.5,
    onChange: () => undefined,
    log: (_, message) => void said.push(message),
  })
  return { clock, outbox, attempts, said }
}

const taken: Sent = { kind: 'taken' }
const later: Sent = { kind: 'later', why: 'busy' }
const one = (): Notification => testNotification(0, 'i')

test('attempts follow each other at growing distances, and then there is an end', async () => {
  const { clock, outbox, attempts, said } = stage(() => Promise.resolve(later))
  outbox.follow(['dead'])
  outbox.offer('dead', one())
  await clock.pass(60 * MINUTE)
  const seconds = attempts.map(({ at }) => at / 1000)
  expect(seconds.slice(0, 6)).toEqual([0, 1, 3, 7, 15, 31])
  expect(attempts).toHaveLength(12)
  expect((seconds.at(-1) ?? 0) - (seconds.at(-2) ?? 0)).toBe(300)
  expect(outbox.counts().get('dead')).toEqual({ waiting: 0, sent: 0, failed: 1, dropped: 0, problem: 'busy' })
  expect(said).toEqual(['alerts: channel "dead": busy', expect.stringContaining('given up')])
})

test('a dead channel keeps no other waiting, not even one that never answers', async () => {
  const { clock, outbox, attempts } = stage((channel) =>
    channel === 'mute' ? new Promise(() => undefined) : Promise.resolve(channel === 'dead' ? later : taken),
  )
  outbox.follow(['mute', 'dead', 'good'])
  for (const name of ['mute', 'dead', 'good', 'mute', 'good']) outbox.offer(name, one())
  await clock.pass(0)
  expect(outbox.counts().get('good')).toMatchObject({ waiting: 0, sent: 2 })
  await clock.pass(2 * MINUTE)
  expect(outbox.counts().get('mute')).toMatchObject({ waiting: 2, problem: 'an attempt took too long' })
  expect(attempts.filter(({ channel }) => channel === 'mute').length).toBeGreaterThan(1)
})

test('what is refused is not tried again, and what follows is', async () => {
  const { clock, outbox, attempts } = stage((_, attempt) =>
    Promise.resolve(attempt === 1 ? { kind: 'refused', why: 'no' } : taken),
  )
  outbox.follow(['a'])
  outbox.offer('a', one())
  outbox.offer('a', one())
  await clock.pass(0)
  expect(attempts).toHaveLength(2)
  expect(outbox.counts().get('a')).toEqual({ waiting: 0, sent: 1, failed: 1, dropped: 0, lastSent: 0 })
})

test('a queue is bounded, and what it has no place for is counted', async () => {
  const { clock, outbox, said } = stage(() => Promise.resolve(later))
  outbox.follow(['a'])
  for (let i = 0; i < 130; i++) outbox.offer('a', one())
  await clock.pass(0)
  expect(outbox.counts().get('a')).toMatchObject({ waiting: 100, dropped: 30 })
  expect(said.filter((line) => line.includes('takes too little'))).toHaveLength(1)
})

test('what waits at the end is still there, and nothing is begun any more', async () => {
  const { clock, outbox, attempts } = stage(() => Promise.resolve(later))
  outbox.follow(['a'])
  outbox.offer('a', one())
  await clock.pass(0)
  const ended = outbox.finish(1000)
  await clock.pass(10 * MINUTE)
  await ended
  expect([attempts.length, outbox.waiting().length]).toEqual([1, 1])
})

test('what waits for a channel that is gone is dropped, and said', async () => {
  const { clock, outbox, said } = stage(() => Promise.resolve(later))
  outbox.follow(['a', 'b'])
  outbox.offer('a', one())
  await clock.pass(0)
  outbox.follow(['b'])
  expect([outbox.waiting(), said.at(-1)]).toEqual([
    [],
    'alerts: channel "a" is gone; 1 notifications for it are dropped',
  ])
})

test('an attempt that fails otherwise than it should is one more that failed, and its words are told nobody', async () => {
  const { clock, outbox, attempts, said } = stage((_, attempt) =>
    attempt === 1 ? Promise.reject(new TypeError('s3cret')) : Promise.resolve(taken),
  )
  outbox.follow(['odd'])
  outbox.offer('odd', one())
  await clock.pass(MINUTE)
  expect(attempts).toHaveLength(2)
  expect(outbox.counts().get('odd')).toMatchObject({ waiting: 0, sent: 1 })
  expect(said).toEqual(['alerts: channel "odd": it failed (TypeError)'])
})
