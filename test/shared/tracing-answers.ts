import type { Table } from '../../src/model/table.js'
import { parseTraceParent, sampleOf } from '../../src/request/trace-context.js'

/** What a header `traceparent` says, and how its trace is sampled. */
export function answerTraceParent(_table: Table, text = ''): string {
  const found = parseTraceParent(text)
  return found === undefined
    ? 'none'
    : `${found.trace} ${found.span} ${found.sampled} ${sampleOf(found.trace) % 1000003}`
}
