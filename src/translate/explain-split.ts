import type { SplitRule, Weight } from '../model/features.js'
import type { SplitOutcome } from '../request/split-outcome.js'
import { type Declared, declaredAt } from './reference.js'
import type { Translation } from './translate.js'

/** Why a main Service or its alternative has a request. */
export interface SplitExplanation {
  readonly by: 'canary' | 'release'
  /** Key of the main upstream. */
  readonly main: string
  readonly alternative: string
  /** `drawn`: the weight decides, each time anew. */
  readonly side: 'main' | 'alternative' | 'drawn'
  /** Where `drawn`: how many of the requests that get here go to the alternative. */
  readonly weight?: Weight
  readonly why: string
  /** Where the alternative is declared. */
  readonly from?: Declared
}

/** Says which rule decided (CAN-7), and of a weight that it draws. */
export function explainSplit(outcome: SplitOutcome, translation: Translation): SplitExplanation {
  const { by, main, settings, side } = outcome
  const canary = by === 'canary' ? translation.canaries.get(main.key) : undefined
  const { weight } = settings
  const isDrawn = outcome.why.kind === 'weight' && weight !== undefined && weight.weight < weight.total
  const from =
    canary === undefined ? undefined : declaredAt({ ...canary.claim, ingress: canary.claim.declared.ingress })
  return {
    by,
    main: main.key,
    alternative: settings.upstream,
    side: isDrawn ? 'drawn' : side,
    ...(isDrawn ? { weight } : {}),
    why: whyOf(outcome, weight),
    ...(from === undefined ? {} : { from }),
  }
}

function whyOf({ why, side, main, settings }: SplitOutcome, weight: Weight | undefined): string {
  switch (why.kind) {
    case 'cookie':
      return 'the release cookie keeps it where a weight has sent it before'
    case 'session':
      return 'the session cookie is bound to it (AFF-10)'
    case 'no-endpoint':
      return `${side === 'main' ? settings.upstream : main.key} has no endpoint (CAN-11)`
    case 'nothing':
      return 'no header, cookie or weight sends it there'
    case 'weight':
      return weight === undefined ? 'no weight' : `weight ${weight.weight} of ${weight.total}`
    case 'rule':
      return describeRule(why.rule, why.found)
  }
}

function describeRule(rule: SplitRule, found: 'hit' | 'miss' | 'failed'): string {
  const subject = `${rule.of === 'query' ? 'query argument' : rule.of} ${rule.name}`
  if (rule.test === 'words') return `the ${subject} says so`
  const test = rule.test === 'equals' ? `is ${JSON.stringify(rule.value)}` : `matches ${rule.value}`
  if (found === 'failed') return `whether the ${subject} ${test} could not be found out, and then it is the main one`
  return found === 'hit' ? `the ${subject} ${test}` : `not: the ${subject} ${test}`
}
