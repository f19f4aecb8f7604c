import type { SplitRule, SplitRules } from '../../model/features.js'
import { type Complaint, type Context, family, type ValuePattern } from '../declare.js'
import { bool, int, textOf, word } from '../kinds/kinds.js'

const NAME = 'A-Za-z0-9\\-._~/: '
const name = textOf('letters, digits and -._~/:', NAME)
const pattern = textOf('PCRE without blanks and commas', 'A-Za-z0-9\\-._~/:\\^$\\[\\](){}*+?|&=\\\\')

/** CAN-1, CAN-6..CAN-10, AFF-10. Source: annotations.md sections 3 and 24. */
export const canary = family({
  name: 'canary',
  title: 'Canary',
  doc: 'An Ingress marked as canary serves nothing by itself. It stands beside the paths of other Ingresses that have its host, path and pathType, and takes part of their requests to its own Service. The first of header, cookie and weight that decides counts. All other settings of a path, such as authentication and rewriting, are those of the main Ingress.',
  annotations: {
    canary: {
      kind: bool,
      doc: 'Makes the Ingress a canary of those with the same host, path and pathType.',
      effect: 'upstream',
      risk: 'low',
      bad: 'default',
      fallback: 'false',
      example: 'true',
    },
    'canary-by-header': {
      kind: name,
      doc: 'Name of a header: always goes to the canary, never does not; with any other value the next rule counts.',
      effect: 'upstream',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: 'X-Canary',
    },
    'canary-by-header-value': {
      kind: name,
      doc: 'The value with which the header of canary-by-header goes to the canary, in place of always and never.',
      effect: 'upstream',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: 'beta',
    },
    'canary-by-header-pattern': {
      kind: pattern,
      doc: 'A regular expression (PCRE) that is searched for in the header of canary-by-header; not used beside canary-by-header-value.',
      effect: 'upstream',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: '^(beta|next)$',
    },
    'canary-by-cookie': {
      kind: name,
      doc: 'Name of a cookie: always goes to the canary, never does not; with any other value the weight counts.',
      effect: 'upstream',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: 'canary',
    },
    'canary-weight': {
      kind: int(),
      doc: 'How many of canary-weight-total requests go to the canary, of those that neither header nor cookie decides.',
      effect: 'upstream',
      risk: 'low',
      bad: 'default',
      fallback: '0',
      example: '20',
    },
    'canary-weight-total': {
      kind: int(),
      doc: 'What canary-weight is a part of; values up to 100 count as 100.',
      effect: 'upstream',
      risk: 'low',
      bad: 'default',
      fallback: '100',
      example: '1000',
    },
    'affinity-canary-behavior': {
      kind: word('sticky', 'legacy'),
      doc: 'On a canary Ingress: whether a client that was once sent to the main or the canary Service stays there (sticky), or the canary has no affinity (legacy).',
      effect: 'upstream',
      risk: 'low',
      bad: 'default',
      fallback: 'sticky',
      example: 'legacy',
    },
  },
  contribute: (values, context) => {
    if (values.canary !== true) return { complaints: withoutMark(context) }
    const split = rulesOf(values)
    return { canary: split, patterns: patternsOf(split), complaints: uselessValue(values) }
  },
})

interface Values {
  readonly 'canary-by-header': string | undefined
  readonly 'canary-by-header-value': string | undefined
  readonly 'canary-by-header-pattern': string | undefined
  readonly 'canary-by-cookie': string | undefined
  readonly 'canary-weight': number | undefined
  readonly 'canary-weight-total': number | undefined
  readonly 'affinity-canary-behavior': 'sticky' | 'legacy' | undefined
}

function rulesOf(values: Values): SplitRules {
  const cookie = values['canary-by-cookie']
  const weight = values['canary-weight'] ?? 0
  const rules: readonly SplitRule[] = [
    ...headerRule(values),
    ...(cookie === undefined ? [] : [{ of: 'cookie', name: cookie, test: 'words' } as const]),
  ]
  // CAN-10: a smaller total, also a negative one, is 100.
  const total = Math.max(100, values['canary-weight-total'] ?? 100)
  return {
    rules,
    ...(weight <= 0 ? {} : { weight: { weight, total } }),
    ...(values['affinity-canary-behavior'] === 'legacy' ? { legacy: true } : {}),
  }
}

/** CAN-7: where the pattern fails, the main Service has the request. */
function patternsOf({ rules }: SplitRules): readonly ValuePattern[] {
  const instead = 'All requests with the header go to the main Service.'
  return rules.flatMap((rule) =>
    rule.test === 'pattern' ? [{ annotation: 'canary-by-header-pattern', pattern: rule.value, instead }] : [],
  )
}

/** CAN-8: with a value or a pattern the words mean nothing, and a value goes before a pattern. */
function headerRule(values: Values): readonly SplitRule[] {
  const header = values['canary-by-header']
  if (header === undefined) return []
  const value = values['canary-by-header-value']
  const searched = values['canary-by-header-pattern']
  const at = { of: 'header', name: header } as const
  if (value !== undefined) return [{ ...at, test: 'equals', value, hit: 'alternative', miss: 'next' }]
  if (searched !== undefined) return [{ ...at, test: 'pattern', value: searched, hit: 'alternative', miss: 'next' }]
  return [{ ...at, test: 'words' }]
}

/** CAN-6. */
function withoutMark({ has }: Context): readonly Complaint[] {
  return Object.keys(canary.annotations)
    .filter((annotation) => annotation !== 'canary' && has(annotation))
    .map((annotation) => ({
      annotation,
      message: `${annotation} has no effect: the Ingress is not marked as canary: "true".`,
      instead: 'off',
    }))
}

function uselessValue(values: Values): readonly Complaint[] {
  if (values['canary-by-header'] !== undefined) return []
  return (['canary-by-header-value', 'canary-by-header-pattern'] as const)
    .filter((annotation) => values[annotation] !== undefined)
    .map((annotation) => ({
      annotation,
      message: `${annotation} has no effect: canary-by-header names no header.`,
      instead: 'default',
    }))
}
