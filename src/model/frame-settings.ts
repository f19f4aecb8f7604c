import type { SpanExport } from './span-export.js'
import type { TextPart } from './text-part.js'

/** Number of buffers and bytes of each. */
export interface Buffers {
  readonly count: number
  readonly bytes: number
}

/** Compression of answers, of backends too. */
export interface Compression {
  readonly level: number
  /** Answers that say to be shorter are sent as they are. */
  readonly minBytes: number
  /** MIME types besides text/html; `*` is all. */
  readonly types: readonly string[]
  /** Regular expression of the User-Agent of clients that get none; undefined: all may get it. */
  readonly except: string | undefined
}

/** Whom requests come from, and what proxies in front are believed (routing.md section 8). */
export interface ClientAddress {
  /** Every connection has to begin with a PROXY header. */
  readonly proxyProtocol: boolean
  /** Where the address is taken from; a name is that of a header. */
  readonly source: 'connection' | 'PROXY' | { readonly header: string }
  /** CIDRs of those who are believed about it. */
  readonly trusted: readonly string[]
  /** X-Forwarded-Proto, -Host and -Port are believed. */
  readonly forwarded: boolean
  /** What is said of scheme, host and port counts from the trusted only; false: from everybody (IPA-2). */
  readonly checksPeer: boolean
  /** X-Forwarded-For keeps what the client sent, with the address of the peer behind it. */
  readonly appends: boolean
  /** Headers that go on under the names X-Original-Forwarded-For and -Host. */
  readonly forHeader: string
  readonly hostHeader: string
}

export interface AccessLog {
  /** undefined: LOGF-2. */
  readonly line: readonly TextPart[] | undefined
  /** How what variables hold is written. */
  readonly escape: 'default' | 'json' | 'none'
  readonly bufferBytes: number
  readonly flushSeconds: number
}

/** A file that the frame names, beside those of profiles; its name follows from what it holds. */
export interface FrameFile {
  readonly name: string
  readonly base64: string
}

/** The settings of the frame that a ConfigMap may change. Sizes in bytes, times in whole seconds. */
export interface FrameSettings {
  readonly errorLogLevel: 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'crit' | 'alert' | 'emerg'
  /** Addresses and CIDRs of clients about whom NGINX's error log says everything. */
  readonly debugConnections: readonly string[]
  readonly workerConnections: number
  readonly multiAccept: boolean
  /** Masks of cores, or `auto`; empty: the system decides. */
  readonly workerCpuAffinity: readonly string[]
  readonly reusePort: boolean

  readonly keepAliveSeconds: number
  readonly keepAliveRequests: number
  readonly http2: boolean
  readonly http2MaxConcurrentStreams: number
  /** QUIC on the port for HTTPS, over UDP. */
  readonly http3: boolean
  readonly clientHeaderBufferBytes: number
  readonly largeClientHeaderBuffers: Buffers
  readonly clientHeaderTimeoutSeconds: number
  readonly clientBodyBufferBytes: number
  readonly clientBodyTimeoutSeconds: number
  /** 0: no limit. */
  readonly clientMaxBodyBytes: number
  readonly underscoresInHeaders: boolean
  readonly ignoreInvalidHeaders: boolean
  readonly defaultType: string
  /** undefined: no answer is compressed. */
  readonly gzip: Compression | undefined
  /** Path and query of requests that are not logged; a pattern begins with `~`. */
  readonly unloggedUrls: readonly string[]
  /** undefined: no request is logged. */
  readonly accessLog: AccessLog | undefined
  /** Where the controller sends spans; undefined: NGINX writes nothing about them. */
  readonly spanExport: SpanExport | undefined

  readonly clientAddress: ClientAddress
  /** What backends get besides, or in place of the standard ones. */
  readonly backendHeaders: readonly (readonly [name: string, value: readonly TextPart[]])[]
  /** Headers of backends that clients do not get. */
  readonly hiddenHeaders: readonly string[]
  /** Whose Server header clients get. */
  readonly serverHeader: 'nobody' | 'nginx' | 'backend'
  /** The settings document says what every answer carries. */
  readonly addsHeaders: boolean
  /** A header of answers or for backends says whose route a request has taken. */
  readonly headersNameRoutes: boolean
  /** Backends get X-Original-URI. */
  readonly originalUri: boolean
  /** Requests without X-Request-ID get one. */
  readonly requestIds: boolean

  readonly sslProtocols: readonly string[]
  readonly sslCiphers: readonly string[]
  readonly sslEcdhCurve: string
  readonly sslEarlyData: boolean
  /** Parameters of the key exchange DHE, in PEM; undefined: there is no such exchange. */
  readonly sslDhParam: FrameFile | undefined
  /** 0: no cache. */
  readonly sslSessionCacheBytes: number
  readonly sslSessionTimeoutSeconds: number
  readonly sslSessionTickets: boolean
  /** What session tickets are made with; undefined: NGINX's own, which no other NGINX knows. */
  readonly sslTicketKey: FrameFile | undefined
  readonly sslBufferBytes: number

  readonly proxyConnectTimeoutSeconds: number
  readonly proxySendTimeoutSeconds: number
  readonly proxyReadTimeoutSeconds: number
  readonly proxyBuffering: boolean
  readonly proxyRequestBuffering: boolean
  readonly proxyBufferBytes: number
  /** undefined: the same. */
  readonly grpcBufferBytes: number | undefined
  readonly proxyBuffers: Buffers
  /** 0: answers are not written to a file. */
  readonly proxyMaxTempFileBytes: number
  /** Conditions of `proxy_next_upstream`; the number of tries is Lua's. */
  readonly proxyNextUpstream: readonly string[]
  /** Idle connections to backends that one worker keeps, over all backends. 0: backends are told that each ends (CON-1). */
  readonly upstreamPoolSize: number

  readonly streams: StreamSettings
}

/** TCP and UDP services, and passed-through TLS (configmap.md, "TCP/UDP"). */
export interface StreamSettings {
  /** For how long a connection may be idle. */
  readonly timeoutSeconds: number
  /** Endpoints that a connection tries at most; 0: as many as can be. */
  readonly tries: number
  /** For how long it tries others; 0: no limit. */
  readonly triesSeconds: number
  /** Datagrams that an endpoint answers one of a client with. */
  readonly responses: number
  /** How long a client may take for its PROXY header. */
  readonly proxyHeaderSeconds: number
  /** undefined: no connection is logged. */
  readonly accessLog: AccessLog | undefined
}

/** The `line` is LOGF-5. */
export function defaultStreams(accessLog: AccessLog | undefined): StreamSettings {
  return { timeoutSeconds: 600, tries: 3, triesSeconds: 600, responses: 1, proxyHeaderSeconds: 5, accessLog }
}

/** A line is in the file after a second at the latest. */
export const defaultAccessLog: AccessLog = {
  line: undefined,
  escape: 'default',
  bufferBytes: 64 * 1024,
  flushSeconds: 1,
}

export const defaultClientAddress: ClientAddress = {
  proxyProtocol: false,
  source: 'connection',
  trusted: ['0.0.0.0/0'],
  forwarded: false,
  checksPeer: false,
  appends: false,
  forHeader: 'X-Forwarded-For',
  hostHeader: 'X-Forwarded-Host',
}
