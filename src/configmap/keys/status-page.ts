import { key } from '../declare.js'
import { addressList, readableAddresses } from '../kinds.js'

const strict = { read: readableAddresses, instead: 'the other items hold' }

/** Who may see NGINX's own counters. Source: configmap.md, "Security policy"; observability.md section 1; DEF-4. */
export const statusPage = {
  'nginx-status-ipv4-whitelist': key({
    kind: addressList,
    doc: 'Clients that may read /nginx_status of hosts that nobody declares; all others are answered 403.',
    fallback: '127.0.0.1',
    example: '127.0.0.1,192.0.2.0/24',
    changes: 'table',
    strict,
  }),
  'nginx-status-ipv6-whitelist': key({
    kind: addressList,
    doc: 'The same for IPv6.',
    fallback: '::1',
    example: '::1,2001:db8::/32',
    changes: 'table',
    strict,
  }),
}
