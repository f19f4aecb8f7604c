import type { Problem } from '../problems/problem.js'
import type { Ingress } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import type { TranslateOptions } from './options.js'
import { problemOf } from './reference.js'

/** Why an Ingress is served, or is not; `problem` where its owner should know. */
type Verdict = { readonly served: true } | { readonly served: false; readonly problem?: Problem }

const SERVED: Verdict = { served: true }
const IGNORED: Verdict = { served: false }

export interface Selection {
  /** Oldest first (ORD-1). */
  readonly served: readonly Ingress[]
  readonly problems: readonly Problem[]
}

/** The Ingresses that are ours (SEL-0..6), in the order in which they win conflicts (ORD-1). */
export function selectIngresses(snapshot: Snapshot, options: TranslateOptions): Selection {
  const served: Ingress[] = []
  const problems: Problem[] = []
  for (const ingress of snapshot.ingresses.values()) {
    const verdict = judge(ingress, snapshot, options)
    if (verdict.served) served.push(ingress)
    else if (verdict.problem !== undefined) problems.push(verdict.problem)
  }
  return { served: served.sort(byAge), problems }
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

/**
 * ORD-1: oldest first; of the same age, descending `namespace/name`. Objects that do not say when they were created
 * count as youngest: in a cluster, one `kubectl apply` of a folder gives them all the same second too.
 */
function byAge(a: Ingress, b: Ingress): number {
  const first = a.createdAt ?? Number.POSITIVE_INFINITY
  const second = b.createdAt ?? Number.POSITIVE_INFINITY
  if (first !== second) return first < second ? -1 : 1
  if (a.namespace !== b.namespace) return a.namespace > b.namespace ? -1 : 1
  if (a.name === b.name) return 0
  return a.name > b.name ? -1 : 1
}
