import type { RedirectSettings } from '../../model/features.js'
import { family } from '../declare.js'
import { bool, int, textOf } from '../kinds/kinds.js'

const target = textOf('URL or path', 'A-Za-z0-9\\-._~/:,?&=')

/** RED-1..RED-5, RED-8. Source: annotations.md section 17. */
export const redirects = family({
  name: 'redirects',
  title: 'Redirects',
  doc: 'Every request of the path is answered with a redirect, before the redirect to HTTPS and before access checks.',
  annotations: {
    'permanent-redirect': {
      kind: target,
      doc: 'Where every request of the path is sent for good; the query of the request is not added.',
      effect: 'path',
      risk: 'medium',
      bad: 'refuse',
      fallback: '-',
      example: 'https://shop.example.com/new',
    },
    'permanent-redirect-code': {
      kind: int(),
      doc: 'Status of the permanent redirect, 300 to 308.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: '301',
      example: '308',
    },
    'temporal-redirect': {
      kind: target,
      doc: 'Where every request of the path is sent for now; goes before permanent-redirect.',
      effect: 'path',
      risk: 'medium',
      bad: 'refuse',
      fallback: '-',
      example: 'https://maintenance.example.com',
    },
    'temporal-redirect-code': {
      kind: int(),
      doc: 'Status of the temporal redirect, 300 to 307.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: '302',
      example: '307',
    },
    'relative-redirects': {
      kind: bool,
      doc: 'A redirect to a path is sent as the path alone, without scheme and host.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: 'false',
      example: 'true',
      configMapKey: 'relative-redirects',
    },
    'use-port-in-redirects': {
      kind: bool,
      doc: 'A redirect to a path, and the one to HTTPS, name the port of the listener.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'false',
      example: 'true',
      configMapKey: 'use-port-in-redirects',
    },
  },
  contribute: (values, { httpsPort }) => {
    const paths = values['use-port-in-redirects'] === true ? { httpsPort } : {}
    const temporal = values['temporal-redirect']
    // RED-2; a scheme other than http and https is none (OFF).
    const redirect = temporal?.startsWith('http') === true ? temporary(temporal, values) : permanent(values)
    const complaints =
      temporal === undefined || temporal.startsWith('http')
        ? []
        : [{ annotation: 'temporal-redirect', message: 'It does not begin with http.', instead: 'off' as const }]
    if (redirect === undefined) return { complaints, paths }
    const settings: RedirectSettings = {
      ...redirect,
      ...(values['relative-redirects'] === true ? { relative: true } : {}),
      ...(values['use-port-in-redirects'] === true ? { withPort: true } : {}),
    }
    // GEN-17: not at the default server.
    return { complaints, paths, route: ({ match }) => (match === 'catch-all' ? undefined : { redirect: settings }) }
  },
})

interface Codes {
  readonly 'permanent-redirect'?: string | undefined
  readonly 'permanent-redirect-code'?: number | undefined
  readonly 'temporal-redirect-code'?: number | undefined
}

function temporary(to: string, values: Codes): RedirectSettings {
  return { status: within(values['temporal-redirect-code'], 307, 302), to }
}

function permanent(values: Codes): RedirectSettings | undefined {
  const to = values['permanent-redirect']
  return to === undefined ? undefined : { status: within(values['permanent-redirect-code'], 308, 301), to }
}

function within(status: number | undefined, most: number, standard: number): number {
  return status === undefined || status < 300 || status > most ? standard : status
}
