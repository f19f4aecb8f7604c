import type { LimitChoices } from '../../model/documents.js'
import type { LimitSettings } from '../../model/features.js'
import type { TextPart } from '../../model/text-part.js'
import { includesAddress } from '../../request/cidr.js'
import type { Passage } from '../../request/passage.js'
import type { ActingPort } from '../../request/port.js'
import { routeStep, type Verdict } from '../../request/step.js'
import { expandParts, parseVariables } from '../../request/variables.js'

/** LIM-2 and LIM-4. A request that cannot be counted is refused like one too many: a limit never opens by itself. */
export const limits = routeStep('limits', limit)

const REFUSED = 503

function limit(settings: LimitSettings, _passage: Passage, port: ActingPort): Verdict | undefined {
  const { exempt, rates } = settings
  if (exempt !== undefined && includesAddress(exempt, port.variable('binary_remote_addr') ?? '')) return undefined
  const choices = port.limitChoices()
  const client = clientOf(choices, port)
  if (client === '') return undefined
  if (rates !== undefined && port.countRequest(`${settings.counter} ${client}`, rates) !== 'within')
    return { kind: 'answer', status: choices.requestStatus ?? REFUSED }
  return undefined
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
