import type { AddressRanges } from './address-ranges.js'
import type { RequestHeader } from './request-header.js'
import type { TextPart } from './text-part.js'
import type { ProxyFeatures } from './proxy-features.js'

/**
 * What the documents of the table say of features: one member for each family of annotations, written by the family's
 * `contribute` and read by its `edge.ts`. A family that is not used is absent and costs a request nothing.
 */

/** Settings of a path. */
export interface RouteFeatures extends ProxyFeatures {
  readonly release?: ReleaseSettings
  readonly redirect?: RedirectSettings
  readonly limits?: LimitSettings
  /** Clients that are refused whatever else they can show (IP-2). */
  readonly denied?: AddressListSettings
  /** Clients that may come in; others have to satisfy another check, or are refused. */
  readonly allowed?: AddressListSettings
  /** Who logs in with a password may come in (annotations.md section 4). */
  readonly basic?: LoginSettings
  readonly digest?: LoginSettings
  readonly externalAuth?: ExternalAuthSettings
  /** SAT-1: one of the checks is enough; absent: each has to be passed. */
  readonly satisfyAny?: true
  readonly throttle?: ThrottleSettings
  readonly tracing?: TracingSettings
  readonly mirror?: MirrorSettings
  /** ModSecurity inspects its requests, in the location of its profile (annotations.md section 22). */
  readonly inspected?: true
  readonly rewrite?: RewriteSettings
  readonly upstreamVhost?: UpstreamVhostSettings
  /** Headers for the backend in place of the client's; one that comes to nothing is taken away. */
  readonly requestHeaders?: readonly RequestHeader[]
  readonly connectionHeader?: ConnectionHeaderSettings
  readonly cors?: CorsSettings
  /** Response headers to set, by name; an empty value takes the header away (annotations.md section 12). */
  readonly customHeaders?: readonly (readonly [name: string, value: string])[]
  readonly affinity?: AffinityPath
  readonly errors?: ErrorSettings
}

/** How requests are traced (annotations.md section 16). */
export interface TracingSettings {
  /** A trace that the client is part of is continued. */
  readonly trusts?: true
  /** Of 2^52 traces, so many are sampled. */
  readonly sampled: number
  /** One that is continued is sampled if its parent was. */
  readonly parentBased?: true
  /** Namespace, Ingress, Service and path, each with a tab behind it. */
  readonly about: readonly TextPart[]
  /** Name of the spans; absent: made of method and path. */
  readonly name?: readonly TextPart[]
}

/** Settings of a whole host: the oldest Ingress that has some wins (ORD-3). */
export interface HostFeatures {
  /** Every request is answered 403: what the host asks of clients cannot be had (MTLS-1). Of any Ingress, not the oldest. */
  readonly forbidden?: true
  readonly clients?: ClientSettings
  /** TLS for the host is for its backend, and never ended here (PT-1). Of any Ingress. */
  readonly passthrough?: true
  readonly appRoot?: AppRootSettings
  readonly www?: WwwSettings
}

/** How TLS with clients of a host is done; apart from `HostFeatures`, since no request has to look at it (TLS-1). */
export interface TlsSettings {
  /** As OpenSSL has them, for versions up to 1.2; absent: those of the frame. */
  readonly ciphers?: string
  /** Whose order of ciphers counts; absent: the server's. */
  readonly preference?: 'server' | 'client'
}

/** Settings of an upstream; `features/upstream.ts` says whose count where several Ingresses use it. */
export interface UpstreamFeatures {
  readonly affinity?: AffinitySettings
  readonly balancing?: BalancingSettings
  /** A canary stands beside it (CAN-5). */
  readonly canary?: SplitSettings
}

/** The path that the backend gets (annotations.md section 18, RW-1); variables `1` to `9` are groups of the pattern. */
export interface RewriteSettings {
  readonly target: readonly TextPart[]
  /** RW-3: the target is a URL, and requests are redirected to it. */
  readonly absolute?: boolean
  /** VH-2: value of X-Forwarded-Prefix. */
  readonly prefix?: readonly TextPart[]
}

