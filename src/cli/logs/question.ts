import type { AnalyticsStatus, Condition } from '../../observe/analytics.js'
import type { Source } from './log-source.js'
import { openLogs, type SourceFlags } from './source.js'
import { filterOf, spanOf, tellLosses, type FilterFlags } from './span.js'

/** What a command asks, of what, and of which time. */
export interface Question {
  readonly source: Source
  readonly status: AnalyticsStatus
  readonly filter: readonly Condition[]
  readonly span: { readonly from: number; readonly to: number }
}

/**
 * Reads the conditions, opens the log, and says on standard error what of it does not count. A sentence where that
 * cannot be.
 */
export async function openQuestion(
  files: readonly string[],
  flags: SourceFlags & FilterFlags,
): Promise<Question | string> {
  const filter = filterOf(flags)
  if (typeof filter === 'string') return filter
  const source = await openLogs(files, flags)
  if (typeof source === 'string') return source
  const status = await source.status()
  tellLosses(status)
  return { source, status, filter, span: spanOf(status, source, flags.since) }
}
