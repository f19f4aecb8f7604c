import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dimensions, figures, type Answer, type Condition, type Query } from '../../src/observe/analytics.js'
import { createAgentReader } from '../../src/observe/logs/agents.js'
import { createLogEngine } from '../../src/observe/logs/engine.js'
import { createLineReader } from '../../src/observe/logs/reading.js'
import { deletePiece, pieceOf } from '../../src/observe/logs/raw/piece.js'
import { openRawStore, type RawStore, type RawStoreOptions } from '../../src/observe/logs/raw/store.js'
import { ackFormat, ackLine, START } from './log-lines.js'

let folder = ''
let said: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-lines-'))
  said = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const now = (): number => START + 3_600_000

function open(options: Partial<RawStoreOptions> = {}): Promise<RawStore> {
  return openRawStore({ folder, threads: 1, now, say: (sentence) => said.push(sentence), ...options })
}

/** Adds lines and commits them. */
async function keep(store: RawStore, lines: readonly string[], note?: string): Promise<void> {
  const agents = createAgentReader()
  const reader = createLineReader({
    formats: [ackFormat],
    now,
    onRecord: (record) => store.add(record, agents.read(record.userAgent), undefined),
  })
  await store.begin()
  reader.read(Buffer.from(lines.join('')))
  await store.commit(note)
  expect(reader.counts().unparsable).toBe(0)
}

const many = (count: number, make: (i: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, i) => make(i))

const whole = { from: START, to: START + 1_200_000 }

async function rowsOf(answer: Promise<Answer> | Answer) {
  const given = await answer
  if (!given.ok) throw new Error(given.message)
  return given.rows
}

test('lines and roll-ups give the same answers, but for what sketches round (ack.md 4.3, 5)', async () => {
  const lines = many(1_000, (i) => ackLine(i))
  const engine = createLogEngine({ formats: [ackFormat], now })
  engine.read(Buffer.from(lines.join('')))
  const store = await open()
  try {
    await keep(store, lines)
    const exact = figures.filter((figure) => !/atencyP/.test(figure))
    const conditions: readonly (readonly Condition[])[] = [
      [],
      [{ dimension: 'status', operator: '>=', value: '500' }],
      [{ dimension: 'path', operator: '~', value: '/P/*' }],
      [
        { dimension: 'host', operator: '=', value: 'h1.test' },
        { dimension: 'status', operator: '!=', value: '503' },
      ],
      [{ dimension: 'upstreamStatus', operator: '<', value: '300' }],
      [{ dimension: 'path', operator: '!~', value: '2' }],
    ]
    const queries: readonly Query[] = conditions.flatMap((filter) => [
      { ...whole, filter, groupBy: ['path'], figures: exact.filter((figure) => figure !== 'visitors') },
      { ...whole, filter, groupBy: ['service', 'host'], figures: ['bytesSent'], stepSeconds: 60, limit: 2 },
      { ...whole, filter, figures: ['serverErrors', 'requests'], groupBy: ['status'], limit: 1 },
    ])
    for (const query of [
      ...queries,
      { ...whole, figures: exact },
      { ...whole, figures: exact, groupBy: ['host'] as const },
      { ...whole, figures: ['requests'] as const, groupBy: ['browser', 'os', 'device'] as const },
      { ...whole, from: START + 90_000_000, to: START + 90_060_000, figures: ['requests', 'successShare'] as const },
    ]) {
      const rolledUp = await rowsOf(engine.query(query))
      const raw = await rowsOf(store.query(query))
      expect(raw.map(({ time, group }) => [time, group])).toEqual(rolledUp.map(({ time, group }) => [time, group]))
      for (const [i, row] of raw.entries())
        for (const [j, value] of row.figures.entries()) {
          const other = rolledUp[i]?.figures[j]
          if (value === null || typeof other !== 'number') expect(value).toBe(other)
          else expect(value).toBeCloseTo(other, 6)
        }
    }
    const times = { ...whole, figures: ['latencyP50', 'latencyP99', 'upstreamLatencyP9999'] as const }
    const [sketched] = await rowsOf(engine.query(times))
    const [sorted] = await rowsOf(store.query(times))
    for (const [i, value] of (sorted?.figures ?? []).entries())
      expect(Math.abs((value ?? 0) / (sketched?.figures[i] ?? 1) - 1)).toBeLessThan(0.02)
    // No roll-up is of these together.
    const both = { ...whole, figures: ['requests'] as const, groupBy: ['client', 'path'] as const }
    expect([engine.query(both).ok, (await store.query(both)).ok]).toEqual([false, true])
  } finally {
    await store.close()
  }
})

test('conditions are values, whatever is in them', async () => {
  const store = await open()
  try {
    const hostile = [
      `'; DROP TABLE piece_1.lines; --`,
      `" OR 1=1 --`,
      '%',
      '_',
      '\\',
      '$1',
      'x'.repeat(1_000),
      '\u0000',
      '\ud800',
    ]
    await keep(
      store,
      many(3, (i) => ackLine(i, { path: `/%27;%20DROP\\x22'_%${i}` })),
    )
    for (const value of hostile)
      for (const dimension of dimensions)
        for (const operator of ['=', '~'] as const) {
          const answer = await store.query({
            ...whole,
            figures: ['requests'],
            filter: [{ dimension, operator, value }],
          })
          expect(answer.ok).toBe(true)
        }
    const like = async (value: string): Promise<unknown> =>
      (
        await rowsOf(
          store.query({ ...whole, figures: ['requests'], filter: [{ dimension: 'path', operator: '~', value }] }),
        )
      )[0]?.figures[0]
    expect([await like('_%1'), await like('x%1'), await like('DROP*1'), await like(`'_`)]).toEqual([1, 0, 1, 3])
    expect(
      (
        await store.query({
          ...whole,
          figures: ['requests'],
          filter: [{ dimension: 'host', operator: '<', value: '1' }],
        })
      ).ok,
    ).toBe(false)
  } finally {
    await store.close()
  }
})

