import type { SortedMap } from '../collections/sorted-map.js'
import { MAX_DOCUMENT_BYTES } from '../frame/push-limit.js'
import type { Document } from '../model/documents.js'
import { encode } from '../plan/encode.js'
import { createProblem } from '../problems/create.js'
import type { ObjectRef, Problem } from '../problems/problem.js'
import { digestBytes } from './digest.js'

/** A document that cannot be pushed; it keeps its last good version, and no other waits for it. */
export function isTooLarge(document: Document): boolean {
  return sizeOf(document) > MAX_DOCUMENT_BYTES
}

/** `table/document-too-large`, about what the user knows the document as: a host, a Service or a Secret. */
function tooLargeProblem(key: string, document: Document): Problem {
  const size = `${(sizeOf(document) / 1_000_000).toFixed(1)} MB`
  const limit = `${(MAX_DOCUMENT_BYTES / 1_000_000).toFixed(1)} MB`
  const about = ownerOf(key)
  const way = about.kind === 'Host' ? ' Divide its paths among several hosts.' : ''
  const message = `What NGINX needs to know of it has ${size}; at most ${limit} are possible. Its last good version stays, if there is one; everything else goes on.${way}`
  return createProblem('table/document-too-large', about, '', message)
}

function sizeOf(document: Document): number {
  return encode(document, digestBytes).content.length
}

/** The keys of the table are those of src/model/keys.ts. */
function ownerOf(key: string): ObjectRef {
  const name = key.slice(2)
  const [namespace = '', object = ''] = name.split('/')
  switch (key.slice(0, 2)) {
    case 'h:':
      return { kind: 'Host', namespace: '', name: name === '_' ? 'default server' : name }
    case 'p:':
      return { kind: 'Host', namespace: '', name: `${name} (as a pattern)` }
    case 'w:':
      return { kind: 'Host', namespace: '', name: `*.${name}` }
    case 'u:':
      return { kind: 'Service', namespace, name: object }
    case 'c:':
      return { kind: 'Secret', namespace, name: object }
    default:
      return { kind: 'NGINX', namespace: '', name: 'table' }
  }
}

export function documentsThatFit(documents: SortedMap<Document>): SortedMap<Document> {
  const tooLarge = [...documents].filter(([, document]) => isTooLarge(document))
  return documents.with(tooLarge.map(([key]) => [key, undefined]))
}

/** Problems of the documents that are left out: all that are too large, or those of `some`. */
export function refusalsOf(documents: SortedMap<Document>, some?: ReadonlySet<Document>): readonly Problem[] {
  return [...documents]
    .filter(([, document]) => some?.has(document) ?? isTooLarge(document))
    .map(([key, document]) => tooLargeProblem(key, document))
}
