import { type Difference, differences } from '../collections/differences.js'
import { createRelationChanges, type Relation } from '../collections/relation.js'
import type { SortedMap } from '../collections/sorted-map.js'
import type { Problem } from '../problems/problem.js'
import type { Ingress } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import type { Reading } from './annotations.js'
import { declareIngress, type DeclaredIngress } from './ingress.js'
import type { TranslateOptions } from './options.js'
import { ABSENT, type Classes, judge, problemOfVerdict } from './served-by-us.js'

/** The Ingresses by `namespace/name`: those that are ours (SEL-0..6), and why some are not whose owner should know. */
export interface Selection {
  readonly selected: SortedMap<DeclaredIngress>
  readonly unserved: SortedMap<Problem>
  /** Ingresses by what their annotations were read with, such as `ConfigMap namespace/name`. */
  readonly readers: Relation<true>
  readonly reading: Reading
}

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
    const verdict = ingress === undefined ? ABSENT : judge(ingress, snapshot, options)
    const known = before.selected.get(key)
    const isKnown = known?.judged === ingress && !readAgain.has(key)
    const declared = ingress === undefined || isKnown ? known : declareIngress(ingress, context, known)
    changes.push([key, verdict.isServed ? declared : undefined])
    unserved.push([key, ingress === undefined ? undefined : problemOfVerdict(ingress, verdict)])
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

/** Whether the rules of selection (SEL-0..6) make an Ingress ours. */
export function isOurs(ingress: Ingress, classes: Classes, options: TranslateOptions): boolean {
  return judge(ingress, classes, options).isServed
}
