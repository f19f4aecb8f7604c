import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTail, type Place, type Tail } from './tail.js'

let folder = ''
let path = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-tail-'))
  path = join(folder, 'access.log')
})

afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

/** A reader that takes `room` bytes, and then no more. */
function createReader(): { room: number; got: string; write(bytes: Buffer): number } {
  return {
    room: Number.POSITIVE_INFINITY,
    got: '',
    write(bytes) {
      const taken = Math.min(this.room, bytes.length)
      this.room -= taken
      this.got += bytes.toString('latin1', 0, taken)
      return taken
    },
  }
}

interface Following {
  readonly tail: Tail
  readonly reader: ReturnType<typeof createReader>
  readonly lost: number[]
}

function follow(
  sizes: { rotateBytes?: number; maxWaitingBytes?: number; from?: Place | undefined } = {},
  startAtEnd = false,
): Following {
  const reader = createReader()
  const lost: number[] = []
  const tail = createTail(path, reader, {
    ...sizes,
    startAtEnd,
    // What NGINX does at SIGUSR1.
    reopen: () => writeFileSync(path, '', { flag: 'a' }),
    onLost: (lines) => lost.push(lines),
  })
  return { tail, reader, lost }
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join('')
}

test('a reader that stops within a line gets the rest when it reads on', () => {
  const { tail, reader, lost } = follow()
  reader.room = 10
  writeFileSync(path, lines(0, 20_000))
  tail.step()
  appendFileSync(path, lines(20_000, 20_100))
  tail.step()
  expect([reader.got, tail.isEven()]).toEqual(['line 0\nlin', false])
  reader.room = Number.POSITIVE_INFINITY
  tail.step()
  expect(reader.got === lines(0, 20_100)).toBe(true)
  expect([tail.isEven(), lost, tail.close()]).toEqual([true, [], 0])
})

test('lines that a stopped reader would have had to get are counted when there are too many', () => {
  const { tail, reader, lost } = follow({ maxWaitingBytes: 100_000 })
  reader.room = 10
  writeFileSync(path, lines(0, 20_000))
  tail.step()
  expect(lost).toEqual([19_998])
  reader.room = Number.POSITIVE_INFINITY
  appendFileSync(path, lines(20_000, 20_003))
  tail.step()
  expect(reader.got).toBe(lines(0, 2) + lines(20_000, 20_003))
})

test('the file does not grow while the reader has stopped for good', () => {
  vi.useFakeTimers()
  const { tail, reader, lost } = follow({ maxWaitingBytes: 50_000, rotateBytes: 10_000 })
  reader.room = 3
  for (let round = 0; round < 3; round++) {
    appendFileSync(path, lines(round * 20_000, (round + 1) * 20_000))
    tail.step()
    expect(existsSync(`${path}.1`)).toBe(true)
    tail.step()
    vi.advanceTimersByTime(2_000)
    tail.step()
    expect(existsSync(`${path}.1`)).toBe(false)
    tail.step()
  }
  expect(lost.reduce((sum, count) => sum + count, 0)).toBe(59_999)
  reader.room = Number.POSITIVE_INFINITY
  tail.step()
  expect(reader.got).toBe('line 0\n')
})

test('lines that a worker still writes to the file put aside are copied, in order', () => {
  vi.useFakeTimers()
  const { tail, reader } = follow({ rotateBytes: 100 })
  writeFileSync(path, lines(0, 100))
  tail.step()
  appendFileSync(path, lines(200, 300))
  appendFileSync(`${path}.1`, lines(100, 200))
  tail.step()
  vi.advanceTimersByTime(2_000)
  tail.step()
  tail.step()
  expect(reader.got).toBe(lines(0, 300))
})

test('a clock that is set back does not keep it with a file that was put aside', () => {
  vi.useFakeTimers()
  const { tail, reader } = follow({ rotateBytes: 100 })
  writeFileSync(path, lines(0, 100))
  tail.step()
  tail.step()
  appendFileSync(path, lines(100, 200))
  vi.setSystemTime(Date.now() - 3_600_000)
  vi.advanceTimersByTime(2_000)
  tail.step()
  tail.step()
  expect(reader.got).toBe(lines(0, 200))
})

test('what was not copied at the end is counted', () => {
  const { tail, reader } = follow()
  reader.room = 10
  writeFileSync(path, lines(0, 500))
  tail.step()
  expect(tail.close()).toBe(499)
})

test('the lines of another controller are left alone', () => {
  writeFileSync(path, lines(0, 5))
  const { tail, reader } = follow({}, true)
  tail.step()
  appendFileSync(path, lines(5, 7))
  tail.step()
  expect(reader.got).toBe(lines(5, 7))
})

test('a reader after another one goes on where that one ended, whatever the file is called by then', () => {
  writeFileSync(path, lines(0, 3))
  const first = follow()
  first.reader.room = 10
  first.tail.step()
  const from = first.tail.place()
  expect(from?.offset).toBe(10)
  first.tail.close()
  appendFileSync(path, lines(3, 4))

  const second = follow({ from }, true)
  second.tail.step()
  expect(first.reader.got + second.reader.got).toBe(lines(0, 4))
  second.tail.close()

  vi.useFakeTimers({ toFake: ['performance'] })
  renameSync(path, `${path}.1`)
  const third = follow({ from: second.tail.place() ?? from })
  // It also lets NGINX begin the new one, which nobody may have done.
  third.tail.step()
  writeFileSync(path, lines(4, 5))
  third.tail.step()
  vi.advanceTimersByTime(2_500)
  third.tail.step()
  third.tail.step()
  expect(first.reader.got + third.reader.got).toBe(lines(0, 5))
  expect(existsSync(`${path}.1`)).toBe(false)
})

test('a file that is another one than the reader before had is read from its beginning', () => {
  writeFileSync(path, lines(0, 3))
  const { tail, reader } = follow({ from: { inode: 1, offset: 7 } }, true)
  tail.step()
  expect(reader.got).toBe(lines(0, 3))
})

test('a place is one of the file that is read, also while lines of the file before wait for their reader', async () => {
  writeFileSync(path, lines(0, 10))
  const { tail, reader } = follow({ rotateBytes: 20 })
  reader.room = 30
  tail.step()
  tail.step()
  await vi.waitFor(
    () => {
      tail.step()
      expect(tail.place()?.offset).toBe(0)
    },
    { timeout: 10_000 },
  )
  appendFileSync(path, lines(10, 11))
  reader.room = Number.POSITIVE_INFINITY
  tail.step()
  expect(reader.got).toBe(lines(0, 11))
})
