import type { Answer, Query, RecordView } from '../../analytics.js'
import type { LogFormat } from '../formats.js'
import type { RawState } from './store.js'

/** The first message to the process that keeps lines. */
export interface StoreStart {
  readonly kind: 'start'
  readonly folder: string
  readonly maxBytes: number
  readonly maxAgeMilliseconds: number
  readonly format: LogFormat
  /** A MaxMind database. */
  readonly placesFile?: string
}

/** To it, later. */
export type ToStore =
  | StoreStart
  /** `lines`: how many ends of lines are in the bytes. */
  | { readonly kind: 'lines'; readonly bytes: Uint8Array; readonly lines: number }
  | { readonly kind: 'skip' }
  | { readonly kind: 'format'; readonly format: LogFormat }
  | { readonly kind: 'ask'; readonly id: number; readonly question: StoreQuestion }
  /** The last one: to disconnect would throw away those that are on their way. */
  | { readonly kind: 'end' }

export type StoreQuestion =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'find'; readonly requestId: string }

/** From it. */
export type FromStore =
  /** It has begun, or old lines are gone. */
  | { readonly kind: 'state'; readonly state: RawState }
  /** What was in the oldest messages with lines is on the disk. */
  | { readonly kind: 'committed'; readonly bytes: number; readonly lines: number; readonly state: RawState }
  | { readonly kind: 'said'; readonly sentence: string }
  /** It ends, and may be started anew. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** It ends, and will not do better. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: StoreAnswer }

export type StoreAnswer =
  | { readonly kind: 'query'; readonly answer: Answer }
  | { readonly kind: 'find'; readonly record: RecordView | undefined }
