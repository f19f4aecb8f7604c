import { complain, keyed, type Reading, readMapping, readString, readStrings } from './fields.js'
import type { ObjectMeta, Secret } from './objects.js'

/** v1 Secret. `stringData` is written over `data`, as the API server does. */
export function parseSecret(reading: Reading, meta: ObjectMeta, raw: Readonly<Record<string, unknown>>): Secret {
  const encoded = Object.entries(readMapping(reading, raw.data, 'data'))
  const plain = Object.entries(readStrings(reading, raw.stringData, 'stringData'))
  const decoded = encoded.map(([key, value]) => [key, decode(reading, value, keyed('data', key))] as const)
  const written = plain.map(([key, value]) => [key, Buffer.from(value, 'utf8')] as const)
  return {
    kind: 'Secret',
    ...meta,
    type: readString(reading, raw.type, 'type', 'Opaque'),
    data: Object.freeze(Object.fromEntries([...decoded, ...written])),
  }
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

/** RFC 4648 section 4 with line breaks allowed; Node itself would skip whatever it does not know. */
function decode(reading: Reading, raw: unknown, field: string): Buffer {
  const text = readString(reading, raw, field).replaceAll(/[\r\n]/g, '')
  if (text.length % 4 === 0 && base64.test(text)) return Buffer.from(text, 'base64')
  // The text itself stays out of the message: it may be a private key.
  complain(reading, field, `${field} is not base64; plain text belongs in stringData.`)
  return Buffer.alloc(0)
}
