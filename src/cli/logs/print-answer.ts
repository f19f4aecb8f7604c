import type { Answer, AnswerRow, Dimension, Figure } from '../../observe/analytics.js'
import { csvLine, printable, printableJson } from './safe-text.js'

type Given = Answer & { readonly ok: true }

export type Form = 'table' | 'json' | 'csv'

/** An answer for people, programs or spreadsheets. */
export function printAnswer(
  answer: Given,
  {
    groupBy,
    figures,
    from,
    to,
  }: {
    readonly groupBy: readonly Dimension[]
    readonly figures: readonly Figure[]
    readonly from: number
    readonly to: number
  },
  form: Form,
): string {
  switch (form) {
    case 'json': {
      const rows = answer.rows.map((row) => ({ ...named(groupBy, row.group), ...named(figures, row.figures) }))
      const { source, resolutionSeconds, approximate } = answer
      const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
      return `${printableJson({ ...span, source, resolutionSeconds, approximate, rows }, 2)}\n`
    }
    case 'csv':
      return [
        csvLine([...groupBy, ...figures]),
        ...answer.rows.map((row) => csvLine([...row.group, ...row.figures])),
      ].join('')
    case 'table':
      return printTable(
        [...figures, ...groupBy],
        answer.rows.map((row) => cellsOf(row, figures)),
        figures.length,
      )
  }
}

function cellsOf({ group, figures: values }: AnswerRow, figures: readonly Figure[]): readonly string[] {
  const texts = group.map((value) => (value === '' ? '-' : printable(value)))
  return [...values.map((value, i) => showFigure(figures[i] ?? 'requests', value)), ...texts]
}

/** @param numbers how many of the columns, from the left, are numbers: they stand on the right */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[], numbers: number): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? '').length)))
  return all
    .map((cells) =>
      cells
        .map((cell, i) => (i < numbers ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

/** `-`: there was nothing to measure. */
export function showFigure(figure: Figure, value: number | null): string {
  if (value === null) return '-'
  if (figure.endsWith('Share')) return `${(value * 100).toFixed(2)}%`
  if (/^(latency|upstreamLatency)/.test(figure))
    return value >= 10 ? `${value.toFixed(1)}s` : `${Math.round(value * 1000)}ms`
  if (figure === 'bytesSent' || figure === 'requestBytes') return showBytes(value)
  return Number.isInteger(value) ? String(value) : value.toFixed(2)
}

function showBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let value = bytes
  let unit = 0
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`
}

function named<Name extends string, T>(names: readonly Name[], values: readonly T[]): Partial<Record<Name, T>> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Partial<Record<Name, T>> // made of these names
}
