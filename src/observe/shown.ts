/**
 * What the admin API answers and the dashboard shows: plain data that travels as JSON. Nothing here is HTML; the page shows
 * every text as text. Times are milliseconds since the epoch.
 */

/** A part of a list that may be long. */
export interface Page<T> {
  readonly rows: readonly T[]
  /** How many rows there are in all that fit the question. */
  readonly total: number
  /** Position of the first of `rows`, from 0. */
  readonly offset: number
}

/** What was counted of requests in a time, mostly the last minute. null: there was no request. */
export interface LiveTraffic {
  readonly requestsPerSecond: number
  /** From 0 to 1: 4xx, 5xx. */
  readonly clientErrorShare: number | null
  readonly serverErrorShare: number | null
  /** Seconds, of the whole request; the quantile is estimated from the buckets of the metrics (`--time-buckets`). */
  readonly latencyAverage: number | null
  readonly latencyP95: number | null
}

/** Whether requests are counted by route, and how many there are in all. */
export type TrafficState =
  | {
      readonly kind: 'counted'
      /** Grows with each look at the counters, every five seconds: figures of routes change with it. */
      readonly looks: number
      readonly all: LiveTraffic
      /** Set where they cannot be told apart by host or route: why. */
      readonly limited?: string
    }
  /** Why there are none, and what to do. */
  | { readonly kind: 'none'; readonly reason: string }

export interface Overview {
  readonly version: string
  readonly engine: string
  /** The one pod or process whose view this is. */
  readonly instance: string
  readonly source: 'folder' | 'cluster'
  readonly startedAt: number
  readonly revision: number
  readonly health: { readonly ready: boolean; readonly stopping: boolean; readonly reason: string }
  /** Process of NGINX's master; absent: none runs. */
  readonly nginx?: number
  readonly counts: {
    readonly ingresses: number
    readonly hosts: number
    readonly services: number
    readonly upstreams: number
    readonly endpoints: number
    readonly certificates: number
  }
  readonly problems: { readonly errors: number; readonly warnings: number }
  readonly traffic: TrafficState
  readonly pushes: number
  readonly reloads: number
  /** Bytes of resident memory of the controller. */
  readonly memory: number
  readonly lastReload?: TimelineEntry
  /** The certificate that ends first. */
  readonly nextExpiry?: { readonly name: string; readonly at: number }
}

export interface RouteRow {
  /** `_` is the default server. */
  readonly host: string
  readonly path: string
  readonly match: 'exact' | 'prefix' | 'slash' | 'regex' | 'implicit'
  /** Where its requests go: `namespace/service/port`, or what NGINX answers itself. */
  readonly to: string
  /** Ready endpoints; absent where it goes to no Service. */
  readonly endpoints?: number
  /** `namespace/name` of the Ingress it comes from; absent where no Ingress declares it. */
  readonly ingress?: string
  /** The host has TLS. */
  readonly secure: boolean
  /** `namespace/service/port` of the canary beside it. */
  readonly canary?: string
  /** Of the last minute; absent: there was no request, or none are counted. */
  readonly live?: LiveTraffic
}

/** By what routes may be ordered: most first, what had no request behind them. */
export type RouteOrder = 'host' | 'rate' | 'errors' | 'latency'

/** One host with its routes. */
export interface HostDetail {
  readonly host: string
  readonly secure: boolean
  readonly live?: LiveTraffic
  /** At most 200; `more` counts the rest. */
  readonly routes: readonly RouteRow[]
  readonly more: number
}

export interface IngressRow {
  readonly namespace: string
  readonly name: string
  readonly class: string
  /** Addresses of its status. */
  readonly addresses: readonly string[]
  /** At most four of them; `more` counts the rest. */
  readonly rules: readonly string[]
  readonly more: number
  readonly tls: boolean
  readonly createdAt?: number
  readonly errors: number
  readonly warnings: number
  readonly isCanary: boolean
}

export interface IngressDetail {
  readonly namespace: string
  readonly name: string
  readonly class: string
  readonly createdAt?: number
  readonly file?: string
  readonly addresses: readonly string[]
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly annotations: readonly (readonly [name: string, value: string])[]
  readonly rules: readonly RuleRow[]
  readonly tls: readonly { readonly hosts: readonly string[]; readonly secret: string }[]
  /** Set where it is a canary: the rules by which requests go to it, in words. */
  readonly canary?: string
  readonly problems: readonly ProblemRow[]
}

export interface RuleRow {
  readonly host: string
  readonly path: string
  readonly pathType: string
  readonly service: string
  readonly endpoints: readonly string[]
  /** `namespace/service/port` of the canary beside it, with its share in words. */
  readonly canary?: string
  readonly live?: LiveTraffic
}

export interface ProblemRow {
  readonly code: string
  readonly severity: 'error' | 'warning'
  /** What its code means. */
  readonly title: string
  readonly field: string
  /** What is wrong, what happens instead, how to put it right. */
  readonly message: string
  readonly file?: string
  readonly line?: number
}

export interface ObjectProblems {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly problems: readonly ProblemRow[]
}

export interface CertificateRow {
  /** `namespace/name` of the Secret; `default` for the self-signed one. */
  readonly secret: string
  readonly names: readonly string[]
  readonly issuer: string
  readonly notBefore: number
  readonly notAfter: number
  /** How many hosts serve it. */
  readonly hosts: number
  readonly isDefault: boolean
  readonly problems: readonly ProblemRow[]
}

/** Something that NGINX was told, or that happened to it. */
export interface TimelineEntry {
  readonly at: number
  readonly kind: 'push' | 'reload' | 'refused' | 'nginx'
  /** One sentence. */
  readonly text: string
  /** What it was about: names of documents, or what changed in the file. Not all of them where they are many. */
  readonly details: readonly string[]
  /** How many of the kind came together within a second and are one entry. */
  readonly times: number
}

export interface Timeline {
  /** Newest first. */
  readonly entries: readonly TimelineEntry[]
}

/** The words of an explanation, as the command line prints them. */
export interface ExplanationWords {
  readonly headline: { readonly tone: 'good' | 'redirect' | 'answer' | 'bad'; readonly text: string }
  /** In the order of the decision; an empty name goes on with the row before. */
  readonly rows: readonly { readonly name: string; readonly text: string }[]
}

export interface LiveExplanation {
  /** What `fairlead explain --json` prints. */
  readonly explanation: unknown
  /** Why it is not certain; absent: it is. */
  readonly unsure?: string
  readonly words: ExplanationWords
  /** Of the table that NGINX has. */
  readonly revision: number
  /** Documents that were looked at and are older in NGINX than what is desired. */
  readonly behind: readonly string[]
}

/** A question to explain, as a person writes it. */
export interface ExplainRequest {
  readonly url: string
  /** Lines such as `X-Canary: always`. */
  readonly headers: readonly string[]
  /** Such as `canary=always`. */
  readonly cookies: readonly string[]
}
