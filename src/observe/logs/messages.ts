import type { AnalyticsStatus, Answer, Condition, Query, RecordView } from '../analytics.js'
import type { LogFormat } from './formats.js'

/** What the thread is started with. */
export interface ThreadStart {
  readonly format: LogFormat
  /** Where roll-ups are kept for the next start. */
  readonly savedFolder?: string
  /** A MaxMind database. */
  readonly placesFile?: string
}

/** To the thread that reads the log. */
export type ToThread =
  | { readonly kind: 'lines'; readonly bytes: Uint8Array }
  | { readonly kind: 'skip'; readonly lines: number }
  | { readonly kind: 'format'; readonly format: LogFormat }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }

export type Question =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'status' }
  | { readonly kind: 'recent'; readonly filter: readonly Condition[]; readonly limit: number }
  | { readonly kind: 'find'; readonly requestId: string }
  /** Writes what is known to the disk. */
  | { readonly kind: 'save' }

/** From it. */
export type FromThread =
  | { readonly kind: 'read'; readonly bytes: number }
  | { readonly kind: 'said'; readonly sentence: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: QuestionAnswer }

export type QuestionAnswer =
  | { readonly kind: 'query'; readonly answer: Answer }
  | { readonly kind: 'status'; readonly status: AnalyticsStatus }
  | { readonly kind: 'recent'; readonly records: readonly RecordView[] }
  | { readonly kind: 'find'; readonly record: RecordView | undefined }
  | { readonly kind: 'save' }
