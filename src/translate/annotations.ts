import { RISKS } from '../configmap/keys/policy.js'
import type { Defaults } from '../features/defaults.js'
import type { Instead, Risk } from '../features/declare.js'
import { insteadOfSnippet, isSnippet } from '../features/snippets/snippets.js'
import {
  type BadValue,
  type Closing,
  closingOf,
  declaredNames,
  declaredRisks,
  isProtecting,
  type Lookups,
  readFeatures,
  type ReadFeatures,
} from '../features/read.js'
import type { ProblemCode } from '../problems/catalogue.js'
import type { Problem } from '../problems/problem.js'
import type { Ingress } from '../snapshot/objects.js'
import { nearest } from './nearest.js'
import type { Policy } from './policy.js'
import { problemOf } from './reference.js'

/** What an Ingress's annotations come to. */
export interface Annotations {
  /** `closed`: its paths answer 503. `refused`: it is not admitted (REJ). */
  readonly standing: 'served' | 'closed' | 'refused'
  /** What is closed where it is refused and was never good; undefined: nothing, it is as if it were not there (GEN-2). */
  readonly closing: Closing | undefined
  readonly features: ReadFeatures
  readonly problems: readonly Problem[]
}

/** What the main ConfigMap says about reading annotations; the same object while it says the same. */
export interface Reading {
  readonly defaults: Defaults
  readonly policy: Policy
}

/** What annotations are read with. */
export interface ReadingOptions extends Reading {
  readonly prefix: string
  readonly lookups: Lookups
}

/** Reads the annotations with our prefix; says which are not understood, and closes the paths of those that protect. */
export function readAnnotations(ingress: Ingress, { prefix, defaults, policy, lookups }: ReadingOptions): Annotations {
  const texts = textsOf(ingress, prefix)
  const closing = closingOf(texts)
  const features = readFeatures(ingress, texts, defaults, lookups)
  const isCanary = features.canary !== undefined
  const bad = isCanary ? features.bad.filter((one) => countsOnCanary(one, texts)) : features.bad
  const forbidden = [...texts].flatMap(([name, value]) => {
    const why = whyForbidden(name, value, policy)
    return why === undefined ? [] : [{ annotation: name, message: why, instead: 'refuse' as const }]
  })
  const refused = [...bad, ...forbidden].some(({ instead }) => instead === 'refuse')
  // Of a snippet that is refused the same was said with that.
  const others = bad.filter((one) => !forbidden.some(({ message }) => message.includes(one.message)))
  const problems = [...others, ...forbidden].map(({ annotation, message, instead }) => {
    const said = `${message} ${insteadOf(instead, refused, closing)}`
    return problemOf(CODES[instead], ingress, fieldOf(`${prefix}/${annotation}`), said)
  })
  if (isCanary) problems.push(...unprotected(ingress, texts, prefix))
  for (const name of texts.keys()) {
    if (declaredNames.has(name) || forbidden.some(({ annotation }) => annotation === name)) continue
    const known = nearestDeclared(name)
    const hint = known === undefined ? '' : ` Did you mean ${known}?`
    const message = `Nothing in this version understands ${name}; it has no effect.${hint}`
    problems.push(problemOf('annotation/unknown', ingress, fieldOf(`${prefix}/${name}`), message))
  }
  const closed = bad.some(({ instead }) => instead === 'close')
  return { standing: refused ? 'refused' : closed ? 'closed' : 'served', closing, features, problems }
}

/**
 * Of a canary no setting of a path counts (GEN-15), so that none can be missing there; but what refuses an Ingress
 * refuses a canary.
 */
function countsOnCanary({ annotation, instead }: BadValue, texts: ReadonlyMap<string, string>): boolean {
  if (instead === 'refuse') return true
  return !OF_PATHS.includes(instead) && !isProtecting(annotation, texts.get(annotation) ?? '')
}

const OF_PATHS: readonly Instead[] = ['close', 'fail', 'forbid']

