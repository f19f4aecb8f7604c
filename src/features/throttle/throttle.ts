import type { ThrottleSettings } from '../../model/features.js'
import type { ProfileDirective } from '../../nginx/profile.js'
import { family } from '../declare.js'
import { int } from '../kinds/kinds.js'

const KILOBYTE = 1024

/** LIM-5. Source: annotations.md section 20; ngx_http_core_module, limit_rate. */
export const throttle = family({
  name: 'throttle',
  title: 'Speed of responses',
  doc: 'How quickly a response is sent; for each request alone, and for clients in limit-allowlist too. Responses are buffered for this, unless proxy-buffering says otherwise: then nothing is slowed down.',
  annotations: {
    'limit-rate': {
      kind: int(),
      doc: 'KiB per second in which a response is sent.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '0, which is no limit',
      example: '512',
      configMapKey: 'limit-rate',
    },
    'limit-rate-after': {
      kind: int(),
      doc: 'KiB of a response that are sent before limit-rate begins.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '0',
      example: '1024',
      configMapKey: 'limit-rate-after',
    },
  },
  contribute: (values, { has }) => {
    const rate = values['limit-rate'] ?? 0
    if (rate <= 0) return {}
    const after = values['limit-rate-after'] ?? 0
    const settings: ThrottleSettings = {
      bytesPerSecond: rate * KILOBYTE,
      ...(after <= 0 ? {} : { afterBytes: after * KILOBYTE }),
    }
    return { route: { throttle: settings }, profile: has('proxy-buffering') ? [AFTER] : [BUFFERED, AFTER] }
  },
})

/** NGINX slows down only what it buffers. */
const BUFFERED: ProfileDirective = { name: 'proxy_buffering', args: ['on'] }

/** The number is the route's, by a variable, so that all routes share one profile. */
const AFTER: ProfileDirective = { name: 'limit_rate_after', args: [[{ variable: 'unlimited_bytes' }]] }
