const KILOBYTE = 1024
const MEGABYTE = 1024 * 1024

/** Number of buffers and bytes of each. */
interface Buffers {
  readonly count: number
  readonly bytes: number
}

/** The settings of the frame that a ConfigMap may change. Sizes in bytes, times in whole seconds. */
export interface FrameSettings {
  readonly errorLogLevel: 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'crit' | 'alert' | 'emerg'
  readonly workerConnections: number
  readonly multiAccept: boolean
  readonly reusePort: boolean

  readonly keepAliveSeconds: number
  readonly keepAliveRequests: number
  readonly http2: boolean
  readonly http2MaxConcurrentStreams: number
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

  readonly sslProtocols: readonly string[]
  readonly sslCiphers: readonly string[]
  readonly sslEcdhCurve: string
  /** 0: no cache. */
  readonly sslSessionCacheBytes: number
  readonly sslSessionTimeoutSeconds: number
  readonly sslSessionTickets: boolean
  readonly sslBufferBytes: number

  readonly proxyConnectTimeoutSeconds: number
  readonly proxySendTimeoutSeconds: number
  readonly proxyReadTimeoutSeconds: number
  readonly proxyBuffering: boolean
  readonly proxyRequestBuffering: boolean
  readonly proxyBufferBytes: number
  readonly proxyBuffers: Buffers
  /** 0: answers are not written to a file. */
  readonly proxyMaxTempFileBytes: number
  /** Conditions of `proxy_next_upstream`; the number of tries is Lua's. */
  readonly proxyNextUpstream: readonly string[]
  /** Idle connections to backends that one worker keeps, over all backends. */
  readonly upstreamPoolSize: number
}

/** What applies without a ConfigMap (configmap.md); the ciphers are those of CM-8. */
export const defaultFrameSettings: FrameSettings = {
  errorLogLevel: 'warn',
  workerConnections: 16_384,
  multiAccept: true,
  reusePort: true,

  keepAliveSeconds: 75,
  keepAliveRequests: 1000,
  http2: true,
  http2MaxConcurrentStreams: 128,
  clientHeaderBufferBytes: KILOBYTE,
  largeClientHeaderBuffers: { count: 4, bytes: 8 * KILOBYTE },
  clientHeaderTimeoutSeconds: 60,
  clientBodyBufferBytes: 8 * KILOBYTE,
  clientBodyTimeoutSeconds: 60,
  clientMaxBodyBytes: MEGABYTE,
  underscoresInHeaders: false,
  ignoreInvalidHeaders: true,
  defaultType: 'text/html',

  sslProtocols: ['TLSv1.2', 'TLSv1.3'],
  sslCiphers: [
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'DHE-RSA-AES256-GCM-SHA384',
    'DHE-RSA-AES128-GCM-SHA256',
  ],
  sslEcdhCurve: 'auto',
  sslSessionCacheBytes: 10 * MEGABYTE,
  sslSessionTimeoutSeconds: 600,
  sslSessionTickets: false,
  sslBufferBytes: 4 * KILOBYTE,

  proxyConnectTimeoutSeconds: 5,
  proxySendTimeoutSeconds: 60,
  proxyReadTimeoutSeconds: 60,
  proxyBuffering: false,
  proxyRequestBuffering: true,
  proxyBufferBytes: 4 * KILOBYTE,
  proxyBuffers: { count: 4, bytes: 4 * KILOBYTE },
  proxyMaxTempFileBytes: 1024 * MEGABYTE,
  proxyNextUpstream: ['error', 'timeout'],
  // One pool for all backends, where configmap.md counts 320 for each.
  upstreamPoolSize: 4000,
}
