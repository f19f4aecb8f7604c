import { type Reading, readStrings } from './fields.js'
import type { ConfigMap, ObjectMeta } from './objects.js'

/** v1 ConfigMap; binaryData is not read. */
export function parseConfigMap(reading: Reading, meta: ObjectMeta, raw: Readonly<Record<string, unknown>>): ConfigMap {
  return { kind: 'ConfigMap', ...meta, data: readStrings(reading, raw.data, 'data') }
}
