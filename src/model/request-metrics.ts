/**
 * What is counted of requests, and how; the edge counts by it and the controller reads by it (observability.md section
 * 2.1).
 */
export interface RequestMetrics {
  /** Upper bounds of buckets, rising: seconds (`--time-buckets`), and bytes (`--length-buckets`, `--size-buckets`). */
  readonly times: readonly number[]
  readonly lengths: readonly number[]
  readonly sizes: readonly number[]
  /** false: all hosts are one (`--metrics-per-host=false`). */
  readonly perHost: boolean
  /** Also requests for names that no Ingress declares, by name (`--metrics-per-undefined-host`). */
  readonly undefinedHosts: boolean
  /** Statuses are `2xx`, … (`--report-status-classes`). */
  readonly statusClasses: boolean
  /** Label sets that the controller keeps, and that a worker has at most (`--metrics-max-series`). */
  readonly most: number
}

/** Bounds that one set of buckets may have. */
export const MOST_BUCKETS = 63

/**
 * Where the numbers of a label set stand: at 1 the number of requests; then for each histogram the sum of its values, and
 * behind it how many values fell into each bucket, the last being `+Inf`. Positions count from 1.
 */
export interface Layout {
  readonly requestDuration: number
  readonly responseDuration: number
  readonly headerDuration: number
  readonly connectDuration: number
  readonly requestSize: number
  readonly responseSize: number
  readonly bytesSent: number
  /** How many numbers there are. */
  readonly length: number
}

/** Position of the number of requests. */
export const REQUESTS = 1

export function layoutOf({ times, lengths, sizes }: RequestMetrics): Layout {
  const time = times.length + 2
  const length = lengths.length + 2
  const first = REQUESTS + 1
  return {
    requestDuration: first,
    responseDuration: first + time,
    headerDuration: first + 2 * time,
    connectDuration: first + 3 * time,
    requestSize: first + 4 * time,
    responseSize: first + 4 * time + length,
    bytesSent: first + 4 * time + 2 * length,
    length: first + 4 * time + 2 * length + sizes.length + 1,
  }
}

/** Methods that have a label of their own. Clients can invent any number of others, which are `OTHER` together. */
export const METHODS: readonly string[] = [
  'OTHER',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'TRACE',
  'CONNECT',
]

/** `key` of a label set: status, or its first digit, and method. */
export const METHODS_PLACE = 32
