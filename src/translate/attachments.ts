import { type Difference, differences } from '../collections/differences.js'
import { createRelationChanges, type Relation } from '../collections/relation.js'
import type { SortedMap } from '../collections/sorted-map.js'
import type { Attachment } from '../model/attachment.js'
import type { DeclaredIngress } from './ingress.js'

export interface Attachments {
  /** By key and Ingress that needs it. */
  readonly attachers: Relation<Attachment>
  readonly attachments: SortedMap<Attachment>
}

/** What routes name by key, as long as an Ingress needs it. */
export function collectAttachments(
  before: Attachments,
  ingresses: readonly Difference<DeclaredIngress>[],
): Attachments {
  const found = createRelationChanges<Attachment>()
  for (const { key: ingress, before: old, after } of ingresses) {
    for (const { key } of old?.features.attachments ?? []) found.drop(key, ingress)
    for (const { key, attachment } of after?.features.attachments ?? []) found.put(key, ingress, attachment)
  }
  const attachers = found.applyTo(before.attachers)
  const changes = differences(before.attachers, attachers).map(
    ({ key, after }) => [key, after?.values().next().value] as const,
  )
  return { attachers, attachments: before.attachments.with(changes) }
}
