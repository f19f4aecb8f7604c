import type { RedirectSettings } from '../../model/features.js'
import { type Complaint, family } from '../declare.js'
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
    const complaints = [...otherScheme(temporal), ...otherCodes(values)]
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

/** The greatest status of each; 300 is the least. */
const MOST = { 'permanent-redirect-code': 308, 'temporal-redirect-code': 307 } as const

function temporary(to: string, values: Codes): RedirectSettings {
  return { status: codeOf(values, 'temporal-redirect-code') ?? 302, to }
}

function permanent(values: Codes): RedirectSettings | undefined {
  const to = values['permanent-redirect']
  return to === undefined ? undefined : { status: codeOf(values, 'permanent-redirect-code') ?? 301, to }
}

function codeOf(values: Codes, annotation: keyof typeof MOST): number | undefined {
  const status = values[annotation]
  return status === undefined || status < 300 || status > MOST[annotation] ? undefined : status
}

function otherScheme(temporal: string | undefined): readonly Complaint[] {
  if (temporal === undefined || temporal.startsWith('http')) return []
  return [{ annotation: 'temporal-redirect', message: 'It does not begin with http.', instead: 'off' }]
}

function otherCodes(values: Codes): readonly Complaint[] {
  const complaints: Complaint[] = []
  for (const annotation of ['permanent-redirect-code', 'temporal-redirect-code'] as const) {
    const status = values[annotation]
    if (status === undefined || codeOf(values, annotation) !== undefined) continue
    const message = `${status} is not from 300 to ${MOST[annotation]}.`
    complaints.push({ annotation, message, instead: 'default' })
  }
  return complaints
}
