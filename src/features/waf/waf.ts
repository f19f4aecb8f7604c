import type { ProfileDirective } from '../../nginx/profile.js'
import { type Complaint, type Context, family } from '../declare.js'
import { bool, int, word } from '../kinds/kinds.js'
import { sizeUpTo } from '../kinds/size.js'
import { methods, rawRules, ruleIds, ruleTags, transactionId } from './kinds.js'
import { printRules } from './rules.js'

const SNIPPET = 'modsecurity-snippet'
const INSTEAD_OF_SNIPPETS =
  'Raw rules are never used. What they mostly say has annotations, and keys of the main ConfigMap of the same names: modsecurity-mode (SecRuleEngine), modsecurity-request-body-limit, modsecurity-request-body-no-files-limit, modsecurity-paranoia-level, modsecurity-inbound-anomaly-threshold, modsecurity-allowed-methods, modsecurity-remove-rules, modsecurity-remove-tags.'

const common = { effect: 'path', risk: 'low', bad: 'close', protects: true } as const

const detail = { ...common, under: 'enable-modsecurity' } as const

/** MOD-1..4. Source: annotations.md section 22, and our own typed settings in place of raw rules: docs/design/waf.md. */
export const waf = family({
  name: 'waf',
  title: 'Web application firewall',
  doc: 'ModSecurity inspects requests, bodies too, before backends get them; answers are not inspected. The NGINX that serves needs its module, and the core rule set for that; paths that ask for what is not there answer 503 rather than go without, unless `--allow-missing-waf`.',
  annotations: {
    'enable-modsecurity': {
      ...common,
      kind: bool,
      empty: 'said',
      doc: 'ModSecurity inspects the requests of the paths. What it finds is in the error log of NGINX; it refuses nothing unless modsecurity-mode says so.',
      fallback: 'false',
      example: 'true',
      configMapKey: 'enable-modsecurity',
    },
    'enable-owasp-core-rules': {
      ...detail,
      kind: bool,
      doc: 'It has the OWASP core rule set; without enable-modsecurity this has no effect.',
      fallback: 'false',
      example: 'true',
      configMapKey: 'enable-owasp-modsecurity-crs',
    },
    'modsecurity-mode': {
      ...detail,
      kind: word('On', 'DetectionOnly'),
      doc: 'On refuses what rules refuse, mostly with 403; DetectionOnly writes it into the log and lets it pass (our own annotation).',
      fallback: 'DetectionOnly',
      example: 'On',
      configMapKey: 'modsecurity-mode',
    },
    'modsecurity-paranoia-level': {
      ...detail,
      kind: int({ from: 1, to: 4 }),
      doc: 'How much the core rules suspect: the higher, the more attacks and honest requests they find (our own annotation).',
      fallback: '1',
      example: '2',
      configMapKey: 'modsecurity-paranoia-level',
    },
    'modsecurity-inbound-anomaly-threshold': {
      ...detail,
      kind: int({ from: 1, to: 10_000 }),
      doc: 'The score from which on the core rules refuse a request; a critical finding counts 5 (our own annotation).',
      fallback: '5',
      example: '10',
      configMapKey: 'modsecurity-inbound-anomaly-threshold',
    },
    'modsecurity-allowed-methods': {
      ...detail,
      kind: methods,
      doc: 'Methods that the core rules find nothing in (our own annotation).',
      fallback: 'GET,HEAD,OPTIONS,POST',
      example: 'GET,HEAD,OPTIONS,POST,PUT,PATCH,DELETE',
      configMapKey: 'modsecurity-allowed-methods',
    },
    'modsecurity-remove-rules': {
      ...detail,
      kind: ruleIds,
      doc: 'Rules that are left out, by number (our own annotation).',
      fallback: '-',
      example: '920350,942100-942199',
      configMapKey: 'modsecurity-remove-rules',
    },
    'modsecurity-remove-tags': {
      ...detail,
      kind: ruleTags,
      doc: 'Rules that are left out, by tag (our own annotation).',
      fallback: '-',
      example: 'attack-protocol',
      configMapKey: 'modsecurity-remove-tags',
    },
    'modsecurity-request-body-limit': {
      ...detail,
      kind: sizeUpTo(2 ** 30),
      doc: 'Bodies beyond it are refused where the mode is On, since nobody would have inspected them; all that is inspected is in memory (our own annotation).',
      fallback: '12.5m',
      example: '1m',
      configMapKey: 'modsecurity-request-body-limit',
    },
    'modsecurity-request-body-no-files-limit': {
      ...detail,
      kind: sizeUpTo(2 ** 30),
      doc: 'The same for bodies that bring no files. All of these bytes go through all rules: 1 MB holds a worker for seconds (our own annotation).',
      fallback: '128k',
      example: '256k',
      configMapKey: 'modsecurity-request-body-no-files-limit',
    },
    'modsecurity-transaction-id': {
      kind: transactionId,
      doc: 'Its name for a request, in the log; variables may be part of it.',
      effect: 'path',
      risk: 'high',
      bad: 'default',
      fallback: 'a number that it makes itself',
      example: '$request_id',
    },
    [SNIPPET]: {
      ...common,
      kind: rawRules,
      doc: 'Raw rules: they are never used, and the paths are closed where ModSecurity is enabled.',
      risk: 'critical',
      fallback: '-',
      example: 'SecRuleEngine On',
    },
  },
  settings: {
    [SNIPPET]: {
      kind: rawRules,
      doc: 'Raw rules: they are never used, and paths with enable-modsecurity are closed while it is there; the keys modsecurity-* say most of what it would.',
      fallback: 'none',
      example: 'SecRuleEngine On',
      protects: true,
    },
  },
  contribute: (values, context) => {
    const { engine, allowMissingWaf, has, setting } = context
    const snippets = snippetsOf(has(SNIPPET) && values[SNIPPET] !== undefined, setting(SNIPPET) !== undefined)
    if (values['enable-modsecurity'] !== true) {
      const [unused] = snippets.filter(({ annotation }) => annotation === SNIPPET)
      return unused === undefined ? {} : { complaints: [{ ...unused, instead: 'off' }] }
    }
    const coreRules = values['enable-owasp-core-rules'] === true
    const missing = whatIsMissing(engine.firewall, coreRules)
    if (missing !== undefined && allowMissingWaf) return {}
    const complaints = missing === undefined ? snippets : [missing]
    if (complaints.length > 0) return { complaints }
    const rules = printRules({
      mode: values['modsecurity-mode'] ?? 'DetectionOnly',
      coreRules,
      bodyLimitBytes: values['modsecurity-request-body-limit'],
      noFilesLimitBytes: values['modsecurity-request-body-no-files-limit'],
      paranoiaLevel: values['modsecurity-paranoia-level'],
      inboundThreshold: values['modsecurity-inbound-anomaly-threshold'],
      allowedMethods: values['modsecurity-allowed-methods'] ?? [],
      withoutRules: values['modsecurity-remove-rules'] ?? [],
      withoutTags: values['modsecurity-remove-tags'] ?? [],
    })
    const id = values['modsecurity-transaction-id']
    const profile: readonly ProfileDirective[] = [
      { name: 'modsecurity', args: ['on'] },
      { name: 'modsecurity_rules', args: [rules] },
      ...(id === undefined
        ? []
        : [
            {
              name: 'modsecurity_transaction_id' as const,
              args: [id.map((part) => (part.kind === 'text' ? part.text : { variable: part.name }))],
            },
          ]),
    ]
    return { profile, route: { inspected: true } }
  },
})

