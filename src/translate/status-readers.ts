import type { Values } from '../configmap/index.js'
import { cidrList } from '../features/kinds/cidr-list.js'
import type { AddressRanges } from '../model/address-ranges.js'

/**
 * Who may read `/nginx_status`: this machine, unless a key says otherwise of one of the two protocols; a key that is
 * there and empty names nobody.
 */
export function statusReadersOf(values: Values): AddressRanges {
  const v4 = values['nginx-status-ipv4-whitelist'] ?? ['127.0.0.1']
  const v6 = values['nginx-status-ipv6-whitelist'] ?? ['::1']
  const read = cidrList.parse([...v4, ...v6].join(','))
  return read.ok ? read.value : {}
}
