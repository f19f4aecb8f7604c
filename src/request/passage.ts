import type { HostDocument, Route, UpstreamDocument } from '../model/documents.js'
import type { RequestCopy } from './request-copy.js'
import type { SplitOutcome } from './split-outcome.js'

export type Scheme = 'http' | 'https'

/**
 * A request as it was understood, before anything was decided. What few steps ask for is a function: in NGINX it costs
 * a look-up.
 */
export interface Asked {
  readonly scheme: (this: void) => Scheme
  /**
   * `$host`, or what a proxy in front calls it: lower case, without port and final dot. For what the client is told,
   * never for access.
   */
  readonly name: string
  /** `$host`, by which the request was routed. */
  readonly routed: string
  /** `$uri`: decoded and normalised. */
  readonly path: string
  /** `$request_uri`: path and query as the client sent them. */
  readonly target: (this: void) => string
}

/**
 * A request on its way through the features of its route: what is known of it, and what features changed about what goes to
 * the backend. A plain route has none.
 */
export interface Passage {
  readonly asked: Asked
  readonly host: HostDocument
  readonly route: Route
  /** Groups of the regular expression that matched the path; `[0]` is the whole match. Absent on a literal path. */
  captures?: readonly string[]
  /** The one the route names, until a step of `order.endpoint` puts another in its place. */
  upstream?: UpstreamDocument
  /** Set where the route or its upstream has an alternative. */
  split?: SplitOutcome
  /** Path for the backend, decoded, beginning with a slash; absent: as the client sent it. The query is the client's. */
  upstreamPath?: string
  /** The request is answered with another path, and this query, in place of what it asked for. */
  page?: { readonly query: string }
  /** Key of a client that was bound to an endpoint in this request, for its cookie (AFF-1). */
  sessionKey?: string
  /** A step of `order.end` has something to do when the request is over. */
  awaited?: boolean
  /** A span is made of the request. */
  recorded?: boolean
  /** The request's body is read before it goes on, and kept until its end (MIR-4). */
  keepsBody?: boolean
  /** What is sent to mirrors when the request is over. */
  copies?: readonly RequestCopy[]
  /** An endpoint was chosen for it: nobody refused it. Only known of a request with `copies`. */
  sent?: boolean
  /** As which client the request counts among those under way (LIM-3). */
  connectionOf?: string
  /** The upstream has no endpoint, and the `default-backend` of the Ingress gets the request (ERR-5). */
  standIn?: boolean
  /** Its answer is being replaced by the error backend's; that of the error backend stays (ERR-2). */
  replaced?: boolean
  /** Lines of Set-Cookie from an auth service, and whether answers of every status get them (EXT-5). */
  authCookies?: { readonly lines: readonly string[]; readonly always: boolean }
}
