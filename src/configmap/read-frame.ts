import { type AccessLog, defaultAccessLog, defaultClientAddress, defaultStreams } from '../model/frame-settings.js'
import type { FrameChoices } from '../model/global-settings.js'
import type { Values } from './index.js'
import { NO_HEADER } from './keys/client-address.js'

/** CM-9. */
const GZIP_TYPES =
  'application/atom+xml application/javascript application/x-javascript application/json application/rss+xml application/vnd.ms-fontobject application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml font/opentype image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component'.split(
    ' ',
  )

/** What several keys together say of the access log. */
export function accessLogOf(values: Values): FrameChoices {
  if (values['disable-access-log'] === true || values['disable-http-access-log'] === true)
    return { accessLog: undefined }
  const log = logOf(values, values['log-format-upstream'])
  return isDefault(log) ? {} : { accessLog: log }
}

function logOf(values: Values, line: AccessLog['line']): AccessLog {
  const params = values['access-log-params']
  const escape =
    values['log-format-escape-none'] === true ? 'none' : values['log-format-escape-json'] === true ? 'json' : 'default'
  return {
    line,
    escape,
    bufferBytes: params?.bufferBytes ?? defaultAccessLog.bufferBytes,
    flushSeconds: params?.flushSeconds ?? defaultAccessLog.flushSeconds,
  }
}

function isDefault({ line, escape, bufferBytes, flushSeconds }: AccessLog): boolean {
  const usual = defaultAccessLog
  return (
    line === undefined &&
    escape === usual.escape &&
    bufferBytes === usual.bufferBytes &&
    flushSeconds === usual.flushSeconds
  )
}

/** What several keys together say of TCP and UDP services. */
export function streamsOf(values: Values): FrameChoices {
  const isLogged = values['disable-access-log'] !== true && values['disable-stream-access-log'] !== true
  const usual = defaultStreams(defaultAccessLog)
  const log = logOf(values, values['log-format-stream'])
  const streams = {
    timeoutSeconds: values['proxy-stream-timeout'] ?? usual.timeoutSeconds,
    tries:
      values['proxy-stream-next-upstream'] === false ? 1 : (values['proxy-stream-next-upstream-tries'] ?? usual.tries),
    triesSeconds: values['proxy-stream-next-upstream-timeout'] ?? usual.triesSeconds,
    responses: values['proxy-stream-responses'] ?? usual.responses,
    proxyHeaderSeconds: values['proxy-protocol-header-timeout'] ?? usual.proxyHeaderSeconds,
    accessLog: isLogged ? log : undefined,
  }
  const isUsual = isLogged && isDefault(log) && JSON.stringify(streams) === JSON.stringify({ ...usual, accessLog: log })
  return isUsual ? {} : { streams }
}

export function compressionOf(values: Values): FrameChoices {
  if (values['use-gzip'] !== true) return {}
  return {
    gzip: {
      level: values['gzip-level'] ?? 1,
      minBytes: values['gzip-min-length'] ?? 256,
      types: values['gzip-types'] ?? GZIP_TYPES,
      except: values['gzip-disable'],
    },
  }
}

/**
 * The table of routing.md section 8; with both, what PROXY says counts, and X-Forwarded-For is passed on
 * (docs/parity.md).
 */
export function clientAddressOf(values: Values): FrameChoices {
  const proxyProtocol = values['use-proxy-protocol'] === true
  const forwarded = values['use-forwarded-headers'] === true
  const byHeader = forwarded || values['enable-real-ip'] === true
  const named = values['forwarded-for-header'] ?? defaultClientAddress.forHeader
  const forHeader = named === NO_HEADER ? defaultClientAddress.forHeader : named
  const hostHeader = values['forwarded-host-header'] ?? defaultClientAddress.hostHeader
  const appends = forwarded && values['compute-full-forwarded-for'] === true
  const isUsual = forHeader === defaultClientAddress.forHeader && hostHeader === defaultClientAddress.hostHeader
  if (!proxyProtocol && !byHeader && isUsual) return {}
  return {
    clientAddress: {
      proxyProtocol,
      source: proxyProtocol ? 'PROXY' : byHeader && named !== NO_HEADER ? { header: forHeader } : 'connection',
      trusted: values['proxy-real-ip-cidr'] ?? defaultClientAddress.trusted,
      forwarded,
      checksPeer: values['proxy-real-ip-cidr']?.includes('0.0.0.0/0') === false,
      appends,
      forHeader,
      hostHeader,
    },
  }
}

export function sessionCacheOf(values: Values): FrameChoices {
  if (values['ssl-session-cache'] === false) return { sslSessionCacheBytes: 0 }
  const size = values['ssl-session-cache-size']
  return size === undefined ? {} : { sslSessionCacheBytes: size }
}

/** REQ-3. */
export function serverHeaderOf(values: Values): FrameChoices {
  if (values['server-tokens'] !== true) return {}
  return { serverHeader: values['allow-backend-server-header'] === true ? 'backend' : 'nginx' }
}
