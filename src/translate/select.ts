import { type Difference, differences } from '../collections/differences.js'
import { createRelationChanges, type Relation } from '../collections/relation.js'
import type { SortedMap } from '../collections/sorted-map.js'
import type { Problem } from '../problems/problem.js'
import type { Ingress, IngressClass } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import type { Reading } from './annotations.js'
import { declareIngress, type DeclaredIngress } from './ingress.js'
import type { TranslateOptions } from './options.js'
import { problemOf } from './reference.js'

/** The Ingresses by `namespace/name`: those that are ours (SEL-0..6), and why some are not whose owner should know. */
export interface Selection {
  readonly selected: SortedMap<DeclaredIngress>
  readonly unserved: SortedMap<Problem>
  /** Ingresses by what their annotations were read with, such as `ConfigMap namespace/name`. */
  readonly readers: Relation<true>
  readonly reading: Reading
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
  reading: Reading,
): Selection {
  const changes: [string, DeclaredIngress | undefined][] = []
  const unserved: [string, Problem | undefined][] = []
  const readAgain = keysToReadAgain(before, from, snapshot, reading)
  const context = { ...reading, options, snapshot }
  for (const key of new Set([...keysToJudge(from, snapshot), ...readAgain])) {
    const ingress = snapshot.ingresses.get(key)
    const verdict = ingress === undefined ? IGNORED : judge(ingress, snapshot, options)
    const known = before.selected.get(key)
    const isKnown = known?.judged === ingress && !readAgain.has(key)
    const declared = ingress === undefined || isKnown ? known : declareIngress(ingress, context, known)
    changes.push([key, verdict.served ? declared : undefined])
    unserved.push([key, verdict.served ? undefined : verdict.problem])
  }
  const selected = before.selected.with(changes)
  const readers = findReaders(before.readers, differences(before.selected, selected))
  return { selected, unserved: before.unserved.with(unserved), readers, reading }
}

/** Ingresses whose annotations may come to something else though they did not change themselves. */
function keysToReadAgain(before: Selection, from: Snapshot, snapshot: Snapshot, reading: Reading): ReadonlySet<string> {
  if (before.reading !== reading) return new Set(before.selected.keys())
  if (before.readers.size === 0) return new Set()
  const changed = [
    ...differences(from.configMaps, snapshot.configMaps).map(({ key }) => `ConfigMap ${key}`),
    ...differences(from.secrets, snapshot.secrets).map(({ key }) => `Secret ${key}`),
    ...differences(from.services, snapshot.services).map(({ key }) => `Service ${key}`),
    ...differences(from.resolved, snapshot.resolved).map(({ key }) => `addresses ${key}`),
  ]
  return new Set(changed.flatMap((object) => [...(before.readers.get(object)?.keys() ?? [])]))
}

function findReaders(readers: Relation<true>, changes: readonly Difference<DeclaredIngress>[]): Relation<true> {
  const found = createRelationChanges<true>()
  for (const { key, before, after } of changes) {
    for (const object of before?.looked ?? []) found.drop(object, key)
    for (const object of after?.looked ?? []) found.put(object, key, true)
  }
  return found.applyTo(readers)
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

/** What an Ingress is judged by, beside itself and the flags. */
export interface Classes {
  readonly ingressClasses: { get(name: string): IngressClass | undefined }
  readonly ingressClassesReadable: boolean
}

/** Whether the rules of selection (SEL-0..6) make an Ingress ours. */
export function isOurs(ingress: Ingress, classes: Classes, options: TranslateOptions): boolean {
  return judge(ingress, classes, options).served
}

function judge(ingress: Ingress, snapshot: Classes, options: TranslateOptions): Verdict {
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
function judgeClass(ingress: Ingress, name: string, snapshot: Classes, options: TranslateOptions): Verdict {
  const found = snapshot.ingressClasses.get(name)
  if (found === undefined) {
    const message = `There is no IngressClass "${name}", so this Ingress is not served. Create the class, or name an existing one.`
    return { served: false, problem: problemOf('ingress/class-not-found', ingress, 'spec.ingressClassName', message) }
  }
  if (options.ingressClassByName && found.name === options.ingressClass) return SERVED
  return found.controller === options.controllerClass ? SERVED : IGNORED
}
