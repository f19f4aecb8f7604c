import { family } from '../declare.js'
import { word } from '../kinds/kinds.js'

/** CON-1. Source: annotations.md section 19. */
export const connectionHeader = family({
  name: 'connection-header',
  title: 'Connection header for the backend',
  doc: 'What the backend is told about its connection, in place of "upgrade" for WebSocket and of nothing for everything else.',
  annotations: {
    'connection-proxy-header': {
      kind: word('close', 'keep-alive'),
      doc: 'Connection header that the backend gets; WebSocket does not work with it.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: 'upgrade where the request has an Upgrade header, else none',
      example: 'keep-alive',
    },
  },
  contribute: (values) => {
    const value = values['connection-proxy-header']
    return value === undefined ? {} : { route: { connectionHeader: { value } } }
  },
})
