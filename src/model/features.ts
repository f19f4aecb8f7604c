import type { AddressRanges } from './address-ranges.js'
import type { TextPart } from './text-part.js'

/**
 * What the documents of the table say of features: one member for each family of annotations, written by the family's
 * `contribute` and read by its `edge.ts`. A family that is not used is absent and costs a request nothing.
 */

/** Settings of a path. */
export interface RouteFeatures {
  readonly redirect?: RedirectSettings
  readonly limits?: LimitSettings
  readonly rewrite?: RewriteSettings
  readonly cors?: CorsSettings
  /** Response headers to set, by name; an empty value takes the header away (annotations.md section 12). */
  readonly customHeaders?: readonly (readonly [name: string, value: string])[]
}

/** Settings of a whole host: the oldest Ingress that has some wins (ORD-3). */
export interface HostFeatures {
  readonly appRoot?: AppRootSettings
}

/** Settings of an upstream: the oldest Ingress that uses the Service port and has some wins (LB-2). */
// oxlint-disable-next-line typescript/no-empty-object-type -- families add their members
export interface UpstreamFeatures {}

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

/** What one client may take (annotations.md section 20). */
export interface LimitSettings {
  /** `namespace/name` of the Ingress: all its paths count together (LIM-1). */
  readonly counter: string
  /** LIM-2; all of them hold. */
  readonly rates?: readonly RateLimit[]
  /** Clients that are neither counted nor limited (LIM-4). */
  readonly exempt?: AddressRanges
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
