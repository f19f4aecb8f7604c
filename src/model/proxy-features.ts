/** Settings of a path for how its requests are passed on (annotations.md section 7). */
export interface ProxyFeatures {
  readonly bodyLimit?: BodyLimit
  readonly timeouts?: Timeouts
  readonly retries?: Retries
  readonly rewriting?: AnswerRewriting
  readonly backend?: BackendSettings
}

/** The largest request body, where it is another than the one of the settings (PRX-1). 0: no limit. */
export interface BodyLimit {
  readonly bytes: number
}

/** How long NGINX waits for a backend, in seconds (PRX-2): to connect, and between two writes and two reads. */
export interface Timeouts {
  readonly connect: number
  readonly send: number
  readonly read: number
}

/** How often a request is sent (PRX-3); what is absent is as in the settings. */
export interface Retries {
  /** In total; 0: no limit. */
  readonly tries?: number
  /** After which no further endpoint is tried; 0: no limit. */
  readonly seconds?: number
}

/** What is put right in the head of a backend's answer (PRX-5, PRX-6). */
export interface AnswerRewriting {
  /** The beginning of Location and Refresh. */
  readonly location?: Replacement
  /** Location and Refresh that begin with the address of the endpoint get the host's in its place. */
  readonly endpointLocation?: boolean
  /** The whole Domain of cookies, without a dot before it. */
  readonly cookieDomain?: Replacement
  /** The beginning of the Path of cookies. */
  readonly cookiePath?: Replacement
}

export interface Replacement {
  readonly from: string
  readonly to: string
}

/** How endpoints are spoken to where that is not HTTP/1.1 in the clear (section 8). */
export interface BackendSettings {
  /** Of the address that NGINX is given; `client`: as the client came, and absent: the protocol has none. */
  readonly scheme?: 'http' | 'https' | 'grpc' | 'grpcs' | 'client'
  /** Keeps their connections apart from others' (`poolKey`), and those with TLS where the client decides. */
  readonly pool: string
  readonly securePool?: string
  readonly tls?: BackendTls
  /** The script of paths that end with a slash (FCGI-3). */
  readonly index?: string
}

/** What differs by route in TLS to a backend; the rest is in the profile (section 9). */
export interface BackendTls {
  /** Verified, and sent where the profile says so; absent: NGINX's own. */
  readonly serverName?: string
  /** Key of the attachment with the certificate that is presented; absent: none is. */
  readonly client?: string
}
