import { defaultBackendHeaderSettings } from '../model/backend-headers.js'
import { defaultAccessLog, defaultStreams, type FrameSettings } from '../model/frame-settings.js'

const KILOBYTE = 1024
const MEGABYTE = 1024 * 1024

/** What applies without a ConfigMap (configmap.md); the ciphers are those of CM-8. */
export const defaultFrameSettings: FrameSettings = {
  ...defaultBackendHeaderSettings,

  errorLogLevel: 'warn',
  debugConnections: [],
  workerConnections: 16_384,
  multiAccept: true,
  workerCpuAffinity: [],
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
  gzip: undefined,
  unloggedUrls: [],
  accessLog: defaultAccessLog,
  spanExport: undefined,

  hiddenHeaders: [],
  serverHeader: 'nobody',
  addsHeaders: false,
  headersNameRoutes: false,

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
  sslEarlyData: false,
  sslDhParam: undefined,
  sslSessionCacheBytes: 10 * MEGABYTE,
  sslSessionTimeoutSeconds: 600,
  sslSessionTickets: false,
  sslTicketKey: undefined,
  sslBufferBytes: 4 * KILOBYTE,

  proxyConnectTimeoutSeconds: 5,
  proxySendTimeoutSeconds: 60,
  proxyReadTimeoutSeconds: 60,
  proxyBuffering: false,
  proxyRequestBuffering: true,
  proxyBufferBytes: 4 * KILOBYTE,
  grpcBufferBytes: undefined,
  proxyBuffers: { count: 4, bytes: 4 * KILOBYTE },
  proxyMaxTempFileBytes: 1024 * MEGABYTE,
  proxyNextUpstream: ['error', 'timeout'],

  streams: defaultStreams(defaultAccessLog),
}
