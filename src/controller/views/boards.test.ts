import { afterEach, expect, test, vi } from 'vitest'
import type { AnalyticsStatus } from '../../observe/analytics.js'
import { createBoards } from './boards.js'

const nothingRead = { records: 0, unparsable: 0 } as AnalyticsStatus // what a board looks at first
const NOBODY = { host: '', a: '', b: '', kind: 'recent' } as const

afterEach(() => void vi.useRealTimers())

test('many who look cost no more than one, for five seconds', async () => {
  let now = 0
  let asked = 0
  const boards = createBoards(
    {
      query: () => Promise.resolve({ ok: false, message: '' }),
      status() {
        asked += 1
        return Promise.resolve(nothingRead)
      },
    },
    () => now,
  )
  await Promise.all(Array.from({ length: 20 }, async () => boards('overview', NOBODY)))
  expect(asked).toBe(1)
  now = 5_000
  await boards('overview', NOBODY)
  await boards('access', NOBODY)
  expect(asked).toBe(3)
})

test('where the log is not read the board says so, and a name that is none has no board', async () => {
  const boards = createBoards(undefined)
  expect(await boards('access', NOBODY)).toMatchObject({
    nothing: expect.stringContaining('--log-analytics=false') as unknown,
  })
  expect(boards('constructor', NOBODY)).toBeUndefined()
})

test('a board that nobody waits for any more is not made, and the next one is', async () => {
  vi.useFakeTimers()
  let asked = 0
  let end = (): void => undefined
  const slow = new Promise<void>((resolve) => (end = resolve))
  const boards = createBoards({
    query: () => Promise.resolve({ ok: false, message: '' }),
    async status() {
      asked += 1
      if (asked === 1) await slow
      return nothingRead
    },
  })
  const many = Array.from({ length: 30 }, (_, i) => boards('monitoring', { ...NOBODY, host: `${i}.test` }))
  await vi.advanceTimersByTimeAsync(10_000)
  for (const board of many) expect(await board).toMatchObject({ nothing: expect.stringContaining('longer') as unknown })
  end()
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toBe(1)
  expect(await boards('monitoring', NOBODY)).toMatchObject({ nothing: expect.stringContaining('No line') as unknown })
  expect(asked).toBe(2)
})
