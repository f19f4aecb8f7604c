import { readFileSync } from 'node:fs'
import type { RecordView } from '../observe/analytics.js'
import { guesses, parseFormat } from '../observe/logs/formats.js'
import { compileParser, joinParsers } from '../observe/logs/parser.js'
import { createRecord } from '../observe/logs/record.js'
import { viewOf } from '../observe/logs/view.js'
import { findRequest } from './logs/ask-controller.js'

export interface FoundRequest {
  readonly record: RecordView
  /** As it was asked for; undefined: the line of the log has no host in it. */
  readonly url: string | undefined
}

/** The request of an id, from the log of a controller that runs. A sentence if it cannot be had. */
export async function findLoggedRequest(
  stateDir: string | undefined,
  requestId: string,
): Promise<FoundRequest | string> {
  if (stateDir === undefined) return '--request-id needs the --state-dir of the controller that served the request'
  const record = await findRequest(stateDir, requestId)
  if (typeof record === 'string') return record
  if (record === null) return `the lines that are kept have no request ${JSON.stringify(requestId)}`
  return found(record)
}

/**
 * The request of a line of an access log: of one of the formats that are known, or of `format` (a text with variables, as in
 * log-format-upstream). `-` is the first line of standard input. A sentence if it cannot be read.
 */
export function readLoggedRequest(given: string, format: string | undefined): FoundRequest | string {
  const [first = ''] = (given === '-' ? readFileSync(0, 'utf8') : given).split('\n')
  const line = Buffer.from(first.trim(), 'utf8').toString('latin1')
  const record = createRecord()
  const formats =
    format === undefined ? guesses : (['default', 'json'] as const).map((escape) => parseFormat(format, escape))
  const parse = joinParsers(formats.map((one) => compileParser(one, Date.now)))
  if (parse(line, record)) return found(viewOf(record))
  return format === undefined
    ? 'The line is of no format that is known; give its own with --log-format, as log-format-upstream has it.'
    : 'The line is not of the format of --log-format.'
}

function found(record: RecordView): FoundRequest {
  // Which of the two it came by is not in the line; only redirects to HTTPS differ.
  const url = record.host === undefined ? undefined : `https://${record.host}${record.uri ?? '/'}`
  return { record, url }
}
