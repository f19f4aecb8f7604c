import { type Reading, readMapping, readString } from './fields.js'
import type { IngressClass, ObjectMeta } from './objects.js'

/** networking.k8s.io/v1 IngressClass; its parameters are not used (SEL-4). */
export function parseIngressClass(
  reading: Reading,
  meta: ObjectMeta,
  raw: Readonly<Record<string, unknown>>,
): IngressClass {
  const spec = readMapping(reading, raw.spec, 'spec')
  return { kind: 'IngressClass', ...meta, controller: readString(reading, spec.controller, 'spec.controller') }
}
