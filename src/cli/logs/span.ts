import type { AnalyticsStatus, Condition } from '../../observe/analytics.js'
import { parseWhere } from '../../observe/logs/where.js'
import type { Form } from './print-answer.js'
import { printable } from './safe-text.js'
import type { Source } from './log-source.js'

export interface FilterFlags {
  readonly where?: string
  /** Milliseconds. */
  readonly since?: number
  readonly json?: boolean
  readonly csv?: boolean
}

/** What time a question is about: all of a log, or its end. Of a controller that runs the end is now. */
export function spanOf(
  { oldest, newest }: AnalyticsStatus,
  { isLive }: Source,
  since: number | undefined,
): { readonly from: number; readonly to: number } {
  // Whole intervals, so that the last minute is one minute.
  const to = Math.ceil((isLive ? Date.now() : (newest ?? 0) + 1) / INTERVAL_MILLISECONDS) * INTERVAL_MILLISECONDS
  return { from: since === undefined ? Math.min(oldest ?? 0, to - 1) : to - since, to }
}

const INTERVAL_MILLISECONDS = 10_000

export function formOf({ json, csv }: FilterFlags): Form {
  return json === true ? 'json' : csv === true ? 'csv' : 'table'
}

/** A sentence where the conditions cannot be read. */
export function filterOf({ where }: FilterFlags): readonly Condition[] | string {
  if (where === undefined) return []
  const read = parseWhere(where)
  return read.ok ? read.filter : read.message
}

/** Says on standard error what became of lines that are in no answer. */
export function tellLosses({
  records,
  unparsable,
  unparsableSamples,
  lost,
  misdated,
  tooOld,
}: Pick<AnalyticsStatus, 'records' | 'unparsable' | 'unparsableSamples' | 'lost' | 'misdated' | 'tooOld'>): void {
  const sentences = [
    ...(unparsable === 0
      ? []
      : [
          `${unparsable} of ${records + unparsable} lines are not of the format and do not count; the last: ${printable((unparsableSamples.at(-1) ?? '').slice(0, 120))}`,
        ]),
    ...(lost === 0 ? [] : [`${lost} lines came too fast and do not count.`]),
    ...(misdated === 0 ? [] : [`${misdated} lines have a time in the future and count for now.`]),
    ...(tooOld === 0 ? [] : [`${tooOld} requests are older than what is kept and do not count.`]),
  ]
  for (const sentence of sentences) process.stderr.write(`fairlead: ${sentence}\n`)
}

/** Ends the command with a sentence. */
export function fail(sentence: string): void {
  process.stderr.write(`fairlead: ${sentence}\n`)
  process.exitCode = 2
}
