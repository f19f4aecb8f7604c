import type { Annotation, Family } from './declare.js'
import { families } from './index.js'

/** An annotation as the reference shows it. */
export interface ReferenceEntry {
  /** Without prefix. */
  readonly name: string
  readonly family: Pick<Family, 'name' | 'title'>
  readonly annotation: Annotation<unknown>
}

/** Every annotation that this version understands, by family and name. */
export function referenceEntries(): readonly ReferenceEntry[] {
  return families
    .toSorted((a, b) => (a.title < b.title ? -1 : 1))
    .flatMap((family) => Object.entries(family.annotations).map(([name, annotation]) => ({ name, family, annotation })))
}

/** What happens where a value cannot be read. */
export const onBadValue: Readonly<Record<Annotation<unknown>['bad'], string>> = {
  default: 'the default applies',
  off: 'the family does nothing',
  close: 'the paths answer 503',
  refuse: 'the Ingress is refused',
}
