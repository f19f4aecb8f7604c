import { expect, test } from 'vitest'
import { OTHER, type Query } from '../analytics.js'
import { clearRecord, createRecord, type LogRecord } from './record.js'
import { createRollUp, type RollUpOptions } from './roll-up.js'
import { select } from './select.js'

const START = Date.UTC(2026, 10, 26, 12)
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1'
const ANDROID =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36'

function recorded(requests: readonly Partial<LogRecord>[], options: RollUpOptions = {}) {
  const rollUp = createRollUp(options)
  const record = createRecord()
  for (const request of requests) {
    clearRecord(record)
    rollUp.add(Object.assign(record, { time: START, status: 200, upstreamStatus: '200' }, request))
  }
  return rollUp
}

function ask(rollUp: ReturnType<typeof createRollUp>, query: Omit<Query, 'from' | 'to'> & Partial<Query>) {
  const answer = select(rollUp, { from: START, to: START + 60_000, ...query })
  if (!answer.ok) throw new Error(answer.message)
  return answer
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}

test('counts, shares, averages and quantiles are those of the requests (ack.md 5)', () => {
  const rollUp = recorded(
    many(100, (i) => ({
      client: `192.0.2.${i % 10}`,
      status: i < 90 ? 200 : i < 94 ? 404 : 502,
      bytesSent: 10,
      requestBytes: 2,
      seconds: (i + 1) / 100,
      upstreamSeconds: 0.5,
      upstreamStatus: i === 0 ? '' : '200',
      userAgent: i < 20 ? PHONE : i < 30 ? ANDROID : 'curl/8.5.0',
    })),
  )
  const figures = [
    'requests',
    'visitors',
    'bytesSent',
    'requestBytes',
    'successShare',
    'errorShare',
    'serverErrorShare',
    'notFound',
    'notForwardedShare',
    'mobileShare',
    'androidShare',
    'iosShare',
  ] as const
  expect(ask(rollUp, { figures }).rows).toEqual([
    { group: [], figures: [100, 10, 1_000, 200, 0.9, 0.1, 0.06, 4, 0.01, 0.3, 0.1, 0.2] },
  ])
  const [times] = ask(rollUp, { figures: ['latencyAverage', 'latencyP50', 'latencyP99', 'upstreamLatencyP9999'] }).rows
  for (const [i, exact] of [0.505, 0.5, 0.99, 0.5].entries()) expect(times?.figures[i]).toBeCloseTo(exact, 1)
})

test('groups come with the most first, steps with every interval, and a filter by status finds errors', () => {
  const rollUp = recorded([
    ...many(5, (i) => ({ host: 'a.test', uri: '/x?1', status: 500, time: START + i * 10_000 })),
    ...many(3, () => ({ host: 'b.test', uri: '/y', status: 503 })),
    ...many(9, () => ({ host: 'a.test', uri: '/z' })),
  ])
  const filter = [{ dimension: 'status', operator: '>=', value: '500' }] as const
  expect(ask(rollUp, { figures: ['requests'], groupBy: ['host', 'path'], filter }).rows).toEqual([
    { group: ['a.test', '/x'], figures: [5] },
    { group: ['b.test', '/y'], figures: [3] },
  ])
  expect(
    ask(rollUp, { figures: ['requests', 'latencyP50'], groupBy: ['host'], stepSeconds: 30, limit: 1 }).rows,
  ).toEqual([
    { time: START, group: ['a.test'], figures: [12, null] },
    { time: START + 30_000, group: ['a.test'], figures: [2, null] },
  ])
})

test('requests of a canary count for the service that served them', () => {
  const rollUp = recorded([
    { service: 'ns-one-80' },
    { service: 'ns-one-80', alternative: 'ns-two-80', status: 500 },
    { service: 'ns-one-80', alternative: 'ns-two-80' },
  ])
  const figures = ['requests', 'serverErrorShare'] as const
  expect(ask(rollUp, { figures, groupBy: ['service'] }).rows).toEqual([
    { group: ['ns-two-80'], figures: [2, 0.5] },
    { group: ['ns-one-80'], figures: [1, 0] },
  ])
})

