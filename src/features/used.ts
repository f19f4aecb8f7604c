import type { Family } from './declare.js'
import type { Defaults } from './defaults.js'
import { families } from './index.js'

const byAnnotation = familiesBy(({ annotations }) =>
  Object.entries(annotations).flatMap(([name, { alias }]) => (alias === undefined ? [name] : [name, alias])),
)

/** By what a value of the ConfigMap is called in `Defaults`. */
const byDefault = familiesBy(({ annotations, settings = {} }) => [
  ...Object.keys(annotations),
  ...Object.keys(settings),
])

function familiesBy(namesOf: (one: Family) => readonly string[]): ReadonlyMap<string, readonly Family[]> {
  const found = new Map<string, Family[]>()
  for (const one of families)
    for (const name of new Set(namesOf(one))) found.set(name, [...(found.get(name) ?? []), one])
  return found
}

const NONE: readonly Family[] = []

/**
 * The families that have something to say about an Ingress, in the order in which they are listed: those of its
 * annotations, and those of which the ConfigMap has a value.
 *
 * @param texts annotations by name without prefix
 */
export function familiesUsed(texts: ReadonlyMap<string, string>, defaults: Defaults): readonly Family[] {
  // Most Ingresses of many clusters have none.
  if (texts.size === 0 && defaults.size === 0) return NONE
  const used = new Set<Family>()
  for (const name of texts.keys()) for (const one of byAnnotation.get(name) ?? NONE) used.add(one)
  for (const name of defaults.keys()) for (const one of byDefault.get(name) ?? NONE) used.add(one)
  return families.filter((one) => used.has(one))
}

/** The first annotation of the family that says something, or a key of the ConfigMap that it looks at. */
export function nameUsedOf(
  { annotations, settings = {} }: Family,
  texts: ReadonlyMap<string, string>,
  defaults: Defaults,
): string | undefined {
  const isGiven = ([name, { alias }]: readonly [string, { readonly alias?: string }]): boolean =>
    texts.has(name) || defaults.has(name) || (alias !== undefined && texts.has(alias))
  return Object.entries(annotations).find(isGiven)?.[0] ?? Object.keys(settings).find((key) => defaults.has(key))
}
