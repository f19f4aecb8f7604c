import type { UpstreamDocument } from '../../model/documents.js'
import type { SplitSettings } from '../../model/features.js'
import type { Table } from '../../model/table.js'
import { readCookie } from '../../request/cookie.js'
import type { Passage } from '../../request/passage.js'
import type { RequestPort } from '../../request/port.js'
import { backendKeyOf, isBoundTo, parseSession } from '../../request/session.js'
import type { Split, SplitReason } from '../../request/split-outcome.js'
import { decideSplit } from '../../request/split.js'
import type { EndpointStep } from '../../request/step.js'

/** Sends the requests of a canary to its upstream (CAN-7), as long as that has endpoints (CAN-11). */
export const canary: EndpointStep = {
  family: 'canary',
  run: (passage, upstream, request, table) => {
    const settings = upstream.features?.canary
    return settings === undefined ? undefined : choose(settings, passage, upstream, request, table)
  },
}

function choose(
  settings: SplitSettings,
  passage: Passage,
  main: UpstreamDocument,
  request: RequestPort,
  table: Table,
): UpstreamDocument | undefined {
  const other = table.upstream(settings.upstream)
  if (other === undefined || other.addresses.length === 0) {
    passage.split = { by: 'canary', side: 'main', why: WITHOUT_ENDPOINT, main, settings }
    return undefined
  }
  const { side, why } = askSession(settings, main, other, request) ?? decideSplit(settings, main.key, request)
  if (side === 'main') {
    passage.split = { by: 'canary', side, why, main, settings }
    return undefined
  }
  passage.split = { by: 'canary', side, why, main, settings, logged: other.label }
  return other
}

const WITHOUT_ENDPOINT: SplitReason = { kind: 'no-endpoint' }
const BOUND_TO_MAIN: Split = { side: 'main', why: { kind: 'session' } }
const BOUND_TO_ALTERNATIVE: Split = { side: 'alternative', why: { kind: 'session' } }

/** AFF-10: a client that is bound stays where it is, whatever the rules say. */
function askSession(
  { legacy }: SplitSettings,
  main: UpstreamDocument,
  other: UpstreamDocument,
  request: RequestPort,
): Split | undefined {
  const affinity = main.features?.affinity
  if (affinity === undefined) return undefined
  const session = parseSession(readCookie(request.header('cookie'), affinity.cookie.name))
  if (session?.backend === undefined) return undefined
  if (isBoundTo(session, backendKeyOf(main.label, request.md5))) return BOUND_TO_MAIN
  if (legacy === true || !isBoundTo(session, backendKeyOf(other.label, request.md5))) return undefined
  return BOUND_TO_ALTERNATIVE
}
