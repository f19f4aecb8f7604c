import type { Dimension, Figure } from '../../observe/analytics.js'
import { printAnswer } from './print-answer.js'
import { openQuestion } from './question.js'
import type { SourceFlags } from './source.js'
import { fail, formOf, type FilterFlags } from './span.js'

export interface TopFlags extends SourceFlags, FilterFlags {
  readonly by: readonly Dimension[]
  readonly figures?: readonly Figure[]
  readonly sort?: Figure
  readonly limit: number
}

const USUAL: readonly Figure[] = ['requests', 'errorShare', 'serverErrorShare', 'latencyAverage', 'bytesSent']

/** `fairlead logs top`. */
export async function topOfLogs(files: readonly string[], flags: TopFlags): Promise<void> {
  const question = await openQuestion(files, flags)
  if (typeof question === 'string') return fail(question)
  const { source, status, filter, span } = question
  if (status.records === 0 && status.unparsable > 0 && files.length > 0)
    return fail('No line could be read; --format says how the lines are made.')
  const figures = flags.figures ?? USUAL
  const asked = [...figures, ...(flags.sort === undefined || figures.includes(flags.sort) ? [] : [flags.sort])]
  const answer = await source.query({
    ...span,
    prefer: 'lines',
    filter,
    groupBy: flags.by,
    figures: asked,
    limit: flags.limit,
    ...(flags.sort === undefined ? {} : { order: { by: flags.sort, direction: 'most' } }),
  })
  if (!answer.ok) return fail(answer.message)
  process.stdout.write(printAnswer(answer, { ...span, groupBy: flags.by, figures: asked }, formOf(flags)))
}
