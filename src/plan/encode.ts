import type { Document } from '../model/documents.js'

/** A document as it is pushed. */
export interface Encoded {
  /** 16 hexadecimal digits of the content. */
  readonly digest: string
  /** JSON; one character per byte. */
  readonly content: string
}

const known = new WeakMap<Document, Encoded>()

/** Encodes a document, once for as long as it lives. `digest` hashes bytes, given as one character each, to hexadecimal. */
export function encode(document: Document, digest: (bytes: string) => string): Encoded {
  const before = known.get(document)
  if (before !== undefined) return before
  const content = JSON.stringify(document)
  const encoded = { digest: digest(content), content }
  known.set(document, encoded)
  return encoded
}
