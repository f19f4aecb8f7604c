import { expect, test } from 'vitest'
import { createLogEngine } from '../logs/engine.js'
import { parseFormat } from '../logs/formats.js'
import type { BoardSource } from './ask.js'
import { type BoardChoice, type BoardName, boardTitles, isBoardName, makeBoard } from './boards.js'
import type { Panel, PanelData } from './panel.js'

const MINUTE = 60_000
const NOW = Date.UTC(2026, 10, 26, 12)
const NOTHING_CHOSEN: BoardChoice = { host: '', a: '', b: '', kind: 'recent' }
const PHONE = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile Safari/537.36'

interface Request {
  readonly minutesAgo: number
  readonly status?: number
  readonly seconds?: number
  readonly service?: string
  readonly alternative?: string
  readonly path?: string
  readonly agent?: string
  readonly client?: string
}

/** A line in ACK's format. */
function line(request: Request): string {
  const { minutesAgo, status = 200, seconds = 0.01, service = 'shop-front-80', alternative = '', path = '/' } = request
  const { agent = 'curl/8', client = '192.0.2.7' } = request
  const time = new Date(NOW - minutesAgo * MINUTE - 1_000).toISOString()
  const stamp = `${time.slice(8, 10)}/Nov/2026:${time.slice(11, 19)} +0000`
  const upstream = service === '' ? '-' : String(status)
  return `${client} - [${client}] - - [${stamp}] "GET ${path} HTTP/1.1" ${status} 1000 "-" "${agent}" 200 ${seconds} [${service}] - - - ${upstream} id shop.test [${alternative}]\n`
}

function sourceOf(requests: readonly Request[]): BoardSource {
  const engine = createLogEngine({ formats: [parseFormat('ack')], now: () => NOW })
  engine.read(Buffer.from(requests.map(line).join('')))
  return { query: (query) => Promise.resolve(engine.query(query)), status: () => Promise.resolve(engine.status()) }
}

async function panels(
  name: BoardName,
  requests: readonly Request[],
  choice = NOTHING_CHOSEN,
): Promise<ReadonlyMap<string, Panel>> {
  const board = await makeBoard(name, choice, sourceOf(requests), NOW)
  if ('nothing' in board) throw new Error(board.nothing)
  return new Map(board.panels.map((panel) => [panel.title, panel]))
}

function figuresOf(data: PanelData | undefined): Readonly<Record<string, unknown>> {
  if (data?.kind !== 'figures') throw new Error(`not figures: ${data?.kind}`)
  return Object.fromEntries(data.figures.map(({ label, value }) => [label, value]))
}

function rowsOf(data: PanelData | undefined): readonly (readonly [string, unknown])[] {
  if (data?.kind !== 'table') throw new Error(`not a table: ${data?.kind}`)
  return data.rows.map(({ name, values: [first] }) => [name, first])
}

const repeat = (count: number, request: Request): readonly Request[] => Array.from({ length: count }, () => request)

