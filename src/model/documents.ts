import type { AddressRanges } from './address-ranges.js'
import type { Attachment } from './attachment.js'
import type { HostFeatures, RouteFeatures, TlsSettings, UpstreamFeatures } from './features.js'
import type { BlockedClients } from './blocked-clients.js'
import type { TextPart } from './text-part.js'
import type { Timeouts } from './proxy-features.js'

/**
 * The documents of the table: what NGINX needs to know of a host, an upstream, a certificate. Plain readonly data that
 * travels as JSON; no nulls, no floats as keys, and every string is bytes (one character per byte).
 */

/** A hostname with everything that can be asked of it (HOST-1). */
export interface HostDocument {
  /** `shop.example.com`, `*.example.com`, or `_` for the default server. */
  readonly name: string
  readonly paths: Paths
  /** Answers what no path matches: the path `/`, or the implicit one (HOST-4). */
  readonly root: Route
  /** Key of the certificate that is served for the name; absent: the wildcard's, else the default one (CERT-5). */
  readonly certificate?: string
  /** Keys of certificates with other kinds of keys: what the client offers decides which of all is served. */
  readonly otherCertificates?: readonly string[]
  /** Only on the default server: text prefixes answered before every path (DEF-4). */
  readonly builtins?: readonly Builtin[]
  /** Only on the default server: a name is looked for among patterns, and below hosts of owners, before it has this host. */
  readonly asksPatterns?: true
  /** It belongs to a namespace whose Ingresses do not declare it. */
  readonly reserved?: true
  readonly features?: HostFeatures
  readonly tls?: TlsSettings
}

/** How the paths of a host are matched: as they are written (PATH-1..4), or as regular expressions (PATH-5). */
export type Paths = LiteralPaths | RegexPaths

export interface LiteralPaths {
  readonly kind: 'literal'
  /** By the whole path. Holds the redirects from `/aaa` to a Prefix `/aaa/` as well (PATH-2). */
  readonly exact: Readonly<Record<string, Route>>
  /** By the prefix as written, except `/`, which is the root. */
  readonly prefix: Readonly<Record<string, Route>>
  /** How many bytes the keys of `prefix` have, each number once, the largest first. */
  readonly lengths: readonly number[]
}

/** Every path of the host is a pattern, because one of them asked for it (RW-4). */
export interface RegexPaths {
  readonly kind: 'regex'
  /** In the order in which they are tried (PATH-5); the root is tried nowhere else. */
  readonly patterns: readonly RegexPath[]
}

export interface RegexPath {
  /** PCRE2, case-insensitive: `^` and the path as written. */
  readonly pattern: string
  /** Every path that the pattern matches begins with this, in lower case; empty where that cannot be told. */
  readonly head: string
  readonly route: Route
}

/** What names that nobody declares are looked for in. */
export interface NamesDocument {
  /** Whatever ends in a dot and one of these belongs to somebody, and has no other host; before all patterns. */
  readonly ownedBelow?: Readonly<Record<string, true>>
  /** Patterns of host names, in the order in which they are tried (HOST-2). */
  readonly patterns: readonly NamePattern[]
}

export interface NamePattern {
  /** PCRE2, case-insensitive, searched for in the name. */
  readonly pattern: string
  /** Every name that the pattern matches begins with this, in lower case; empty where that cannot be told. */
  readonly head: string
  /** The host whose alias it is; its document for names that match is filed under `patternHostKey`. */
  readonly host: string
}

export interface Builtin {
  readonly prefix: string
  readonly action: Action
}

/** A path and what to do there. */
export interface Route {
  /** As the Ingress says it; `/` for the implicit one. */
  readonly path: string
  readonly match: 'exact' | 'prefix' | 'slash' | 'regex' | 'implicit'
  readonly action: Action
  /** Status of the redirect that a plain-HTTP request gets (SSL-1); absent: none. */
  readonly httpsRedirect?: number
  /** The port that redirect names (RED-8); absent: none. */
  readonly httpsPort?: number
  /** true: that redirect keeps the slash at the end of the URI (SSL-4). */
  readonly httpsKeepsSlash?: boolean
  /** Named location that serves the route; absent: the default profile. */
  readonly profile?: string
  /** true: requests are not written to the access log (DEF-6). */
  readonly unlogged?: boolean
  /** `NAMESPACE INGRESS SERVICE`, as metrics name them; absent: nothing is counted, or it is nobody's route. */
  readonly labels?: string
  readonly features?: RouteFeatures
}