test('lines, the note and the text of clients outlive the store; a request is found by its id', async () => {
  const first = await open()
  await keep(first, [ackLine(1, { path: '/\u0000\ufffd\u00ff%00', agent: 'a\\x22b\\x00c' }), ackLine(2)], 'up to here')
  await first.close()
  const second = await open()
  try {
    expect([second.note(), second.state().lines, said]).toEqual(['up to here', 2, []])
    expect(await second.find('id2')).toMatchObject({
      status: 200,
      uri: '/p/2?x=2',
      service: 'ns-one-80',
      host: 'h0.test',
    })
    expect((await second.find('id1'))?.userAgent).toBe('a"b\u0000c')
    expect(await second.find(`' OR 1=1 --`)).toBeUndefined()
  } finally {
    await second.close()
  }
})

test('bytes that are no UTF-8, binary lines and those of a megabyte harm no row', async () => {
  const store = await open()
  const reader = createLineReader({
    formats: [ackFormat],
    now,
    onRecord: (record) => store.add(record, createAgentReader().read(record.userAgent), undefined),
  })
  try {
    await store.begin()
    const bad = Buffer.from(ackLine(1, { path: '/\u00ff\u00fe-\u00ed\u00a0\u0080-\u0000-\u00c3' }), 'latin1')
    const binary = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7) % 256))
    const long = Buffer.alloc(1_000_000, 'x')
    reader.read(Buffer.concat([bad, binary, Buffer.from('\n'), long, Buffer.from('\n'), Buffer.from(ackLine(2))]))
    await store.commit()
    expect([reader.counts().records, store.state().lines]).toEqual([2, 2])
    expect((await store.find('id1'))?.uri).toBe('/\ufffd\ufffd-\ufffd\ufffd\ufffd-\u0000-\ufffd')
    expect((await store.find('id2'))?.uri).toBe('/p/2?x=2')
  } finally {
    await store.close()
  }
})

test('what is older or more than may be kept goes, a file at a time', async () => {
  const maxBytes = 4 * 1024 * 1024
  const store = await open({ maxBytes, maxAgeMilliseconds: 3_600_000 })
  try {
    await keep(
      store,
      many(100, (i) => ackLine(i, { time: START - 7_200_000 + i })),
    )
    await keep(
      store,
      many(100, (i) => ackLine(i, { time: START + i })),
    )
    expect([store.state().lines, store.state().oldest]).toEqual([100, START])
    // Random texts, since others are packed.
    const noise = (): string => Array.from({ length: 40 }, () => Math.random().toString(36).slice(2)).join('')
    for (let round = 0; round < 12; round++)
      await keep(
        store,
        many(1_000, (i) => ackLine(i, { path: `/${noise()}`, time: now() })),
      )
    expect(store.state().lines).toBeLessThan(12_000)
    expect(store.state().lines).toBeGreaterThan(1_000)
    const files = readdirSync(folder).filter((name) => name.startsWith('lines-'))
    const bytes = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
    expect(bytes).toBeLessThan(maxBytes * 2)
  } finally {
    await store.close()
  }
})

test('what is too old goes on a full disk as well, where DuckDB cannot tidy it up first', async () => {
  const detachWith = (sentence: string) => ({ detach: () => Promise.reject(new Error(sentence)) })
  const piece = pieceOf(join(folder, 'lines-000001.duckdb'), 1)
  writeFileSync(piece.path, 'x')
  await expect(deletePiece(detachWith('Binder Error: it is in use'), piece)).rejects.toThrow('in use')
  expect(existsSync(piece.path)).toBe(true)
  const full = "IO Error: Detached database 'piece_1', but CHECKPOINT during DETACH failed. "
  await deletePiece(detachWith(full), piece)
  expect(existsSync(piece.path)).toBe(false)
})

test('a file that is broken, cut off or none of ours is kept aside, and the others are read', async () => {
  const store = await open({ maxAgeMilliseconds: 16 * 60_000 * 24 })
  await keep(
    store,
    many(500, (i) => ackLine(i)),
  )
  await store.close()
  const sound = join(folder, 'lines-000001.duckdb')
  for (const number of [2, 3, 4]) copyFileSync(sound, join(folder, `lines-00000${number}.duckdb`))
  truncateSync(join(folder, 'lines-000002.duckdb'), 30_000)
  writeFileSync(join(folder, 'lines-000003.duckdb'), Buffer.alloc(100_000, 'no database'))
  writeFileSync(join(folder, 'lines-000004.duckdb'), '')
  const again = await open()
  try {
    expect(said.map((sentence) => /lines-00000\d/.exec(sentence)?.[0])).toEqual([
      'lines-000002',
      'lines-000003',
      'lines-000004',
    ])
    expect(again.state().lines).toBe(500)
    expect(readdirSync(folder).filter((name) => name.includes('.broken-')).length).toBe(2)
    await keep(again, [ackLine(501)])
    expect(again.state().lines).toBe(501)
  } finally {
    await again.close()
  }
})
