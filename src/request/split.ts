import type { SplitRule, SplitRules } from '../model/features.js'
import { readCookie } from './cookie.js'
import type { RequestPort } from './port.js'
import type { Split } from './split-outcome.js'

/**
 * The one decision behind canary Ingresses (CAN-7) and service releases (ack.md section 3).
 *
 * @param name tells the counts of one share from those of others
 */
export function decideSplit({ rules, weight }: SplitRules, name: string, request: RequestPort): Split {
  for (const rule of rules) {
    const split = askRule(rule, request)
    if (split !== undefined) return split
  }
  if (weight === undefined) return NOTHING
  if (weight.weight <= 0) return NOT_DRAWN
  if (weight.weight >= weight.total) return DRAWN
  return request.share(name, weight) ? DRAWN : NOT_DRAWN
}

const NOTHING: Split = { side: 'main', why: { kind: 'nothing' } }
const DRAWN: Split = { side: 'alternative', why: { kind: 'weight' } }
const NOT_DRAWN: Split = { side: 'main', why: { kind: 'weight' } }

function askRule(rule: SplitRule, request: RequestPort): Split | undefined {
  const sent = textOf(rule, request)
  if (rule.test === 'words') {
    if (sent === 'always') return { side: 'alternative', why: { kind: 'rule', rule, found: 'hit' } }
    return sent === 'never' ? { side: 'main', why: { kind: 'rule', rule, found: 'hit' } } : undefined
  }
  if (sent === undefined && rule.absentIsEmpty !== true) return undefined
  const found = compare(rule, sent ?? '', request)
  const turn = found === 'failed' ? 'main' : rule[found]
  return turn === 'next' ? undefined : { side: turn, why: { kind: 'rule', rule, found } }
}

function compare(
  { test, value }: Exclude<SplitRule, { readonly test: 'words' }>,
  text: string,
  request: RequestPort,
): 'hit' | 'miss' | 'failed' {
  if (test === 'equals') return text === value ? 'hit' : 'miss'
  const { kind } = request.match(value, text, 'exact')
  if (kind === 'failed') return 'failed'
  return kind === 'match' ? 'hit' : 'miss'
}

/** CAN-9: NGINX joins repeated headers. Cookies and arguments are not decoded. */
function textOf({ of, name }: SplitRule, request: RequestPort): string | undefined {
  if (of === 'header') return request.header(name)
  if (of === 'cookie') return readCookie(request.header('cookie'), name)
  return request.variable(`arg_${name}`)
}
