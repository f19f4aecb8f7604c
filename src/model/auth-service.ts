import type { RequestHeader } from './request-header.js'
import type { TextPart } from './text-part.js'

/**
 * A service that is asked whether a request may come in, with all that is the same for every path that asks it
 * (annotations.md section 5).
 */
export interface AuthService {
  readonly kind: 'auth-service'
  /** IPv6 in brackets; none: its name has none, and nobody comes in. */
  readonly addresses: readonly string[]
  readonly port: number
  /** TLS; nothing is verified (EXT-11). */
  readonly secure?: true
  /** SNI; absent: there is none for an address. */
  readonly serverName?: string
  /** The Host header, without a port (EXT-1). */
  readonly host: string
  /** Path and query. */
  readonly target: readonly TextPart[]
  readonly method: string
  /** The method was asked for, and with it some more headers (EXT-1). */
  readonly withOriginalUri?: true
  /** Where a client is sent that has to sign in (EXT-3). */
  readonly signIn?: SignIn
  /** In place of the client's request URI. */
  readonly redirect?: string
  /** Headers of the answer that the backend gets (EXT-4). */
  readonly forwarded?: readonly string[]
  /** Headers of the question (EXT-6). */
  readonly headers?: readonly RequestHeader[]
  /** EXT-5: its cookies are set on answers of every status. */
  readonly alwaysSetCookie?: true
  readonly cache?: AuthCache
  readonly connections: KeptConnections
}

export interface SignIn {
  readonly to: readonly TextPart[]
  /** Such as `?rd=`: the URL that was asked for goes behind it; absent: `to` says everything. */
  readonly returnBy?: string
}

/** Answers are kept (EXT-7): by this text besides host and path, and so many seconds by their status. */
export interface AuthCache {
  readonly key: readonly TextPart[]
  readonly seconds: Readonly<Record<string, number>>
}

/** How connections to a service are kept, in each worker (EXT-9). */
export interface KeptConnections {
  /** Idle ones. */
  readonly most: number
  readonly seconds: number
  /** Requests on one. */
  readonly requests: number
}
