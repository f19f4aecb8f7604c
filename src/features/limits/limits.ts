import type { LimitSettings, RateLimit } from '../../model/features.js'
import { family } from '../declare.js'
import { cidrList } from '../kinds/cidr-list.js'
import { int } from '../kinds/kinds.js'

const STANDARD_MULTIPLIER = 5

/** LIM-1..4, LIM-6. Source: annotations.md section 20; ngx_http_limit_req_module, ngx_http_limit_conn_module. */
export const limits = family({
  name: 'limits',
  title: 'Rate limits',
  doc: 'What one client may take of an Ingress, all its hosts and paths together, in each replica of the controller. What goes beyond is refused with 503 (limit-req-status-code of the ConfigMap), before access checks.',
  annotations: {
    'limit-connections': {
      kind: int(),
      doc: 'Requests that one client may have under way at a time; each stream of HTTP/2 counts. Beyond it: 503 (limit-conn-status-code).',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: '0, which is no limit',
      example: '20',
    },
    'limit-rps': {
      kind: int(),
      doc: 'Requests per second that one client may make.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: '0, which is no limit',
      example: '10',
    },
    'limit-rpm': {
      kind: int(),
      doc: 'Requests per minute that one client may make.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: '0, which is no limit',
      example: '300',
    },
    'limit-burst-multiplier': {
      kind: int({ from: 1 }),
      doc: 'How many times limit-rps and limit-rpm a client may take at once, beyond the rate.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: `${STANDARD_MULTIPLIER}`,
      example: '3',
    },
    'limit-allowlist': {
      kind: cidrList,
      doc: 'Clients that are neither counted nor limited.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: '-',
      example: '10.0.0.0/8,2001:db8::/32',
      alias: 'limit-whitelist',
    },
  },
  contribute: (values, { ingress }) => {
    const multiplier = values['limit-burst-multiplier'] ?? STANDARD_MULTIPLIER
    const rates = [...rateOf(values['limit-rps'], 1, multiplier), ...rateOf(values['limit-rpm'], 60, multiplier)]
    const connections = values['limit-connections'] ?? 0
    if (rates.length === 0 && connections <= 0) return {}
    const exempt = values['limit-allowlist']
    const settings: LimitSettings = {
      counter: `${ingress.namespace}/${ingress.name}`,
      ...(rates.length === 0 ? {} : { rates }),
      ...(connections <= 0 ? {} : { connections }),
      ...(exempt === undefined ? {} : { exempt }),
    }
    return { route: { limits: settings } }
  },
})

/** 0 and less: no limit. */
function rateOf(requests: number | undefined, seconds: number, multiplier: number): readonly RateLimit[] {
  return requests === undefined || requests <= 0 ? [] : [{ requests, seconds, burst: requests * multiplier }]
}
