import type { RecordView } from '../observe/analytics.js'
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
  // Which of the two it came by is not in the line; only redirects to HTTPS differ.
  const url = record.host === undefined ? undefined : `https://${record.host}${record.uri ?? '/'}`
  return { record, url }
}
