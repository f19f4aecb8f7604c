import { parseVariables } from '../../request/variables.js'
import { family } from '../declare.js'
import { textOf } from '../kinds/kinds.js'
import { complainOfUnknown } from '../unknown-variables.js'

/** VH-1. Source: annotations.md section 23. */
export const upstreamVhost = family({
  name: 'upstream-vhost',
  title: 'Host for the backend',
  doc: 'The backend gets another Host header than the client sent; X-Forwarded-Host still has the one of the client.',
  annotations: {
    'upstream-vhost': {
      kind: textOf(
        'host, with variables of NGINX and $namespace, $ingress_name, $service_name, $service_port, $location_path',
        'A-Za-z0-9/\\-._~:^$\\[\\](){}*+?|&=\\\\',
      ),
      doc: 'Host header (or :authority) that the backend gets.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: 'the Host of the request',
      example: '$service_name.$namespace.svc.cluster.local',
    },
  },
  contribute: (values) => {
    const host = values['upstream-vhost']
    if (host === undefined) return {}
    const complaints = complainOfUnknown('upstream-vhost', host)
    return { complaints, route: { upstreamVhost: { host: parseVariables(host) } } }
  },
})
