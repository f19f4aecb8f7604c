import type { UpstreamDocument } from '../../model/documents.js'
import type { ReleaseSettings } from '../../model/features.js'
import type { Table } from '../../model/table.js'
import { readCookie, writeCookie } from '../../request/cookie.js'
import type { Passage } from '../../request/passage.js'
import type { RequestPort, ResponsePort } from '../../request/port.js'
import type { Split, SplitReason } from '../../request/split-outcome.js'
import { decideSplit } from '../../request/split.js'
import { type EndpointStep, routeStep } from '../../request/step.js'

/** How long a client stays where a weight has sent it (ack.md section 3.1). */
const COOKIE_SECONDS = 28_800

/** Decides between the two Services of a path, before a canary has a say (ack.md section 3.1). */
export const release: EndpointStep = {
  family: 'release',
  run: (passage, main, request, table) => {
    const settings = passage.route.features?.release
    return settings === undefined ? undefined : choose(settings, passage, main, request, table)
  },
}

/** Where the chosen Service has no endpoint the other one serves. */
function choose(
  settings: ReleaseSettings,
  passage: Passage,
  main: UpstreamDocument,
  request: RequestPort,
  table: Table,
): UpstreamDocument | undefined {
  const other = table.upstream(settings.upstream)
  const hasOther = other !== undefined && other.addresses.length > 0
  if (!hasOther && main.addresses.length === 0) return undefined
  let split: Split
  if (!hasOther) split = MAIN_ALONE
  else if (main.addresses.length === 0) split = ALTERNATIVE_ALONE
  else split = askCookie(settings, main, other, request) ?? decideSplit(settings, settings.cookie, request)
  const { side, why } = split
  const chosen = side === 'alternative' ? (other ?? main) : main
  passage.split = { by: 'release', side, why, main, settings, logged: chosen.label }
  return chosen
}

const WITHOUT_ENDPOINT: SplitReason = { kind: 'no-endpoint' }
const MAIN_ALONE: Split = { side: 'main', why: WITHOUT_ENDPOINT }
const ALTERNATIVE_ALONE: Split = { side: 'alternative', why: WITHOUT_ENDPOINT }
const KEPT_AT_MAIN: Split = { side: 'main', why: { kind: 'cookie' } }
const KEPT_AT_ALTERNATIVE: Split = { side: 'alternative', why: { kind: 'cookie' } }

/** Where the client was sent before; not to a Service whose weight is nothing now, so that a release can be taken back. */
function askCookie(
  { cookie, weight }: ReleaseSettings,
  main: UpstreamDocument,
  other: UpstreamDocument,
  request: RequestPort,
): Split | undefined {
  if (weight === undefined) return undefined
  const value = readCookie(request.header('cookie'), cookie)
  if (value === main.label && weight.weight < weight.total) return KEPT_AT_MAIN
  return value === other.label && weight.weight > 0 ? KEPT_AT_ALTERNATIVE : undefined
}

/** Writes down where a weight has sent the client, or renews that. */
export const releaseCookie = routeStep('release', setCookie)

function setCookie({ cookie, cookiePath }: ReleaseSettings, passage: Passage, response: ResponsePort): void {
  const { split } = passage
  if (split?.by !== 'release' || split.logged === undefined) return
  if (split.why.kind !== 'weight' && split.why.kind !== 'cookie') return
  response.addAnswer(
    'Set-Cookie',
    writeCookie({
      name: cookie,
      value: split.logged,
      maxAgeSeconds: COOKIE_SECONDS,
      path: cookiePath,
      secure: passage.asked.scheme() === 'https',
      httpOnly: true,
    }),
  )
}
