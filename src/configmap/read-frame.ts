import { defaultAccessLog, defaultClientAddress } from '../model/frame-settings.js'
import type { FrameChoices } from '../model/global-settings.js'
import type { Values } from './index.js'

/** CM-9. */
const GZIP_TYPES =
  'application/atom+xml application/javascript application/x-javascript application/json application/rss+xml application/vnd.ms-fontobject application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml font/opentype image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component'.split(
    ' ',
  )

/** What several keys together say of the access log. */
export function accessLogOf(values: Values): FrameChoices {
  if (values['disable-access-log'] === true || values['disable-http-access-log'] === true)
    return { accessLog: undefined }
  const line = values['log-format-upstream']
  const params = values['access-log-params']
  const escape =
    values['log-format-escape-none'] === true ? 'none' : values['log-format-escape-json'] === true ? 'json' : 'default'
  if (line === undefined && params === undefined && escape === 'default') return {}
  return {
    accessLog: {
      line,
      escape,
      bufferBytes: params?.bufferBytes ?? defaultAccessLog.bufferBytes,
      flushSeconds: params?.flushSeconds ?? defaultAccessLog.flushSeconds,
    },
  }
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

/** The table of routing.md section 8; with both, what PROXY says counts, and X-Forwarded-For is passed on (docs/parity.md). */
export function clientAddressOf(values: Values): FrameChoices {
  const proxyProtocol = values['use-proxy-protocol'] === true
  const forwarded = values['use-forwarded-headers'] === true
  const byHeader = forwarded || values['enable-real-ip'] === true
  const forHeader = values['forwarded-for-header'] ?? defaultClientAddress.forHeader
  const hostHeader = values['forwarded-host-header'] ?? defaultClientAddress.hostHeader
  const appends = forwarded && values['compute-full-forwarded-for'] === true
  const isUsual = forHeader === defaultClientAddress.forHeader && hostHeader === defaultClientAddress.hostHeader
  if (!proxyProtocol && !byHeader && isUsual) return {}
  return {
    clientAddress: {
      proxyProtocol,
      source: proxyProtocol ? 'PROXY' : byHeader ? { header: forHeader } : 'connection',
      trusted: values['proxy-real-ip-cidr'] ?? defaultClientAddress.trusted,
      forwarded,
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
