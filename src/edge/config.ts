import type { RequestMetrics } from '../model/request-metrics.js'

/** What the frame tells the edge, as literals in `init_by_lua`. */
export interface EdgeConfig {
  /** Number of the frame; workers report it, which is how a reload is confirmed. */
  readonly generation: number
  /** Digest of this code and the form of its documents: the prefix of every key it reads and writes. */
  readonly format: string
  /** File to load the table from where shared memory has none. */
  readonly snapshot: string
  /** Name of the variable of the scheme that the client used. */
  readonly scheme: string
  /** Name of the variable of X-Forwarded-Host as it is believed; absent: it is not. */
  readonly forwarded_host?: string
  readonly request_ids: boolean
  /** It listens for HTTP/3; absent: not. */
  readonly http3?: boolean
  /** Spans of sampled requests are written down; absent: not. */
  readonly spans?: boolean
  /** The access log says whose a route is; absent: it does not. */
  readonly names?: boolean
  /** The settings say what every answer carries. */
  readonly adds_headers: boolean
  readonly hides_server: boolean
  /** Answers of the default location, and of those like it, pass no header filter. */
  readonly bare_heads: boolean
  /**
   * The default location sends backends the Host header of the client and no Upgrade, whatever Lua writes; and profiles
   * that are nothing but a limit of bodies have a location like it.
   */
  readonly usual_headers: boolean
  /** Names of the profiles that this frame has. */
  readonly profiles: Readonly<Record<string, boolean>>
  /** Whether it has a pool of threads. */
  readonly threads: boolean
  /** What is counted of requests; absent: nothing. */
  readonly metrics?: RequestMetrics
}

let current: EdgeConfig = {
  generation: 0,
  format: '',
  snapshot: '',
  scheme: 'scheme',
  request_ids: true,
  adds_headers: false,
  hides_server: true,
  bare_heads: false,
  usual_headers: false,
  profiles: {},
  threads: false,
}

export function setConfig(config: EdgeConfig): void {
  current = config
}

export function config(): EdgeConfig {
  return current
}
