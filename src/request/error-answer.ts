import type { UpstreamDocument } from '../model/documents.js'
import type { ErrorSettings } from '../model/features.js'
import { DEFAULT_BACKEND } from '../model/keys.js'
import { contains } from '../model/numbers.js'
import type { Table } from '../model/table.js'
import type { Passage } from './passage.js'
import type { RequestPort } from './port.js'
import { expandParts } from './variables.js'

/** ERR-1: the settings by which an answer with this status is replaced; undefined: it stays. An error page stays. */
export function replacing(passage: Passage | undefined, status: number): ErrorSettings | undefined {
  const errors = passage?.route.features?.errors
  if (errors?.codes === undefined || passage?.replaced === true) return undefined
  return contains(errors.codes, status) ? errors : undefined
}

/**
 * Whether the request is one that an error backend gets (ERR-2, ERR-5), so that it came back by a name that leads here.
 * Asking again would go round until there are no connections left; a client that says so gets a plain page, and never
 * the backend's own.
 */
export function isErrorRequest(request: RequestPort): boolean {
  return request.header('x-code') !== undefined && request.header('x-ingress-name') !== undefined
}

/** Who answers in place of a failed answer (ERR-1, ERR-8); one without endpoints answers with its `emptyStatus` (ERR-7). */
export function errorBackend(errors: ErrorSettings, table: Table): UpstreamDocument | undefined {
  if (errors.backend !== undefined && errors.global !== true) {
    const own = table.upstream(errors.backend)
    if (own !== undefined && own.addresses.length > 0) return own
  }
  return table.upstream(DEFAULT_BACKEND)
}

/** What an error backend is told by headers; empty: nothing (ERR-2). Texts of an Ingress go as they are, so escape them. */
export interface ErrorFacts {
  readonly code: string
  readonly namespace: string
  readonly ingress: string
  readonly service: string
  readonly port: string
}

export function factsOf(errors: ErrorSettings, status: number, request: RequestPort): ErrorFacts {
  const { namespace, ingress, service, port } = errors
  return {
    code: `${status}`,
    namespace,
    ingress,
    service: expandParts(service, request.variable),
    port: expandParts(port, request.variable),
  }
}
