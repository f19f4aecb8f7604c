import type { LimitChoices } from '../../model/documents.js'
import type { LimitSettings } from '../../model/features.js'
import type { TextPart } from '../../model/text-part.js'
import { includesAddress } from '../../request/cidr.js'
import type { Passage } from '../../request/passage.js'
import type { ActingPort, EndingPort } from '../../request/port.js'
import { routeStep, type Verdict } from '../../request/step.js'
import { expandParts, parseVariables } from '../../request/variables.js'

/**
 * LIM-2..4, rates first as in NGINX. A request that cannot be counted is refused like one too many: a limit never opens
 * by itself.
 */
export const limits = routeStep('limits', limit)

const REFUSED = 503

function limit(settings: LimitSettings, passage: Passage, port: ActingPort): Verdict | undefined {
  const { exempt, rates, connections } = settings
  if (exempt !== undefined && includesAddress(exempt, port.variable('binary_remote_addr') ?? '')) return undefined
  const choices = port.limitChoices()
  const client = clientOf(choices, port)
  if (client === '') return undefined
  const counted = `${settings.counter} ${client}`
  if (rates !== undefined && port.countRequest(counted, rates) !== 'within')
    return { kind: 'answer', status: choices.requestStatus ?? REFUSED }
  if (connections === undefined) return undefined
  if (port.holdConnection(counted, connections) !== 'within')
    return { kind: 'answer', status: choices.connectionStatus ?? REFUSED }
  passage.connectionOf = counted
  port.awaitEnd(passage)
  return undefined
}

/** Any end of the request: its answer, its client gone, its worker told to finish. */
export const releaseConnection = routeStep('limits', release)

function release(_settings: LimitSettings, { connectionOf }: Passage, port: EndingPort): void {
  if (connectionOf !== undefined) port.releaseConnection(connectionOf)
}

/** A longer key is counted by its digest. */
const LONGEST_KEY = 64

/** As with NGINX's own limits, a key without text means that the request is not counted. */
function clientOf({ key }: LimitChoices, port: ActingPort): string {
  if (key === undefined) return port.variable('binary_remote_addr') ?? ''
  const text = expandParts(partsOf(key), port.variable)
  return text.length > LONGEST_KEY ? port.md5(text) : text
}

let parsedKey = ''
let parsedParts: readonly TextPart[] = []

function partsOf(key: string): readonly TextPart[] {
  if (key !== parsedKey) {
    parsedKey = key
    parsedParts = parseVariables(key)
  }
  return parsedParts
}
