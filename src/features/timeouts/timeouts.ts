import { family } from '../declare.js'
import { int } from '../kinds/kinds.js'

const seconds = int({ from: 1, to: 10_000_000 })

/** PRX-2, PRX-7, PRX-8. Source: annotations.md section 7; ngx_http_proxy_module, proxy_read_timeout. */
export const timeouts = family({
  name: 'timeouts',
  title: 'Timeouts',
  doc: 'How long NGINX waits for a backend, for every protocol. A connection or read that takes too long is answered with 504.',
  annotations: {
    'proxy-connect-timeout': {
      kind: seconds,
      doc: 'Seconds to establish a connection to an endpoint.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '5',
      example: '2',
      configMapKey: 'proxy-connect-timeout',
    },
    'proxy-send-timeout': {
      kind: seconds,
      doc: 'Seconds between two successive writes to the backend.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '60',
      example: '120',
      configMapKey: 'proxy-send-timeout',
    },
    'proxy-read-timeout': {
      kind: seconds,
      doc: 'Seconds between two successive reads from the backend; a silent WebSocket is closed after it.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '60',
      example: '120',
      configMapKey: 'proxy-read-timeout',
    },
  },
  contribute: (values, { has }) => {
    const connect = values['proxy-connect-timeout']
    const send = values['proxy-send-timeout']
    const read = values['proxy-read-timeout']
    // The ConfigMap's own hold for every host and are in the settings.
    if (!['proxy-connect-timeout', 'proxy-send-timeout', 'proxy-read-timeout'].some(has)) return {}
    return { route: { timeouts: { connect: connect ?? 5, send: send ?? 60, read: read ?? 60 } } }
  },
})