/** RW-5: path on the same host to which `/` is redirected. */
export interface AppRootSettings {
  readonly to: readonly TextPart[]
}

/** Every request is answered with a redirect (annotations.md section 17, RED-1). */
export interface RedirectSettings {
  readonly status: number
  /** A whole URL, or a path, which is put behind `scheme://host` unless `relative`. */
  readonly to: string
  /** RED-3, RED-5: a path is sent as it is. */
  readonly relative?: boolean
  /** RED-8: the port of the listener is named in the URL made from a path. */
  readonly withPort?: boolean
}

/** What clients of a host have to show over TLS (annotations.md section 6). */
export interface ClientSettings {
  /** Key of the attachment with what their certificates are verified by. */
  readonly authority: string
  /** MTLS-3. */
  readonly verify: 'on' | 'off' | 'optional' | 'optional_no_ca'
  /** How many certificates may stand between a client's and a trusted one; at least 1. */
  readonly depth: number
  /** MTLS-4: a URL to redirect to, or a path that is served in place of what was asked for; absent: 400. */
  readonly errorPage?: string
  /** MTLS-6: a PCRE2 pattern, searched for in the name of the certificate's subject. */
  readonly subject?: string
  /** MTLS-5: the backend gets the certificate itself. */
  readonly passed?: true
}

/** What one client may take (annotations.md section 20). */
export interface LimitSettings {
  /** `namespace/name` of the Ingress: all its paths count together (LIM-1). */
  readonly counter: string
  /** LIM-2; all of them hold. */
  readonly rates?: readonly RateLimit[]
  /** Requests under way at a time (LIM-3). */
  readonly connections?: number
  /** Clients that are neither counted nor limited (LIM-4). */
  readonly exempt?: AddressRanges
}

/** Key of an attachment of ranges (annotations.md section 2). */
export interface AddressListSettings {
  readonly ranges: string
}

/** Key of an attachment of users, and what they are asked to log in to. */
export interface LoginSettings {
  readonly users: string
  readonly realm: string
}

/** A path that asks an auth service (annotations.md section 5). */
export interface ExternalAuthSettings {
  /** Key of the attachment that is the service. */
  readonly service: string
  /** In its place, where each host has its own, by name of the host; one that is not there stays closed. */
  readonly services?: Readonly<Record<string, string>>
  /** Values of variables that only the path knows, by name. */
  readonly variables?: Readonly<Record<string, readonly TextPart[]>>
}

/** A leaky bucket: `requests` in `seconds`, and `burst` at once beyond that. */
export interface RateLimit {
  readonly requests: number
  readonly seconds: number
  readonly burst: number
}

/** Values of the headers of CORS as they are sent (annotations.md section 11). */
export interface CorsSettings {
  /** In lower case, perhaps with `*.` before the host; absent: every origin, and requests without one. */
  readonly origins?: Readonly<Record<string, true>>
  readonly methods: string
  readonly headers: string
  readonly maxAge: string
  readonly credentials?: true
  readonly expose?: string
}

/** How an endpoint is chosen where no session says it (routing.md section 13); without settings in turn. */
export type BalancingSettings =
  /** The less loaded of two (BAL-0). */
  | { readonly kind: 'ewma' }
  /** By a consistent hash of `by`, a text with variables; with `subset` one of that many endpoints at random (LB-3). */
  | { readonly kind: 'hash'; readonly by: string; readonly subset?: number }

/** A client stays with an endpoint by a cookie (annotations.md section 24). */
export interface AffinitySettings {
  /** Whether clients move when endpoints come (AFF-2). */
  readonly mode: 'balanced' | 'persistent'
  readonly cookie: SessionCookie
  /** AFF-6: after a failure the client is bound to another endpoint. */
  readonly changeOnFailure?: boolean
}

