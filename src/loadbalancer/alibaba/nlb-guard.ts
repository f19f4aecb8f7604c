import { parseRange, printIp } from '../addresses/ip.js'
import type { ServiceProblem } from '../provider.js'
import type { ServiceView } from '../views.js'
import { defaultName } from './names.js'
import type { NlbValues } from './nlb-annotations.js'
import type { Guard, GuardRule, NlbExisting } from './nlb-existing.js'
import type { NlbDo } from './nlb-steps.js'
import { refusal } from './refusals.js'
import { batches } from './servers.js'

/** The API takes a hundred rules in a call; so many have room in a query. */
const RULES_IN_A_CALL = 20
/** Of a security group of ECS. */
const RANGES_AT_MOST = 190
const FIELD = 'spec.loadBalancerSourceRanges'

/**
 * The guard of an NLB: a security group that lets in the source ranges of the Service, at priority 1, and nobody else,
 * at 100. Its steps come before those of listeners, so the NLB is open to all at no moment.
 *
 * @source loadbalancer.md section 4, last paragraph
 */
export function guardName(service: ServiceView): string {
  return `k8s-nlb-${defaultName(service)}`
}

/** undefined: no guard is wanted. */
export function wantedRules(service: ServiceView, values: NlbValues): readonly GuardRule[] | undefined {
  if (service.sourceRanges.length === 0) return undefined
  const isDual = values['ip-version'] === 'DualStack'
  const ranges = service.sourceRanges.map(networkOf).filter((one) => one !== undefined)
  const accepted = ranges
    .filter((network) => isDual || !network.includes(':'))
    .map((network): GuardRule => ({ policy: 'Accept', priority: '1', network, id: '', isWhole: true }))
  const everything = isDual ? ['0.0.0.0/0', '::/0'] : ['0.0.0.0/0']
  const dropped = everything.map(
    (network): GuardRule => ({ policy: 'Drop', priority: '100', network, id: '', isWhole: true }),
  )
  // What keeps everybody out comes first, also where there are several calls.
  return [...new Map([...dropped, ...accepted].map((rule) => [keyOf(rule), rule])).values()]
}

/** What is wrong with the ranges of a Service whose NLB gets a guard. */
export function rangeProblems(service: ServiceView, values: NlbValues): readonly ServiceProblem[] {
  const bad = service.sourceRanges.filter((text) => networkOf(text) === undefined)
  const problems: ServiceProblem[] = bad.map((text) =>
    refusal(FIELD, `${JSON.stringify(text)} is no range of addresses; it has to be such as 10.0.0.0/8.`),
  )
  if (service.sourceRanges.length > RANGES_AT_MOST)
    problems.push(
      refusal(FIELD, `There are ${service.sourceRanges.length} ranges; at most ${RANGES_AT_MOST} have room.`),
    )
  const isDual = values['ip-version'] === 'DualStack'
  const ipv6 = isDual ? [] : service.sourceRanges.filter((text) => networkOf(text)?.includes(':'))
  if (ipv6.length > 0) {
    const message = `${ipv6.join(', ')}: the NLB has no IPv6 addresses (annotation ip-version), so nobody comes from there.`
    problems.push({ severity: 'warning', field: FIELD, message })
  }
  return problems
}

export interface GuardPlan {
  /** Before everything else. */
  readonly steps: readonly (readonly [NlbDo, string])[]
  /** After everything else: what is left may still count as in use for a while. */
  readonly removal: readonly (readonly [NlbDo, string])[]
  /** Id of the guard that the instance has to be in, or its name before it has one; undefined: none. */
  readonly join: string | undefined
  /** The guards that it has to leave. */
  readonly leave: readonly string[]
}

/** Of several guards the one that the instance is in, else the first, is kept. */
export function planGuard(
  { guards, balancer }: NlbExisting,
  service: ServiceView,
  rules: readonly GuardRule[] | undefined,
  tags: Readonly<Record<string, string>>,
): GuardPlan {
  const joined = new Set(balancer?.securityGroups)
  const sorted = guards.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const kept = rules === undefined ? undefined : (sorted.find(({ id }) => joined.has(id)) ?? sorted[0])
  const surplus = sorted.filter((one) => one !== kept)
  const removal = surplus.filter(({ id }) => !joined.has(id)).map(deletion)
  const leave = surplus.filter(({ id }) => joined.has(id)).map(({ id }) => id)
  if (rules === undefined) return { steps: [], removal, join: undefined, leave }
  const name = guardName(service)
  const creation: readonly (readonly [NlbDo, string])[] =
    kept === undefined ? [[{ kind: 'create-guard', name, tags }, `create the security group ${name}`]] : []
  const id = kept?.id ?? name
  return { steps: [...creation, ...ruleChanges(kept?.rules ?? [], rules, id)], removal, join: id, leave }
}

export function deletion({ id, name }: Guard): readonly [NlbDo, string] {
  return [{ kind: 'delete-guard', id }, `delete the security group ${name} (${id})`]
}

/** What is missing is added before what is too much goes. */
function ruleChanges(
  found: readonly GuardRule[],
  wanted: readonly GuardRule[],
  id: string,
): readonly (readonly [NlbDo, string])[] {
  const [foundKeys, wantedKeys] = [new Set(found.map(keyOf)), new Set(wanted.map(keyOf))]
  const missing = wanted.filter((rule) => !foundKeys.has(keyOf(rule)))
  const surplus = found.filter((rule) => !wantedKeys.has(keyOf(rule)))
  return [
    ...batches(missing, RULES_IN_A_CALL).map((rules): readonly [NlbDo, string] => [
      { kind: 'authorize', id, rules },
      `add rules to ${id}: ${rules.map(describe).join(', ')}`,
    ]),
    ...batches(surplus, RULES_IN_A_CALL).map((rules): readonly [NlbDo, string] => [
      { kind: 'revoke', id, rules },
      `take rules out of ${id}: ${rules.map(describe).join(', ')}`,
    ]),
  ]
}

function describe({ policy, network }: GuardRule): string {
  return `${policy === 'Accept' ? 'accept' : 'drop'} ${network}`
}

function keyOf({ policy, priority, network, isWhole }: GuardRule): string {
  return `${policy} ${priority} ${network} ${isWhole ? 'all' : 'some'}`
}

/** `10.1.2.3/8` as the cloud tells it again: `10.0.0.0/8`; undefined: it is none. */
export function networkOf(text: string): string | undefined {
  const range = text.includes('-') ? undefined : parseRange(text)
  if (range === undefined) return undefined
  const width = range.family === 'IPv4' ? 32 : 128
  // Kubernetes takes `10.0.0.0/08 ` too.
  return `${printIp(range.family, range.from)}/${text.includes('/') ? Number(text.split('/')[1]) : width}`
}
