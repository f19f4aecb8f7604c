import type { AddressListSettings } from '../../model/features.js'
import { includesAddress } from '../../request/cidr.js'
import type { ActingPort } from '../../request/port.js'
import { routeStep, type Access, type Verdict } from '../../request/step.js'

/** IP-2: nobody gets around a deny list, whatever else is satisfied. */
export const denied = routeStep('denied', (list, _, port: ActingPort): Verdict | undefined => {
  const found = find(list, port)
  return found === 'missing' ? CLOSED : found === 'listed' ? REFUSED : undefined
})

export const allowed = routeStep('allowed', (list, _, port: ActingPort): Access => {
  const found = find(list, port)
  return found === 'missing' ? CLOSED : found === 'listed' ? 'granted' : REFUSED
})

const REFUSED: Verdict = { kind: 'answer', status: 403 }
const CLOSED: Verdict = { kind: 'answer', status: 503 }

/** IP-1: the address is that of the client, after PROXY protocol and forwarded headers. */
function find({ ranges: key }: AddressListSettings, port: ActingPort): 'listed' | 'unlisted' | 'missing' {
  const list = port.attachment(key)
  const address = port.variable('binary_remote_addr')
  if (list?.kind !== 'ranges' || address === undefined) return 'missing'
  return includesAddress(list.ranges, address) ? 'listed' : 'unlisted'
}
