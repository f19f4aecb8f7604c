import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SpanExport } from '../../model/span-export.js'
import { createSpanExporter, type Sent } from './exporter.js'
import { parseSpanLine, type SpanRecord } from './span-record.js'

const settings: SpanExport = {
  host: 'collector',
  port: 4318,
  serviceName: 'edge',
  queue: 5,
  batch: 3,
  delayMilliseconds: 1000,
}
const TAKEN: Sent = { kind: 'taken', rejected: 0, why: '' }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function record(n: number): SpanRecord {
  const span = `${'a'.repeat(32)}\t${String(n).padStart(16, '0')}\t`
  const read = parseSpanLine(JSON.stringify({ span, end: '1', seconds: '0' }))
  if (read === undefined) throw new Error('no span')
  return read
}

function start(answers: Sent[]) {
  const sent: number[] = []
  const lost: [number, string][] = []
  const exporter = createSpanExporter({
    send: (_, records) => {
      sent.push(records.length)
      return Promise.resolve(answers.shift() ?? TAKEN)
    },
    onLost: (spans, why) => lost.push([spans, why]),
    chance: () => 0.5,
  })
  exporter.configure(settings)
  const add = (count: number): void => {
    for (let n = 0; n < count; n++) exporter.add(record(n))
  }
  return { exporter, sent, lost, add }
}

test('spans go together when there are enough, or the first has waited', async () => {
  const { add, sent } = start([])
  add(2)
  await vi.advanceTimersByTimeAsync(999)
  expect(sent).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(sent).toEqual([2])
  add(4)
  await vi.advanceTimersByTimeAsync(0)
  expect(sent).toEqual([2, 3])
  await vi.advanceTimersByTimeAsync(1000)
  expect(sent).toEqual([2, 3, 1])
})

test('a message is sent again after longer and longer pauses, or when the collector says; nothing else goes meanwhile', async () => {
  const later = (afterMilliseconds?: number): Sent => ({ kind: 'later', afterMilliseconds, why: 'not now' })
  const { add, sent, lost } = start([later(), later(), later(10_000), TAKEN])
  add(4)
  await vi.advanceTimersByTimeAsync(0)
  expect(sent).toEqual([3])
  await vi.advanceTimersByTimeAsync(1000)
  expect(sent).toEqual([3, 3])
  await vi.advanceTimersByTimeAsync(1999)
  expect(sent).toEqual([3, 3])
  await vi.advanceTimersByTimeAsync(1)
  expect(sent).toEqual([3, 3, 3])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sent).toEqual([3, 3, 3, 3])
  await vi.advanceTimersByTimeAsync(1000)
  expect(sent).toEqual([3, 3, 3, 3, 1])
  expect(lost).toEqual([])
})

test('what has no room is lost and said, at most now and then; a collector that is away for minutes costs what waited', async () => {
  const away = Array.from({ length: 50 }, (): Sent => ({ kind: 'later', afterMilliseconds: undefined, why: 'away' }))
  const { add, lost } = start(away)
  add(10)
  expect(lost).toEqual([[1, 'too many wait for the collector (otel-max-queuesize)']])
  await vi.advanceTimersByTimeAsync(150_000)
  expect(lost.slice(1)).toEqual([[4, 'away']])
})

test('what is refused is lost at once, and what is rejected in part', async () => {
  const { add, lost, sent } = start([
    { kind: 'refused', why: 'the collector answered 400' },
    { kind: 'taken', rejected: 2, why: 'the collector rejected them' },
  ])
  add(3)
  await vi.advanceTimersByTimeAsync(0)
  expect(lost).toEqual([[3, 'the collector answered 400']])
  await vi.advanceTimersByTimeAsync(60_000)
  add(3)
  await vi.advanceTimersByTimeAsync(0)
  expect(sent).toEqual([3, 3])
  expect(lost).toHaveLength(2)
})

test('at the end what waits is sent, once; without a collector nothing waits', async () => {
  const { add, sent, lost, exporter } = start([{ kind: 'later', afterMilliseconds: undefined, why: 'away' }])
  add(2)
  const ended = exporter.finish(3000)
  await vi.advanceTimersByTimeAsync(3000)
  await ended
  expect(sent).toEqual([2])
  expect(lost).toEqual([[2, 'away']])
  const other = start([])
  other.exporter.configure(undefined)
  other.add(3)
  await vi.advanceTimersByTimeAsync(5000)
  expect(other.sent).toEqual([])
})
