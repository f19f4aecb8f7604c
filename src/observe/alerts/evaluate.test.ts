import { describe, expect, test } from 'vitest'
import type { Analytics, AnswerRow, Query } from '../analytics.js'
import { look, MOST_SERIES, type Look } from './evaluate.js'
import { readConfig } from './read-config.js'
import type { Rule } from './rule.js'

const NOW = 1_000_000_000

function rule(fields: string): Rule {
  const read = readConfig(`rules: [{ name: r, ${fields} }]`)
  const [found] = read.ok ? read.config.rules : []
  if (found === undefined) throw new Error(JSON.stringify(read))
  return found
}

/** Answers one after the other, and the questions there were. */
function answering(...answers: readonly (readonly AnswerRow[])[]) {
  const asked: Query[] = []
  const analytics: Pick<Analytics, 'query'> = {
    query(query) {
      const rows = answers[asked.length] ?? []
      asked.push(query)
      return Promise.resolve({ ok: true, rows, resolutionSeconds: 10, source: 'rolled-up', approximate: false })
    },
  }
  return { asked, analytics, own: () => [] }
}

const row = (group: readonly string[], ...figures: readonly (number | null)[]): AnswerRow => ({ group, figures })
const long = { now: NOW, since: 0 }

async function verdicts(found: Promise<Look>): Promise<unknown> {
  const made = await found
  return made.ok ? [...made.series.map(({ key, value, verdict }) => [key, value, verdict]), made.others] : made.message
}

test('a series for each row, over the window, the worst first', async () => {
  const parts = answering([row(['a.test', '/x'], 0.5, 10), row(['b.test', '/y'], 0.01, 10)])
  const found = look(
    rule('figure: serverErrorShare, by: [host, path], above: 10%, where: "method=GET", window: 2m'),
    parts,
    long,
  )
  expect(await verdicts(found)).toEqual([
    ['["a.test","/x"]', 0.5, 'holds'],
    ['["b.test","/y"]', 0.01, 'clear'],
    'clear',
  ])
  expect(parts.asked).toEqual([
    {
      from: NOW - 120_000,
      to: NOW,
      filter: [{ dimension: 'method', operator: '=', value: 'GET' }],
      groupBy: ['host', 'path'],
      figures: ['serverErrorShare', 'requests'],
      order: { by: 'serverErrorShare', direction: 'most' },
      limit: MOST_SERIES,
    },
  ])
})

describe('what is held against nobody', () => {
  test.each<readonly [string, string, AnswerRow, unknown]>([
    ['a share of too few requests', 'preset: success-rate, atLeast: 20', row([], 0, 19), 'clear'],
    ['a share of enough', 'preset: success-rate, atLeast: 20', row([], 0, 20), 'holds'],
    ['a share of nothing', 'preset: success-rate', row([], null, 0), 'clear'],
    ['exactly the threshold', 'preset: server-errors', row([], 0.01, 100), 'clear'],
    ['a count does not ask for enough', 'figure: requests, below: 5, atLeast: 100', row([], 4, 4), 'holds'],
  ])('%s', async (_, fields, answer, verdict) => {
    const found = await look(rule(fields), answering([answer]), long)
    expect(found.ok && found.series[0]?.verdict).toEqual(verdict)
  })
})

test('until a window is known nothing is over and nothing too little, but too much is too much', async () => {
  const since = NOW - 60_000
  const quiet = look(rule('preset: no-traffic'), answering([row([], 0, 0)]), { now: NOW, since })
  const fine = look(rule('preset: latency'), answering([row([], 0.1, 9)]), { now: NOW, since })
  const slow = look(rule('preset: latency'), answering([row([], 0.9, 9)]), { now: NOW, since })
  expect([await verdicts(quiet), await verdicts(fine), await verdicts(slow)]).toEqual([
    [['[]', 0, 'unknown'], 'unknown'],
    [['[]', 0.1, 'unknown'], 'unknown'],
    [['[]', 0.9, 'holds'], 'unknown'],
  ])
})

test('a host that was asked for within a day, and now is not there at all, has no traffic', async () => {
  const parts = answering([row(['a.test'], 7, 7)], [row(['a.test'], 900), row(['b.test'], 90), row(['(other)'], 5)])
  const found = look(rule('preset: no-traffic, by: host'), parts, long)
  expect(await verdicts(found)).toEqual([['["a.test"]', 7, 'clear'], ['["b.test"]', 0, 'holds'], 'clear'])
  expect(parts.asked[1]).toMatchObject({ from: NOW - 86_400_000, groupBy: ['host'] })
})

test('of more series than are looked at the others are not over', async () => {
  const many = Array.from({ length: MOST_SERIES }, (_, i) => row([`h${i}`], 1, 1))
  const found = await look(rule('figure: requests, by: host, above: 100'), answering(many), long)
  expect(found.ok && found.others).toBe('unknown')
})

test('what the controller knows of itself', async () => {
  const own = (figure: string) =>
    figure === 'certificateDays'
      ? [
          { labels: [['secret', 'a/fresh']] as const, value: 80 },
          { labels: [['secret', 'a/old']] as const, value: -1 },
        ]
      : [{ labels: [], value: 0 }]
  const parts = { analytics: undefined, own }
  expect(await verdicts(look(rule('preset: certificate-expiry'), parts, long))).toEqual([
    ['["a/old"]', -1, 'holds'],
    ['["a/fresh"]', 80, 'clear'],
    'clear',
  ])
  expect(await verdicts(look(rule('preset: problems'), parts, long))).toEqual([['[]', 0, 'clear'], 'clear'])
  expect(await verdicts(look(rule('preset: latency'), parts, long))).toMatch(/--log-analytics/)
})

test('an answer that cannot be given says why', async () => {
  const analytics = { query: () => Promise.resolve({ ok: false as const, message: 'starting anew' }) }
  expect(await verdicts(look(rule('preset: latency'), { analytics, own: () => [] }, long))).toBe('starting anew')
})