/** AFF-3; what is absent is not sent. */
export interface SessionCookie {
  readonly name: string
  readonly expiresSeconds?: number
  readonly maxAgeSeconds?: number
  readonly path?: string
  readonly domain?: string
  readonly sameSite?: 'None' | 'Lax' | 'Strict'
  /** AFF-8: `None` is not sent to browsers that misread it. */
  readonly onlyIfUnderstood?: boolean
  /** Also where the client's connection has no TLS. */
  readonly secure?: boolean
}

/** A path whose Ingress asked for affinity: only there cookies are set (AFF-5). */
export interface AffinityPath {
  /** Path of the cookie where the settings name none (AFF-4). */
  readonly path: string
}

/** Another upstream takes part of the requests (CAN-7). */
export interface SplitSettings extends SplitRules {
  /** Key of the alternative. */
  readonly upstream: string
}

/** Which requests the alternative takes; one that nothing decides about stays with the main upstream. */
export interface SplitRules {
  /** In the order in which they are asked; the first that decides wins. */
  readonly rules: readonly SplitRule[]
  /** Asked after all rules; absent: the request stays. */
  readonly weight?: Weight
  /** AFF-10: no session binds a client to the alternative. */
  readonly legacy?: true
}

/** Two Services on one path (ack.md section 3.1). */
export interface ReleaseSettings extends SplitSettings {
  /** Name of the cookie that keeps a client where a weight has sent it; its value is the upstream's label. */
  readonly cookie: string
  readonly cookiePath: string
}

/** Looks at one part of a request: a header, a cookie or the first query argument of the name. */
export type SplitRule = { readonly of: 'header' | 'cookie' | 'query'; readonly name: string } & (
  | {
      /** `always` is the alternative, `never` the main upstream, anything else the next rule. */ readonly test: 'words'
    }
  | {
      /** Byte by byte, or a search with a PCRE2 pattern; a match that fails is the main upstream at once. */
      readonly test: 'equals' | 'pattern'
      readonly value: string
      readonly hit: Turn
      readonly miss: Turn
      /** What is not sent counts as an empty text; absent: the next rule is asked. */
      readonly absentIsEmpty?: boolean
    }
)

export type Turn = 'main' | 'alternative' | 'next'

/** A share of `weight` in `total` requests: from `total` on all of them, up to 0 none (CAN-10). `total` is positive. */
export interface Weight {
  readonly weight: number
  readonly total: number
}

/** The backend gets another Host than the client sent (annotations.md section 23). */
export interface UpstreamVhostSettings {
  readonly host: readonly TextPart[]
}

/** Connection header for the backend (annotations.md section 19). */
export interface ConnectionHeaderSettings {
  readonly value: 'close' | 'keep-alive'
}

/** How quickly a response is sent (LIM-5). */
export interface ThrottleSettings {
  readonly bytesPerSecond: number
  /** Sent before that without delay; absent: nothing. */
  readonly afterBytes?: number
}

/** Copies of requests to other servers (annotations.md section 21). */
export interface MirrorSettings {
  readonly targets: readonly MirrorTarget[]
  /** true: copies have no body. */
  readonly bodiless?: boolean
}

export interface MirrorTarget {
  /** IPv6 in brackets; at least one. */
  readonly addresses: readonly string[]
  readonly port: number
  /** TLS, with this name; nothing is verified. */
  readonly serverName?: string
  /** The Host header. */
  readonly host: string
  /** Path and query. */
  readonly parts: readonly TextPart[]
  /** Share of the requests; absent: all. */
  readonly percent?: number
}

/** Answers that another backend gives in place of failed ones (annotations.md section 13). */
export interface ErrorSettings {
  /** Statuses that are replaced, in order; absent: none. */
  readonly codes?: readonly number[]
  /** ERR-8: they are the ConfigMap's, so the global default backend answers. */
  readonly global?: true
  /** Key of the upstream of `default-backend`; absent: the global default backend answers. */
  readonly backend?: string
  /** What the error backend is told (ERR-2). */
  readonly namespace: string
  readonly ingress: string
  readonly service: readonly TextPart[]
  readonly port: readonly TextPart[]
}

/** Everything of the host is at another one (annotations.md section 17, RED-6). */
export interface WwwSettings {
  readonly to: string
  readonly status: number
}