test('before the first line every board says so, and a name that is none is none', async () => {
  for (const name of Object.keys(boardTitles).filter(isBoardName))
    expect(await makeBoard(name, NOTHING_CHOSEN, sourceOf([]), NOW)).toMatchObject({
      nothing: expect.stringContaining('No line of the access log yet') as unknown,
    })
  expect(['overview', 'blue-green', 'toString', '', '__proto__'].map(isBoardName)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

test('traffic: the day beside the day before, the last minute, and the URLs that come first', async () => {
  const found = await panels('overview', [
    ...repeat(30, { minutesAgo: 30, path: '/a', agent: PHONE }),
    ...repeat(10, { minutesAgo: 20, path: '/b?q=1', status: 404, client: '192.0.2.8' }),
    ...repeat(6, { minutesAgo: 0, path: '/c', status: 502, seconds: 2 }),
    ...repeat(23, { minutesAgo: 30 * 60 }),
  ])
  const day = found.get('Day')?.data
  expect(figuresOf(day)).toMatchObject({ PV: 46, UV: 2, 'Inbound traffic': 9_200, 'Outbound traffic': 46_000 })
  expect(figuresOf(day)['Mobile share']).toBeCloseTo(30 / 46)
  expect(day?.kind === 'figures' && day.figures[0]?.before).toBe(23)
  expect(figuresOf(found.get('Now')?.data)).toMatchObject({ PV: 6, 'Success rate': 0, '5xx share': 1 })
  expect(rowsOf(found.get('Top URLs by PV')?.data)).toEqual([
    ['shop.test/a', 30],
    ['shop.test/b', 10],
    ['shop.test/c', 6],
  ])
  expect(rowsOf(found.get('Top URLs by 5xx')?.data)).toEqual([['shop.test/c', 6]])
  expect(rowsOf(found.get('Top URLs by 404')?.data)).toEqual([['shop.test/b', 10]])
  expect(rowsOf(found.get('Top URLs by latency')?.data)[0]?.[0]).toBe('shop.test/c')
  const trend = found.get('PV trend')?.data
  expect(trend?.kind === 'series' && trend.lines.map(({ label }) => label)).toEqual(['today', 'a day before'])
})

test('access: who came, with what', async () => {
  const found = await panels('access', [
    ...repeat(3, { minutesAgo: 5, agent: PHONE, client: '192.0.2.1' }),
    ...repeat(1, { minutesAgo: 5, client: '192.0.2.2' }),
  ])
  expect(figuresOf(found.get('Visitors')?.data)).toMatchObject({ UV: 2, PV: 4, 'Android share': 0.75, 'iOS share': 0 })
  expect(rowsOf(found.get('Top client addresses')?.data)).toEqual([
    ['192.0.2.1', 3],
    ['192.0.2.2', 1],
  ])
  expect(found.get('Geography')?.data).toMatchObject({ kind: 'nothing' })
})

test('monitoring: shares, statuses and Services of the hour, of all hosts or of one', async () => {
  const requests = [
    ...repeat(6, { minutesAgo: 10 }),
    ...repeat(3, { minutesAgo: 10, status: 500, service: 'shop-cart-80', seconds: 0.5 }),
    ...repeat(1, { minutesAgo: 10, status: 308, service: '' }),
    ...repeat(50, { minutesAgo: 90 }),
  ]
  const found = await panels('monitoring', requests)
  const answers = figuresOf(found.get('Answers')?.data)
  expect(answers).toMatchObject({ 'Success rate': 0.7, '5xx share': 0.3, 'Not forwarded': 0.1 })
  expect(rowsOf(found.get('Top Services by failure rate')?.data)).toEqual([['shop-cart-80', 1]])
  expect(rowsOf(found.get('Top Services by PV')?.data)).toEqual([
    ['shop-front-80', 6],
    ['shop-cart-80', 3],
    ['(none)', 1],
  ])
  const other = await panels('monitoring', requests, { ...NOTHING_CHOSEN, host: 'other.test' })
  expect(figuresOf(other.get('Answers')?.data)['Success rate']).toBeNull()
})

test('blue/green: two Services side by side; the alternative counts for itself', async () => {
  const requests = [
    ...repeat(8, { minutesAgo: 10, seconds: 0.1 }),
    ...repeat(2, { minutesAgo: 10, seconds: 0.4, alternative: 'shop-next-80', status: 500 }),
  ]
  const found = await panels('blue-green', requests, { ...NOTHING_CHOSEN, a: 'shop-front-80', b: 'shop-next-80' })
  const compared = found.get('A and B')?.data
  expect(compared?.kind === 'compare' && compared.rows.slice(0, 3)).toMatchObject([
    { label: 'PV', a: 8, b: 2 },
    { label: '5xx share', a: 0, b: 1 },
    { label: 'Success rate', a: 1, b: 0 },
  ])
  const unchosen = await panels('blue-green', requests)
  expect(unchosen.get('A and B')?.data).toMatchObject({ kind: 'nothing' })
})

test('exceptions: a minute in which a Service failed is marked on the curve and counted for it', async () => {
  const calm = Array.from({ length: 60 }, (_, i) => repeat(5, { minutesAgo: i + 1 })).flat()
  const storm = repeat(5, { minutesAgo: 4, status: 503, seconds: 3 })
  const found = await panels('exceptions', [...calm, ...storm])
  const curve = found.get('5xx share')?.data
  expect(curve?.kind === 'series' && curve.marks).toHaveLength(1)
  expect(rowsOf(found.get('Services')?.data)[0]).toEqual(['shop-front-80', expect.any(Number)])
  const quiet = await panels('exceptions', calm)
  const flat = quiet.get('5xx share')?.data
  expect(flat?.kind === 'series' && flat.marks).toEqual([])
})

test('exceptions by season: an hour with more errors than the same hour of other days is marked; without such days it says so', async () => {
  const day = 24 * 60
  const calm = Array.from({ length: 7 * 24 }, (_, hour) => repeat(4, { minutesAgo: hour * 60 + 10 })).flat()
  const storm = repeat(8, { minutesAgo: 2 * 60 + 20, status: 503 })
  const season: BoardChoice = { ...NOTHING_CHOSEN, kind: 'season' }
  const found = await panels('exceptions', [...calm, ...storm], season)
  const curve = found.get('5xx share')?.data
  expect(curve?.kind === 'series' && curve.marks.map(({ time }) => (NOW - time) / MINUTE)).toEqual([180])
  expect(curve?.kind === 'series' && curve.lines.map(({ label }) => label)).toEqual(['5xx share', 'usual'])
  expect(rowsOf(found.get('Services')?.data)[0]).toEqual(['shop-front-80', 1])
  const young = await panels('exceptions', repeat(5, { minutesAgo: day }), season)
  expect([...young.values()].map(({ data }) => data)).toMatchObject([
    { kind: 'nothing', reason: expect.stringContaining('4 days') as unknown },
  ])
})

test('the day is beside a week before too, and each status says its part of all', async () => {
  const requests = [
    ...repeat(20, { minutesAgo: 30 }),
    ...repeat(5, { minutesAgo: 30, status: 404 }),
    ...repeat(10, { minutesAgo: 7 * 24 * 60 + 120 }),
  ]
  const day = (await panels('overview', requests)).get('Day')?.data
  expect(day?.kind === 'figures' && day.figures[0]).toMatchObject({ value: 25, before: 0, weekBefore: 10 })
  const statuses = (await panels('monitoring', requests)).get('Status codes')?.data
  expect(statuses?.kind === 'table' && statuses.columns.map(({ title }) => title)).toEqual(['PV', 'Share'])
  expect(statuses?.kind === 'table' && statuses.rows.map(({ values }) => values)).toEqual([
    [20, 0.8],
    [5, 0.2],
  ])
})
