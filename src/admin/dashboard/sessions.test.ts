import { expect, test } from 'vitest'
import { createSessions, isSameSecret, SESSION_SECONDS } from './sessions.js'

test('a session is good until it is closed or its time is over', () => {
  let now = 0
  const sessions = createSessions(() => now)
  const [one, two] = [sessions.open(), sessions.open()]
  expect(one).not.toBe(two)
  expect([one, two, '', 'guess'].map((value) => sessions.has(value))).toEqual([true, true, false, false])
  sessions.close(one)
  expect([one, two].map((value) => sessions.has(value))).toEqual([false, true])
  now = SESSION_SECONDS * 1000
  expect(sessions.has(two)).toBe(false)
})

test('there are a hundred at most; the oldest goes', () => {
  const sessions = createSessions(() => 0)
  const values = Array.from({ length: 101 }, () => sessions.open())
  expect(values.filter((value) => !sessions.has(value))).toEqual(values.slice(0, 1))
})

test('secrets of any lengths can be compared', () => {
  expect(isSameSecret('abc', 'abc')).toBe(true)
  for (const other of ['', 'ab', 'abd', 'abcd']) expect(isSameSecret('abc', other)).toBe(false)
})
