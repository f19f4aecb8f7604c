import { complain, type Reading, readMapping, readString, readStrings, refuse } from './fields.js'
import type { ObjectMeta } from './objects.js'

const subdomain = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** The metadata of an object whose kind, namespace and name are known already; ORD-1 reads `creationTimestamp`. */
export function parseMetadata(reading: Reading, raw: unknown): ObjectMeta {
  const fields = readMapping(reading, raw, 'metadata')
  const { namespace, name } = reading.about
  checkName(reading, namespace, name)
  return {
    namespace,
    name,
    uid: readString(reading, fields.uid, 'metadata.uid'),
    createdAt: readTime(reading, fields.creationTimestamp, 'metadata.creationTimestamp'),
    annotations: readStrings(reading, fields.annotations, 'metadata.annotations'),
    labels: readStrings(reading, fields.labels, 'metadata.labels'),
    source: reading.source,
  }
}

/** Names that the API server would refuse could be taken for another object's in a key such as `namespace/name`. */
function checkName(reading: Reading, namespace: string, name: string): void {
  if (!subdomain.test(name)) {
    const expected = "a DNS name of small letters, digits, '-' and '.'"
    complain(reading, 'metadata.name', `metadata.name is ${JSON.stringify(name)}; expected ${expected}.`)
  }
  if (namespace !== '' && !label.test(namespace)) {
    const expected = "a DNS label of small letters, digits and '-'"
    complain(reading, 'metadata.namespace', `metadata.namespace is ${JSON.stringify(namespace)}; expected ${expected}.`)
  }
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

function readTime(reading: Reading, raw: unknown, field: string): number | undefined {
  if (raw === undefined || raw === null) return undefined
  const time = typeof raw === 'string' && rfc3339.test(raw) ? Date.parse(raw) : Number.NaN
  return Number.isNaN(time) ? refuse(reading, raw, field, 'a time such as 2026-01-31T12:00:00Z', undefined) : time
}
