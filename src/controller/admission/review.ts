import type { Ingress } from '../../snapshot/objects.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import type { Problem } from '../../problems/problem.js'
import type { Reading } from '../../translate/annotations.js'
import { readGlobalSettings } from '../../translate/configmap.js'
import { declareIngress } from '../../translate/ingress.js'
import { insteadOfSnippet, isSnippet } from '../../features/snippets/snippets.js'
import { findForbiddenText } from '../../translate/inspect.js'
import { defaultTranslateOptions, type TranslateOptions } from '../../translate/options.js'
import type { Policy } from '../../translate/policy.js'
import { findOwned, type Ownership } from '../../translate/ownership.js'
import { isOurs } from '../../translate/select.js'
import { namesWanted, withholdForeign } from '../../translate/withhold.js'
import { findOverlap } from './overlap.js'
import { ownershipIn } from './ownership-in.js'
import { findUnplainPath } from './path-type.js'

/** What the API server is told about an Ingress. */
export interface Verdict {
  /** Why it is refused, naming field and rule; undefined: it is admitted. */
  readonly denial: string | undefined
  readonly warnings: readonly string[]
  /** A denial for text or form that is never allowed, which `check_errors` of the metrics does not count. */
  readonly isUncounted?: true
}

/** An Ingress as the API server shows it before it is stored. */
export interface Candidate {
  readonly ingress: Ingress
  readonly isBeingDeleted: boolean
}

interface Case {
  readonly ingress: Ingress
  readonly options: TranslateOptions
  readonly policy: Policy
  readonly reading: Reading
  readonly snapshot: Snapshot
  readonly owned: Ownership['owned']
}

/** Gives the reason for a denial. */
type Check = (one: Case) => string | undefined

const ADMITTED: Verdict = { denial: undefined, warnings: [] }

/**
 * ADM-2: whether an Ingress may be stored, judged against everything that is known now, without running anything of it. The
 * first check that fails decides. What only closes a path at run time, such as a missing Secret, is no reason (ADM-4).
 */
