import type { CorsSettings } from '../../model/features.js'
import type { Complaint } from '../declare.js'
import { family } from '../declare.js'
import { bool, int, textOf } from '../kinds/kinds.js'
import { origins, type Origins } from './origins.js'

const METHODS = 'GET, PUT, POST, DELETE, PATCH, OPTIONS'

/** COR-1. */
const HEADERS =
  'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization'

const MAX_AGE_SECONDS = 1_728_000

/** COR-1..COR-7. Source: annotations.md section 11; the Fetch standard, "CORS protocol". */
export const cors = family({
  name: 'cors',
  title: 'Cross-origin requests',
  doc: 'Answers preflight requests and sets the headers by which browsers let scripts of other origins read an answer.',
  annotations: {
    'enable-cors': {
      kind: bool,
      doc: 'Preflight requests are answered here, and every answer gets the headers of CORS.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'false',
      example: 'true',
    },
    'cors-allow-origin': {
      kind: origins,
      doc: 'Which origins may read answers; "*." stands for one label, "*" alone for every origin.',
      effect: 'path',
      risk: 'medium',
      // The default would admit every origin.
      bad: 'off',
      fallback: '*',
      example: 'https://shop.example.com, https://*.example.org:8443',
    },
    'cors-allow-methods': {
      kind: textOf('methods, comma separated', 'A-Za-z, '),
      doc: 'Methods that scripts may use.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: METHODS,
      example: 'GET, POST',
    },
    'cors-allow-headers': {
      kind: textOf('header names, comma separated', 'A-Za-z0-9\\-_, '),
      doc: 'Request headers that scripts may set.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: HEADERS,
      example: 'Content-Type, X-Token',
    },
    'cors-allow-credentials': {
      kind: bool,
      doc: 'Whether scripts may send cookies and credentials.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'true',
      example: 'false',
    },
    'cors-expose-headers': {
      kind: textOf('header names, comma separated, or *', 'A-Za-z0-9\\-_, *'),
      doc: 'Response headers that scripts may read.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: 'X-Total-Count',
    },
    'cors-max-age': {
      kind: int(),
      doc: 'How many seconds a browser may keep the answer to a preflight request.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: String(MAX_AGE_SECONDS),
      example: '600',
    },
  },
  contribute: (values) => {
    if (values['enable-cors'] !== true) return {}
    const allowed = values['cors-allow-origin'] ?? { kind: 'any' as const }
    const complaints = complaintsOf(allowed)
    // COR-3: nobody is admitted.
    if (allowed.kind === 'listed' && allowed.items.length === 0) return { complaints }
    const exposed = values['cors-expose-headers']
    const settings: CorsSettings = {
      ...(allowed.kind === 'any' ? {} : originsOf(allowed.items)),
      methods: values['cors-allow-methods'] ?? METHODS,
      headers: values['cors-allow-headers'] ?? HEADERS,
      maxAge: String(values['cors-max-age'] ?? MAX_AGE_SECONDS),
      ...(values['cors-allow-credentials'] === false ? {} : { credentials: true }),
      ...(exposed === undefined ? {} : { expose: exposed }),
    }
    return { complaints, route: { cors: settings } }
  },
})

function originsOf(items: readonly string[]): Pick<CorsSettings, 'origins'> {
  return { origins: Object.fromEntries(items.map((item) => [item, true])) }
}

function complaintsOf(allowed: Origins): readonly Complaint[] {
  if (allowed.kind === 'any') return []
  if (allowed.skipped.length === 0) return []
  const shown = allowed.skipped.map((item) => JSON.stringify(item.slice(0, 100))).join(', ')
  const message = `${shown} is not of the form scheme://host[:port] and is left out of the list.`
  return [{ annotation: 'cors-allow-origin', message, instead: 'off' }]
}
