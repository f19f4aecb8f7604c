import { family } from '../declare.js'
import { bool } from '../kinds/kinds.js'

/** H2P-1: accepted, so that manifests stay valid; NGINX has no server push any more. Source: annotations.md section 14. */
export const push = family({
  name: 'push',
  title: 'HTTP/2 server push',
  doc: 'NGINX dropped server push in 1.25.1, as browsers did before it. The annotation is read and has no effect.',
  annotations: {
    'http2-push-preload': {
      kind: bool,
      doc: 'Has no effect: NGINX has no server push any more.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: 'false',
      example: 'true',
    },
  },
  contribute: () => ({}),
})
