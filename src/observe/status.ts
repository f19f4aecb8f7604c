/** What `fairlead status` shows of a running controller; travels as JSON over the socket in the state folder. */
export interface StatusReport {
  readonly version: string
  readonly pid: number
  /** Milliseconds since the epoch, here and below. */
  readonly startedAt: number
  readonly ready: boolean
  /** Sentence: what is live, or what it is waiting for. */
  readonly reason: string
  readonly revision: number
  readonly ingresses: number
  readonly hosts: number
  readonly routes: number
  readonly upstreams: number
  readonly endpoints: number
  readonly certificates: number
  readonly problems: { readonly errors: number; readonly warnings: number; readonly first: readonly ProblemLine[] }
  readonly reloads: {
    readonly total: number
    readonly byReason: Readonly<Record<string, number>>
    readonly last: { readonly reason: string; readonly at: number } | undefined
    /** Why NGINX refused the last frame; undefined: it did not. */
    readonly refused: string | undefined
  }
  readonly nginx: NginxReport | undefined
  readonly controllerBytes: number
  /** Whether this replica writes status and events; undefined: there is no election. */
  readonly leader: boolean | undefined
  /** Watches of the API server with seconds for which they have been failing; empty where a folder is followed. */
  readonly watches: readonly { readonly resource: string; readonly lagSeconds: number }[]
}

export interface ProblemLine {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly about: string
  readonly message: string
}

export interface NginxReport {
  readonly pid: number
  readonly workers: readonly { readonly pid: number; readonly generation: number; readonly state: string }[]
  readonly residentBytes: number
  readonly tableFreeBytes: number
  readonly tableCapacityBytes: number
}
