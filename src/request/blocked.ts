import type { BlockedClients, HeaderTest } from '../model/blocked-clients.js'
import { includesAddress } from './cidr.js'
import type { RequestPort } from './port.js'

/** Whether a request comes from somebody who is answered 403 everywhere. A match that fails counts as one. */
export function isBlocked({ addresses, userAgents, referers }: BlockedClients, request: RequestPort): boolean {
  return (
    (addresses !== undefined && includesAddress(addresses, request.variable('binary_remote_addr') ?? '')) ||
    (userAgents !== undefined && isAmong(userAgents, request.header('User-Agent') ?? '', request)) ||
    (referers !== undefined && isAmong(referers, request.header('Referer') ?? '', request))
  )
}

function isAmong(tests: readonly HeaderTest[], value: string, { match }: RequestPort): boolean {
  for (const { test, value: wanted } of tests) {
    if (test === 'equals') {
      if (value === wanted) return true
    } else if (match(wanted, value, test === 'pattern' ? 'exact' : 'caseless').kind !== 'none') return true
  }
  return false
}