export function reviewIngress(candidate: Candidate, snapshot: Snapshot, options: TranslateOptions): Verdict {
  const { ingress } = candidate
  if (candidate.isBeingDeleted) return ADMITTED
  const { reading, hostOwners: owned } = readGlobalSettings(snapshot.configMaps.get(options.configMap)).value
  const one = { ingress, options, policy: reading.policy, reading, snapshot, owned }
  const forbidden = denyForbiddenText(one)
  if (forbidden !== undefined) return { denial: forbidden, warnings: [], isUncounted: true }
  if (!isOurs(ingress, snapshot, { ...options, disableCatchAll: false })) return ADMITTED
  for (const check of CHECKS) {
    const denial = check(one)
    if (denial !== undefined) return { denial, warnings: [], ...(UNCOUNTED.has(check) ? { isUncounted: true } : {}) }
  }
  return { denial: undefined, warnings: warningsOf(one) }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const CHECKS: readonly Check[] = [
  denyCatchAll,
  denyOddUid,
  denyUnplainPath,
  denyOldPrefix,
  denyBlockedWords,
  denySnippets,
  denyOverlap,
  denyWhatCannotBeServed,
]

/** Section 2.2 of observability.md. */
const UNCOUNTED: ReadonlySet<Check> = new Set([denyOddUid, denyUnplainPath, denyBlockedWords, denySnippets])

function denyCatchAll({ ingress, options }: Case): string | undefined {
  return options.disableCatchAll && ingress.defaultBackend !== undefined
    ? 'spec.defaultBackend: this controller runs with --disable-catch-all and serves no Ingress that has one'
    : undefined
}

function denyOddUid({ ingress }: Case): string | undefined {
  return UUID.test(ingress.uid) ? undefined : `metadata.uid: ${JSON.stringify(ingress.uid)} is no UUID`
}

function denyUnplainPath({ ingress, policy }: Case): string | undefined {
  const found = policy.strictPathType ? findUnplainPath(ingress) : undefined
  return found === undefined ? undefined : `${found.field}: ${found.message} (strict-validate-path-type)`
}

/** Check 2, SEL-7; it comes before the class is looked at. */
function denyForbiddenText({ ingress, options }: Case): string | undefined {
  const field = options.deepInspect ? findForbiddenText(ingress) : undefined
  return field === undefined
    ? undefined
    : `${field}: this field holds text that is never allowed in an Ingress: directives, system paths or Lua (--deep-inspect)`
}

/** Check 7, GEN-12. */
function denyOldPrefix({ ingress, options }: Case): string | undefined {
  const standard = defaultTranslateOptions.annotationsPrefix
  if (options.annotationsPrefix === standard) return undefined
  const key = keysOf(ingress).find((name) => name.startsWith(`${standard}/`))
  return key === undefined
    ? undefined
    : `${fieldOf(key)}: this controller reads annotations that begin with ${options.annotationsPrefix}/ (--annotations-prefix); rename it`
}

/** Check 8, GEN-11. */
function denyBlockedWords({ ingress, options, policy }: Case): string | undefined {
  for (const key of keysOf(ingress)) {
    if (!key.startsWith(`${options.annotationsPrefix}/`)) continue
    const word = policy.blockedWords.find((blocked) => ingress.annotations[key]?.includes(blocked))
    if (word !== undefined)
      return `${fieldOf(key)}: the value holds the word ${JSON.stringify(word)} (annotation-value-word-blocklist)`
  }
  return undefined
}

/** Check 9, GEN-10. */
function denySnippets({ ingress, policy }: Case): string | undefined {
  const key = policy.allowSnippets ? undefined : keysOf(ingress).find(isSnippet)
  return key === undefined
    ? undefined
    : `${fieldOf(key)}: snippets are not allowed (allow-snippet-annotations). ${insteadOfSnippet(key, ingress.annotations[key] ?? '')}`
}

/** Check 11. */
function denyOverlap({ ingress, options, snapshot }: Case): string | undefined {
  const overlap = findOverlap(ingress, othersOf(snapshot, options), `${options.annotationsPrefix}/canary`)
  if (overlap === undefined) return undefined
  const { field, host, path, other } = overlap
  return `${field}: host ${JSON.stringify(host)} and path ${JSON.stringify(path)} are declared by Ingress ${other.namespace}/${other.name} already (ORD-2: the oldest would win)`
}

function* othersOf(snapshot: Snapshot, options: TranslateOptions): Iterable<Ingress> {
  for (const other of snapshot.ingresses.values()) if (isOurs(other, snapshot, options)) yield other
}

/**
 * Check 12: of the Ingress itself, since here no Ingress can break another. What merely closes its paths is admitted
 * (ADM-4).
 */
function denyWhatCannotBeServed(one: Case): string | undefined {
  const found = problemsOf(one).find(({ severity, code }) => severity === 'error' && code !== 'annotation/closed')
  if (found === undefined) return undefined
  // The words that clients of ingress-nginx look for (GEN-1).
  const key = /^metadata\.annotations\["(.+)"\]$/.exec(found.field)?.[1]
  const known = key === undefined ? '' : `annotation ${key} contains invalid value: `
  return `${known}${found.field}: ${found.message} [${found.code}]`
}

/** ADM-3: what is stored and then ignored, closed, or of a spelling that strict mode would refuse. */
function warningsOf(one: Case): readonly string[] {
  const unplain = one.policy.strictPathType ? undefined : findUnplainPath(one.ingress)
  return [
    ...(unplain === undefined ? [] : [`${unplain.field}: ${unplain.message}`]),
    ...problemsOf(one).map(({ field, message }) => `${field}: ${message}`),
  ]
}

/** As if the Ingress were new: what it was before is no excuse. */
function problemsOf({ ingress, options, reading, snapshot, owned }: Case): readonly Problem[] {
  const declared = declareIngress(ingress, { ...reading, options, snapshot })
  if (!namesWanted(declared).some((name) => findOwned(owned, name) !== undefined)) return declared.problems
  return withholdForeign(declared, ownershipIn(owned, { reading, options, snapshot }), options, undefined).problems
}

function keysOf(ingress: Ingress): readonly string[] {
  return Object.keys(ingress.annotations).sort()
}

function fieldOf(key: string): string {
  return `metadata.annotations["${key}"]`
}