/** CAN-14: what would keep somebody out, and does not since it stands on a canary. */
function unprotected(ingress: Ingress, texts: ReadonlyMap<string, string>, prefix: string): readonly Problem[] {
  const protecting = [...texts].filter(
    ([name, text]) => isProtecting(name, text) && !SWITCHED_OFF.includes(text.trim()),
  )
  return protecting.map(([name]) => {
    const message = `${name} keeps nobody out here, since the Ingress is a canary: who comes in is what the annotations of the main Ingress say, for requests that go to the canary too. Put it there, and remove it here.`
    return problemOf('canary/keeps-nobody-out', ingress, fieldOf(`${prefix}/${name}`), message)
  })
}

const SWITCHED_OFF: readonly string[] = ['', 'false', 'off']

/** GEN-9..11: what the ConfigMap does not allow in any Ingress. */
function whyForbidden(name: string, value: string, { blockedWords, riskLevel }: Policy): string | undefined {
  const word = blockedWords.find((blocked) => value.includes(blocked))
  if (word !== undefined) return `The value holds the word ${JSON.stringify(word)} (annotation-value-word-blocklist).`
  const risk = riskOf(name)
  if (RISKS.indexOf(risk) <= RISKS.indexOf(riskLevel)) return undefined
  const forbidden = `The risk of ${name} is ${risk}, and annotations-risk-level allows ${riskLevel} at most.`
  return isSnippet(name) ? `${forbidden} ${insteadOfSnippet(name, value)}` : forbidden
}

/** GEN-10: whatever ends in -snippet is raw configuration. Nothing is known of what no family declares. */
function riskOf(name: string): Risk {
  return isSnippet(name) ? 'critical' : (declaredRisks.get(name) ?? 'low')
}

const MOST_KEPT = 1000
const kept = new Map<string, string | undefined>()

/** Kept by name: thousands of Ingresses may have the same annotation, and comparing it with all that there are takes time. */
function nearestDeclared(name: string): string | undefined {
  if (kept.has(name)) return kept.get(name)
  if (kept.size >= MOST_KEPT) kept.clear()
  const found = nearest(name, declaredNames)
  kept.set(name, found)
  return found
}

const CODES: Readonly<Record<Instead, ProblemCode>> = {
  default: 'annotation/invalid-value',
  off: 'annotation/invalid-value',
  close: 'annotation/closed',
  forbid: 'annotation/closed',
  refuse: 'annotation/refused',
  partly: 'annotation/used-in-part',
  fail: 'annotation/invalid-value',
}

const INSTEAD: Readonly<Record<Instead, string>> = {
  default: 'The default applies.',
  off: 'The paths are served without it.',
  close: 'The paths of this Ingress answer 503.',
  forbid: 'Every request to the hosts of this Ingress is answered 403.',
  refuse: 'The Ingress is served as it was before this value, or not at all if it is new.',
  partly: 'The rest is used.',
  fail: 'Until that is put right, requests to the paths of this Ingress are answered 500.',
}

/** What is refused and keeps somebody out is not left to others that have the same host, or a wider path. */
function insteadOf(instead: Instead, isRefused: boolean, closing: Closing | undefined): string {
  if (instead !== 'refuse') return isRefused ? `${NOT_YET} ${lowerFirst(INSTEAD[instead])}` : INSTEAD[instead]
  if (closing === undefined) return INSTEAD[instead]
  const what = closing === 'hosts' ? 'every request to its hosts is answered 403' : 'its paths answer 503'
  return `The Ingress is served as it was before this value; if it is new, ${what}, as it has annotations that keep somebody out.`
}

/** What becomes of a whole Ingress is said where it is refused, and nothing else holds meanwhile. */
const NOT_YET = 'Once the Ingress is not refused any more:'

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
}

function textsOf(ingress: Ingress, prefix: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const key of Object.keys(ingress.annotations).sort()) {
    if (key.startsWith(`${prefix}/`)) texts.set(key.slice(prefix.length + 1), ingress.annotations[key] ?? '')
  }
  return texts
}

function fieldOf(key: string): string {
  return `metadata.annotations["${key}"]`
}