function whatIsMissing(firewall: Context['engine']['firewall'], coreRules: boolean): Complaint | undefined {
  if (firewall === 'with core rules' || (firewall === 'bare' && !coreRules)) return undefined
  const [annotation, lacks] =
    firewall === 'none'
      ? [
          'enable-modsecurity',
          'ModSecurity is asked for, and the NGINX that serves has no module for it that loads. "make engine" fetches one with Debian\'s; an image gets it by the build argument in deploy/image/README.md, and another NGINX needs the file ngx_http_modsecurity_module.so among its modules',
        ]
      : [
          'enable-owasp-core-rules',
          'The OWASP core rule set is asked for, and is not there or cannot be loaded. "make engine" fetches it; elsewhere, install Debian\'s package modsecurity-crs',
        ]
  const message = `${lacks}. To serve the paths without, set ${annotation} to "false" here, or start with --allow-missing-waf.`
  return { annotation, message, instead: 'close' }
}

function snippetsOf(ofIngress: boolean, ofConfigMap: boolean): readonly Complaint[] {
  return [
    ...(ofIngress ? [{ annotation: SNIPPET, message: INSTEAD_OF_SNIPPETS, instead: 'close' as const }] : []),
    ...(ofConfigMap
      ? [
          {
            annotation: 'enable-modsecurity',
            message: `The main ConfigMap has the key ${SNIPPET}. ${INSTEAD_OF_SNIPPETS} Remove the key once they say what it did.`,
            instead: 'close' as const,
          },
        ]
      : []),
  ]
}
