import type { Answer, AnswerRow, Query } from '../../analytics.js'
import { keyOf } from '../cubes.js'
import { createTally, figureOf } from '../tally.js'
import type { Row } from './database.js'

const MOST_ROWS = 200_000

/** The rows of a statement as an answer; steps in which nothing happened are filled in. */
export function answerOf(query: Query, rows: readonly Row[]): Answer {
  const { stepSeconds } = query
  const found = rows.map((row): AnswerRow => rowOf(query, row))
  if (stepSeconds === undefined) return answer(found)
  const groups = new Map<string, { readonly group: readonly string[]; readonly steps: Map<number, AnswerRow> }>()
  for (const row of found) {
    const key = keyOf(row.group)
    const known = groups.get(key) ?? { group: row.group, steps: new Map<number, AnswerRow>() }
    groups.set(key, known)
    if (row.time !== undefined) known.steps.set(row.time, row)
  }
  if ((query.groupBy ?? []).length === 0 && groups.size === 0) groups.set('', { group: [], steps: new Map() })
  const width = Math.floor(stepSeconds) * 1000
  if (groups.size * ((query.to - query.from) / width) > MOST_ROWS)
    return {
      ok: false,
      message: `That is more than ${MOST_ROWS} rows: ask for a shorter time, wider steps or fewer groups.`,
    }
  const nothing = query.figures.map((figure) => figureOf(figure, createTally(), stepSeconds))
  const filled: AnswerRow[] = []
  for (const { group, steps } of groups.values())
    for (let time = query.from; time < query.to; time += width)
      filled.push(steps.get(time) ?? { time, group, figures: nothing })
  return answer(filled)
}

function rowOf({ groupBy = [], figures, stepSeconds }: Query, row: Row): AnswerRow {
  return {
    ...(stepSeconds === undefined ? {} : { time: Number(row['step']) }),
    group: groupBy.map((_, i) => textOf(row[`g${i}`])),
    figures: figures.map((_, i) => {
      const value = row[`f${i}`]
      return typeof value === 'number' ? value : null
    }),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function answer(rows: readonly AnswerRow[]): Answer {
  return { ok: true, rows, resolutionSeconds: 0, source: 'raw', approximate: false }
}
