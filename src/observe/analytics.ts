/**
 * What can be asked of the access log, and the shape of the answers: plain data, for the dashboard, the command line
 * and alerts alike. Source: ack.md sections 4.3 and 5.
 */

/**
 * What requests can be told apart by. `path` is without its query; `service` is the upstream that served: the alternative one
 * where there is one, else the main one; `device` is mobile, tablet, desktop, other; country, region and city are
 * there only with a database of places.
 */
export const dimensions = [
  'host',
  'path',
  'status',
  'method',
  'service',
  'upstreamStatus',
  'client',
  'browser',
  'os',
  'device',
  'country',
  'region',
  'city',
] as const

export type Dimension = (typeof dimensions)[number]

/**
 * What is told of requests. Counts and bytes are sums over the row's time; shares are from 0 to 1, times are in seconds.
 * `visitors`: different client addresses, within 2 percent or so. `success`: status below 400; `error`: from 400 on;
 * `notForwarded`: no backend was asked. Quantiles are within 1 percent of the value.
 */
export const figures = [
  'requests',
  'requestsPerSecond',
  'visitors',
  'bytesSent',
  'requestBytes',
  'successShare',
  'errorShare',
  'serverErrorShare',
  'serverErrors',
  'notFoundShare',
  'notFound',
  'notForwardedShare',
  'mobileShare',
  'androidShare',
  'iosShare',
  'latencyAverage',
  'latencyP50',
  'latencyP90',
  'latencyP95',
  'latencyP99',
  'latencyP999',
  'latencyP9999',
  'upstreamLatencyAverage',
  'upstreamLatencyP50',
  'upstreamLatencyP90',
  'upstreamLatencyP95',
  'upstreamLatencyP99',
  'upstreamLatencyP999',
  'upstreamLatencyP9999',
] as const

export type Figure = (typeof figures)[number]

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | '!~'

/** `~` is "contains", with `*` for any text. `<` and the like are for `status` and `upstreamStatus`. */
export interface Condition {
  readonly dimension: Dimension
  readonly operator: Operator
  readonly value: string
}

export interface Query {
  /** Milliseconds since 1970; `to` is not included. */
  readonly from: number
  readonly to: number
  /** One row for each step of so many seconds (at least those of the roll-up); absent: one row for all of the time. */
  readonly stepSeconds?: number
  /** All have to hold. */
  readonly filter?: readonly Condition[]
  readonly groupBy?: readonly Dimension[]
  readonly figures: readonly Figure[]
  /** Which groups come first; default: most of the first figure. */
  readonly order?: { readonly by: Figure; readonly direction: 'most' | 'least' }
  /**
   * `lines`: from the lines themselves where they are kept, which is exact and takes longer; default: from roll-ups
   * where they can tell.
   */
  readonly prefer?: 'lines'
  /** Groups, not rows: with a step each of them has all its steps. Default 1,000. */
  readonly limit?: number
}

export interface AnswerRow {
  /** Begin of the step, in milliseconds; absent without a step. */
  readonly time?: number
  /** Values of `groupBy`, in its order. `OTHER` stands for what was too rare to be kept by itself. */
  readonly group: readonly string[]
  /** In the order of the query's figures; null: there was nothing to measure. */
  readonly figures: readonly (number | null)[]
}

/** In the place of a value: everything that was too rare to be kept by itself. */
export const OTHER = '(other)'

export type Answer =
  | {
      readonly ok: true
      readonly rows: readonly AnswerRow[]
      /** Width of the intervals the answer was made of; 0: of the lines themselves. */
      readonly resolutionSeconds: number
      readonly source: 'rolled-up' | 'raw'
      /** Rare values may be missing, or be in the row `OTHER`. */
      readonly approximate: boolean
    }
  /** What was asked cannot be answered; a sentence for people. */
  | { readonly ok: false; readonly message: string }

/** What became of the log so far. */
export interface AnalyticsStatus {
  /** Lines that were read into records. */
  readonly records: number
  /** Lines that no known format fits, and a few of them, shortened. */
  readonly unparsable: number
  readonly unparsableSamples: readonly string[]
  /** Lines that were given up because they came faster than they can be read. */
  readonly lost: number
  /** Lines with a time that cannot be: they count for the time at which they were read. */
  readonly misdated: number
  /** Lines from before anything that is kept. */
  readonly tooOld: number
  /** Times of the oldest and the newest record, in milliseconds. */
  readonly oldest?: number
  readonly newest?: number
  /** Rows of roll-ups in memory, and the most there may be. */
  readonly rows: number
  readonly maxRows: number
  readonly store: StoreStatus
  readonly geography: boolean
}

export type StoreStatus =
  /** Rolled up in memory only; why. */
  | { readonly kind: 'none'; readonly reason: string }
  | {
      readonly kind: 'raw'
      readonly bytes: number
      /** Lines that are kept, and the times of the oldest and the newest. */
      readonly lines?: number
      readonly oldest?: number
      readonly newest?: number
      readonly waitingLines: number
      /** Lines since the start that were not kept: they came too fast, or the store had a problem. */
      readonly notKept?: number
      readonly problem?: string
    }

/** A request as a line of the log tells it. Absent: not in the line, or `-`. */
export interface RecordView {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly client?: string
  readonly user?: string
  readonly method?: string
  readonly host?: string
  /** With the query. */
  readonly uri?: string
  readonly status: number
  readonly bytesSent?: number
  readonly requestBytes?: number
  readonly seconds?: number
  readonly service?: string
  readonly mainService?: string
  readonly upstreamAddress?: string
  readonly upstreamStatus?: string
  readonly upstreamSeconds?: number
  readonly referer?: string
  readonly userAgent?: string
  readonly requestId?: string
}

/** The read interface of log analytics. Nothing here throws for what is asked. */
export interface Analytics {
  query(query: Query): Promise<Answer>
  status(): Promise<AnalyticsStatus>
  /** The newest records that fit, newest first; of the last few thousand. */
  recent(options: { readonly filter?: readonly Condition[]; readonly limit?: number }): Promise<readonly RecordView[]>
  /** The record of a request id, from the newest records or the raw store. */
  find(requestId: string): Promise<RecordView | undefined>
}