test('late and early lines, and a clock that runs backwards, count for their own time', () => {
  const times = [0, 50, 10, 59, 20, 0, 45, 30, 5].map((seconds) => START + seconds * 1_000)
  const rollUp = recorded(times.map((time) => ({ time })))
  expect(ask(rollUp, { figures: ['requests'], stepSeconds: 10 }).rows.map((row) => row.figures[0])).toEqual([
    3, 1, 1, 1, 1, 2,
  ])
})

test('100,000 paths in a minute are bounded; totals stay exact, what was frequent before stays, and the rest is other', () => {
  const rollUp = recorded([
    ...many(50, (i) => ({ host: 'a.test', uri: '/often', time: START - 10_000 + i })),
    ...many(100_000, (i) => ({
      host: 'a.test',
      uri: i % 100 === 99 ? '/often' : `/${i}`,
      time: START + Math.floor(i / 1_667) * 1_000,
      client: `10.1.${i >> 8}.${i & 255}`,
      userAgent: `agent ${i}`,
      seconds: 0.1,
    })),
  ])
  expect(ask(rollUp, { figures: ['requests'] }).rows[0]?.figures).toEqual([100_000])
  const byHost = ask(rollUp, { figures: ['requests'], groupBy: ['host'] })
  expect(byHost.rows).toEqual([{ group: ['a.test'], figures: [100_000] }])
  const byPath = ask(rollUp, { figures: ['requests'], groupBy: ['path'] })
  expect([byPath.rows[0], byPath.rows.at(-1)?.group, byPath.approximate]).toEqual([
    { group: ['/often'], figures: [1_000] },
    [OTHER],
    true,
  ])
  expect(byPath.rows.reduce((sum, row) => sum + (row.figures[0] ?? 0), 0)).toBe(100_000)
  expect(rollUp.rows()).toBeLessThan(20_000)
})

test('rows are bounded: the narrowest of the oldest intervals go first, and older times are answered from wider ones', () => {
  const hour = many(360, (i) =>
    many(20, (j) => ({ time: START + i * 10_000, host: `h${j}.test`, uri: `/${j}` })),
  ).flat()
  const rollUp = recorded(hour, { maxRows: 5_000 })
  expect(rollUp.rows()).toBeLessThanOrEqual(5_000)
  const answer = ask(rollUp, { to: START + 3_600_000, figures: ['requests'], groupBy: ['host'] })
  expect([answer.rows.length, answer.rows[0]?.figures]).toEqual([20, [360]])
})

test('what is older than anything that is kept is counted', () => {
  const levels = [{ seconds: 10, intervals: 6, rows: 10 }]
  const rollUp = recorded([{}, { time: START - 3_600_000 }], { levels })
  rollUp.settle()
  expect([rollUp.tooOld(), ask(rollUp, { figures: ['requests'] }).rows[0]?.figures]).toEqual([1, [1]])
})

test('places are those of the clients', () => {
  const placeOf = (client: string) =>
    client.startsWith('192.') ? { country: 'CH', region: 'Bern', city: 'Thun' } : undefined
  const rollUp = recorded([{ client: '192.0.2.1' }, { client: '192.0.2.2' }, { client: '10.0.0.1' }], { placeOf })
  expect(ask(rollUp, { figures: ['requests', 'visitors'], groupBy: ['country', 'city'] }).rows).toEqual([
    { group: ['CH', 'Thun'], figures: [2, 2] },
    { group: ['', ''], figures: [1, 1] },
  ])
})

test('what roll-ups cannot tell is refused with a sentence', () => {
  const rollUp = recorded([{}])
  const whole = { from: START, to: START + 1_000 }
  const refused = [
    select(rollUp, { ...whole, figures: ['requests'], groupBy: ['client', 'path'] }),
    select(rollUp, { ...whole, figures: ['visitors'], groupBy: ['service'] }),
    select(rollUp, { ...whole, to: START, figures: ['requests'] }),
    select(rollUp, { ...whole, figures: [] }),
    select(rollUp, { ...whole, figures: ['requests'], filter: [{ dimension: 'host', operator: '<', value: '3' }] }),
  ]
  expect(refused.map((answer) => (answer.ok ? '' : answer.message.slice(0, 45)))).toEqual([
    'requests by client and path cannot be told fr',
    'visitors by service cannot be told from roll-',
    'The time has to begin before it ends.',
    'No figure is asked for.',
    'host is a text: < compares numbers, which sta',
  ])
})
