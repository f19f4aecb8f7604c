import { expect, test } from 'vitest'
import { createHistory } from './history.js'

const push = (name: string) => ({ kind: 'push', text: `pushed ${name}`, details: [name] }) as const
const reload = { kind: 'reload', text: 'reloaded', details: [] } as const

test('pushes within a second are one entry, with the names of all; a reload is one by itself', () => {
  let now = 1_000
  const history = createHistory(() => now)
  history.record(push('a'))
  now += 400
  history.record(push('b'))
  now += 5_000
  history.record(push('c'))
  history.record(reload)
  expect(history.entries().map(({ text, details, times }) => [text, details, times])).toEqual([
    ['pushed c', ['c'], 1],
    ['reloaded', [], 1],
    ['pushed b', ['b', 'a'], 2],
  ])
  expect([history.count('push'), history.count('reload'), history.count('nginx')]).toEqual([3, 1, 0])
  expect(history.latest('reload')?.at).toBe(6_400)
})

test('a year of pushes drives out no reload, and is bounded', () => {
  let now = 0
  const history = createHistory(() => (now += 2_000))
  history.record(reload)
  for (let i = 0; i < 1_000; i++) history.record(push(String(i)))
  expect(history.entries()).toHaveLength(201)
  expect(history.entries().at(-1)?.kind).toBe('reload')
  expect(history.count('push')).toBe(1_000)
})

test('a clock that is set back makes entries of their own', () => {
  let now = 10_000_000
  const history = createHistory(() => now)
  history.record(push('a'))
  now = 0
  history.record(push('b'))
  expect(history.entries()).toHaveLength(2)
})
