import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLineQueue } from './line-queue.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function queueOn(room: number, maxBytes?: number) {
  const reader = { room, got: '' }
  const sink = {
    write(bytes: Buffer) {
      const taken = Math.min(reader.room, bytes.length)
      reader.room -= taken
      reader.got += bytes.toString('utf8', 0, taken)
      return taken
    },
  }
  const describeLoss = (lines: number): string => `${lines} lost\n`
  return { reader, queue: createLineQueue(sink, { describeLoss, ...(maxBytes === undefined ? {} : { maxBytes }) }) }
}

test('a line that a slow reader took in part is finished later, in order', () => {
  const { reader, queue } = queueOn(5)
  queue.write('line 1\n')
  queue.write('line 2\n')
  expect(reader.got).toBe('line ')
  reader.room = 4
  vi.advanceTimersByTime(100)
  expect(reader.got).toBe('line 1\nli')
  reader.room = 1000
  vi.advanceTimersByTime(100)
  queue.write('line 3\n')
  expect(reader.got).toBe('line 1\nline 2\nline 3\n')
})

test('what is too much to keep is counted, and said once the reader is back', () => {
  const { reader, queue } = queueOn(0, 20)
  for (let i = 1; i <= 9; i++) queue.write(`line ${i}\n`)
  reader.room = 1000
  vi.advanceTimersByTime(100)
  queue.write('after\n')
  expect(reader.got).toBe('line 1\nline 2\n7 lost\nafter\n')
})

test('what was taken makes room', () => {
  const { reader, queue } = queueOn(0, 20)
  for (let round = 0; round < 50; round++) {
    queue.write('line\n')
    reader.room = 1000
    vi.advanceTimersByTime(100)
    reader.room = 0
  }
  expect(reader.got).toBe('line\n'.repeat(50))
})
