import type { TextPart } from './text-part.js'

/** A header of a request that NGINX or we send, by its name and a text with variables. */
export interface RequestHeader {
  readonly name: string
  readonly value: readonly TextPart[]
}