export type Action =
  /** Pass on to an endpoint of an upstream. `pool` keeps connections of different identity apart (`poolKey`). */
  | { readonly kind: 'proxy'; readonly upstream: string; readonly pool: string }
  /** NGINX's own page for a status. `label` is the upstream name of the access log (LOGF-2). */
  | { readonly kind: 'answer'; readonly status: number; readonly label: string }
  /** To another path of the same host; `path` is escaped. */
  | { readonly kind: 'redirect'; readonly status: number; readonly path: string }
  /** NGINX's counters, for clients of these addresses; others get 403 (DEF-4). */
  | { readonly kind: 'status'; readonly allow: AddressRanges }

/** A group of endpoints. `addresses[i]` and `ports[i]` belong together; IPv6 addresses carry brackets. */
export interface UpstreamDocument {
  /** `namespace/service/port`: no two triples share it (ORD-5). */
  readonly key: string
  /** The name in the access log: `namespace-service-port`. */
  readonly label: string
  readonly addresses: readonly string[]
  readonly ports: readonly number[]
  /** Status when there is no endpoint; absent: 503 (SVC-5). The default backend without endpoints answers 404 (DEF-1). */
  readonly emptyStatus?: number
  readonly features?: UpstreamFeatures
}

/** A certificate chain, leaf first, and its private key; both PEM. */
export interface CertificateDocument {
  readonly chain: string
  readonly key: string
  readonly staple?: StapledResponse
}

/** An OCSP response about the leaf, for clients that ask for one: DER in base64, and until when (seconds since the epoch). */
export interface StapledResponse {
  readonly response: string
  readonly until: number
}

/** What holds for every host. */
export interface SettingsDocument {
  /** Handshakes for names that nobody declared, or for none, are refused. */
  readonly rejectsUnknownNames?: true
  /** Value of Strict-Transport-Security on HTTPS responses (HTTPS-2); empty: none. */
  readonly strictTransportSecurity: string
  /** Value of Alt-Svc on HTTPS responses (RFC 7838): where HTTP/3 is, or `clear`; absent: none. */
  readonly alternative?: string
  /** Tries in total for a request (RTY-1); 0: no limit. */
  readonly tries: number
  /** Seconds after which a request is not tried again; absent: no limit. */
  readonly retrySeconds?: number
  /** Absent: those of the frame. */
  readonly timeouts?: Timeouts
  /** The largest request body (PRX-1); 0: no limit. */
  readonly maxBodyBytes: number
  /** Profile for bodies of unknown length on routes that have none of their own; absent: no limit. */
  readonly unsizedProfile?: string
  readonly limits?: LimitChoices
  readonly blocked?: BlockedClients
  /** What every answer carries, in place of what the backend sent. */
  readonly addedHeaders?: readonly AddedHeader[]
  readonly backendConnections?: BackendConnections
}

/** Connections to backends between two requests; absent: kept for 60 s without use and for 10,000 requests. */
export interface BackendConnections {
  /** false: each request has one of its own (CON-1). */
  readonly kept: boolean
  readonly idleSeconds: number
  readonly requests: number
  /** For how long one may be used at most; absent: no limit. */
  readonly mostSeconds?: number
}

export interface AddedHeader {
  readonly name: string
  readonly value: readonly TextPart[]
}

/** How requests are counted and refused (LIM-1..3); absent: by address, with 503. */
export interface LimitChoices {
  /** Statuses of requests beyond a rate, and beyond the number of connections. */
  readonly requestStatus?: number
  readonly connectionStatus?: number
  /**
   * What makes two requests ones of the same client: a text with variables. Where it comes to nothing, nothing is
   * counted.
   */
  readonly key?: string
}

export type Document =
  | HostDocument
  | NamesDocument
  | UpstreamDocument
  | CertificateDocument
  | SettingsDocument
  | Attachment
