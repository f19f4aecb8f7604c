import type { Figure } from '../../observe/analytics.js'
import { printTable, showFigure } from './print-answer.js'
import { openQuestion } from './question.js'
import { csvLine, printable, printableJson } from './safe-text.js'
import type { SourceFlags } from './source.js'
import { fail, formOf, type FilterFlags } from './span.js'

export interface CompareFlags extends SourceFlags, FilterFlags {
  readonly a: string
  readonly b: string
}

/** Those of ack.md 5.4. */
const FIGURES = [
  'requests',
  'successShare',
  'serverErrorShare',
  'latencyAverage',
  'latencyP95',
  'latencyP99',
  'latencyP999',
  'latencyP9999',
  'bytesSent',
] as const satisfies readonly Figure[]

/** `fairlead logs compare`: two services side by side; a canary counts for what served (fields 14 and 21 of ack.md 4.1). */
export async function compareLogs(files: readonly string[], flags: CompareFlags): Promise<void> {
  const question = await openQuestion(files, flags)
  if (typeof question === 'string') return fail(question)
  const { source, filter, span } = question
  const columns: (readonly (number | null)[])[] = []
  for (const service of [flags.a, flags.b]) {
    const answer = await source.query({
      ...span,
      prefer: 'lines',
      figures: FIGURES,
      filter: [...filter, { dimension: 'service', operator: '=', value: service }],
    })
    if (!answer.ok) return fail(answer.message)
    const values = answer.rows[0]?.figures ?? []
    if (values[0] === 0) process.stderr.write(`fairlead: There is no request of ${printable(service)}.\n`)
    columns.push(values)
  }
  const [a = [], b = []] = columns
  const rows = FIGURES.map((figure, i) => ({ figure, a: a[i] ?? null, b: b[i] ?? null }))
  process.stdout.write(print(rows, flags))
}

function print(
  rows: readonly { readonly figure: Figure; readonly a: number | null; readonly b: number | null }[],
  flags: CompareFlags,
): string {
  switch (formOf(flags)) {
    case 'json':
      return `${printableJson({ a: flags.a, b: flags.b, figures: Object.fromEntries(rows.map(({ figure, a, b }) => [figure, { a, b }])) }, 2)}\n`
    case 'csv':
      return [csvLine(['figure', flags.a, flags.b]), ...rows.map(({ figure, a, b }) => csvLine([figure, a, b]))].join(
        '',
      )
    case 'table':
      return printTable(
        [printable(flags.a), printable(flags.b), 'figure'],
        rows.map(({ figure, a, b }) => [showFigure(figure, a), showFigure(figure, b), figure]),
        2,
      )
  }
}
