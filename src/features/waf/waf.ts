import { family } from '../declare.js'
import { bool, textOf } from '../kinds/kinds.js'

/** MOD-1..4, of which there is only the switch. Source: annotations.md section 22. */
export const waf = family({
  name: 'waf',
  title: 'Web application firewall',
  doc: 'There is no ModSecurity in this version. Paths that ask for it answer 503 rather than go without; `--allow-missing-waf` serves them all the same.',
  annotations: {
    'enable-modsecurity': {
      kind: bool,
      doc: 'Asks for a web application firewall in front of the paths.',
      effect: 'path',
      risk: 'low',
      bad: 'close',
      protects: true,
      fallback: 'false',
      example: 'false',
      configMapKey: 'enable-modsecurity',
    },
    'enable-owasp-core-rules': {
      kind: bool,
      doc: 'Asks for its core rules; without enable-modsecurity it has no effect.',
      effect: 'path',
      risk: 'low',
      bad: 'close',
      protects: true,
      fallback: 'false',
      example: 'false',
      configMapKey: 'enable-owasp-modsecurity-crs',
    },
    'modsecurity-transaction-id': {
      kind: textOf('text of letters, digits, -, _, $, { and }', 'A-Za-z0-9\\-_${}'),
      doc: 'Its name for a request; it has no effect.',
      effect: 'path',
      risk: 'high',
      bad: 'default',
      fallback: '-',
      example: '$request_id',
    },
  },
  contribute: (values, { allowMissingWaf }) => {
    if (values['enable-modsecurity'] !== true || allowMissingWaf) return {}
    const message =
      'A web application firewall is asked for, and there is none in this version. Set enable-modsecurity to "false" here, or start with --allow-missing-waf, to serve the paths without.'
    return { complaints: [{ annotation: 'enable-modsecurity', message, instead: 'close' }] }
  },
})
