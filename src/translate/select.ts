import { differences } from '../collections/differences.js'
import type { SortedMap } from '../collections/sorted-map.js'
import type { Problem } from '../problems/problem.js'
import type { Ingress } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { declareIngress, type DeclaredIngress } from './ingress.js'
import type { TranslateOptions } from './options.js'
import { problemOf } from './reference.js'

/** The Ingresses by `namespace/name`: those that are ours (SEL-0..6), and why some are not whose owner should know. */
export interface Selection {
  readonly declared: SortedMap<DeclaredIngress>
  readonly unserved: SortedMap<Problem>
}

/** Why an Ingress is served, or is not; `problem` where its owner should know. */
type Verdict = { readonly served: true } | { readonly served: false; readonly problem?: Problem }

const SERVED: Verdict = { served: true }
const IGNORED: Verdict = { served: false }

/** The selection `before`, brought from the snapshot `from` to `snapshot`. */
export function selectIngresses(
  before: Selection,
  from: Snapshot,
  snapshot: Snapshot,
  options: TranslateOptions,
): Selection {
  const declared: [string, DeclaredIngress | undefined][] = []
  const unserved: [string, Problem | undefined][] = []
  for (const key of keysToJudge(from, snapshot)) {
    const ingress = snapshot.ingresses.get(key)
    const verdict = ingress === undefined ? IGNORED : judge(ingress, snapshot, options)
    declared.push([key, ingress !== undefined && verdict.served ? declare(ingress, options, before, key) : undefined])
    unserved.push([key, verdict.served ? undefined : verdict.problem])
  }
  return { declared: before.declared.with(declared), unserved: before.unserved.with(unserved) }
}

/** Classes change so seldom that an index of their Ingresses would cost more than looking through them. */
function keysToJudge(from: Snapshot, snapshot: Snapshot): ReadonlySet<string> {
  const keys = new Set(differences(from.ingresses, snapshot.ingresses).map(({ key }) => key))
  if (from.ingressClassesReadable !== snapshot.ingressClassesReadable)
    return new Set([...keys, ...snapshot.ingresses.keys()])
  const classes = new Set(differences(from.ingressClasses, snapshot.ingressClasses).map(({ key }) => key))
  if (classes.size === 0) return keys
  for (const [key, { ingressClassName }] of snapshot.ingresses) {
    if (ingressClassName !== undefined && classes.has(ingressClassName)) keys.add(key)
  }
  return keys
}

function declare(ingress: Ingress, options: TranslateOptions, before: Selection, key: string): DeclaredIngress {
  const known = before.declared.get(key)
  return known?.ingress === ingress ? known : declareIngress(ingress, options)
}

/** Whether the rules of selection (SEL-0..6) make an Ingress ours. */
export function isOurs(ingress: Ingress, snapshot: Snapshot, options: TranslateOptions): boolean {
  return judge(ingress, snapshot, options).served
}

function judge(ingress: Ingress, snapshot: Snapshot, options: TranslateOptions): Verdict {
  if (options.watchNamespace !== '' && ingress.namespace !== options.watchNamespace) return IGNORED
  if (options.disableCatchAll && ingress.defaultBackend !== undefined) return IGNORED
  // SEL-2: without the classes, a class name is as good as none.
  if (ingress.ingressClassName !== undefined && snapshot.ingressClassesReadable)
    return judgeClass(ingress, ingress.ingressClassName, snapshot, options)
  const annotation = ingress.annotations['kubernetes.io/ingress.class']
  if (annotation !== undefined) return annotation === options.ingressClass ? SERVED : IGNORED
  return options.watchIngressWithoutClass ? SERVED : IGNORED
}

/** SEL-0, SEL-1. A class that does not exist is worth a word; one of another controller is not. */
function judgeClass(ingress: Ingress, name: string, snapshot: Snapshot, options: TranslateOptions): Verdict {
  const found = snapshot.ingressClasses.get(name)
  if (found === undefined) {
    const message = `There is no IngressClass "${name}", so this Ingress is not served. Create the class, or name an existing one.`
    return { served: false, problem: problemOf('ingress/class-not-found', ingress, 'spec.ingressClassName', message) }
  }
  if (options.ingressClassByName && found.name === options.ingressClass) return SERVED
  return found.controller === options.controllerClass ? SERVED : IGNORED
}
