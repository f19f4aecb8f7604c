import { bool, int, textOf } from '../../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import { sizeUpTo } from '../../features/kinds/size.js'
import { key } from '../declare.js'
import { listOf, seconds, wordsOf } from '../kinds.js'

const redirectCode: Kind<301 | 302 | 307 | 308> = {
  form: '301, 302, 307 or 308',
  parse: (text) => {
    const found = ([301, 302, 307, 308] as const).find((code) => String(code) === text)
    return found === undefined ? refused('is none of 301, 302, 307, 308') : parsed(found)
  },
}

/** HTTPS towards clients. Source: configmap.md, "HTTPS"; ngx_http_ssl_module. */
export const https = {
  'http-redirect-code': key({
    kind: redirectCode,
    doc: 'Status of redirects to HTTPS, and to and from www.',
    fallback: '308',
    example: '301',
    changes: 'table',
  }),
  'no-tls-redirect-locations': key({
    kind: listOf(textOf('beginning of a path', '!-~'), 'beginnings of paths, with commas between them'),
    doc: 'Paths of Ingresses that begin with one of them are never redirected to HTTPS; empty: none.',
    fallback: '/.well-known/acme-challenge',
    example: '/.well-known/acme-challenge,/health',
    changes: 'table',
  }),
  hsts: key({
    kind: bool,
    doc: 'Answers over HTTPS carry Strict-Transport-Security.',
    fallback: 'true',
    example: 'false',
    changes: 'table',
  }),
  'hsts-max-age': key({
    kind: int({ from: 0 }),
    doc: 'Its max-age in seconds.',
    fallback: '31536000',
    example: '86400',
    changes: 'table',
  }),
  'hsts-include-subdomains': key({
    kind: bool,
    doc: 'It holds for the names below a host too.',
    fallback: 'true',
    example: 'false',
    changes: 'table',
  }),
  'hsts-preload': key({
    kind: bool,
    doc: 'It allows browsers to have the host in their list.',
    fallback: 'false',
    example: 'true',
    changes: 'table',
  }),
  'ssl-protocols': key({
    kind: wordsOf('TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'),
    doc: 'Versions of TLS.',
    fallback: 'TLSv1.2 TLSv1.3',
    example: 'TLSv1.3',
    changes: 'frame',
    frame: (sslProtocols) => ({ sslProtocols }),
  }),
  'ssl-ecdh-curve': key({
    kind: textOf('names of curves, with colons between them, or auto', 'A-Za-z0-9:_-'),
    doc: 'Curves of the key exchange.',
    fallback: 'auto',
    example: 'X25519:prime256v1',
    changes: 'frame',
    frame: (sslEcdhCurve) => ({ sslEcdhCurve }),
  }),
  'ssl-session-timeout': key({
    kind: seconds,
    doc: 'How long a session of TLS may be taken up again.',
    fallback: '10m',
    example: '1h',
    changes: 'frame',
    frame: (sslSessionTimeoutSeconds) => ({ sslSessionTimeoutSeconds }),
  }),
  'ssl-session-tickets': key({
    kind: bool,
    doc: 'Sessions may be kept by clients, as tickets.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
    frame: (sslSessionTickets) => ({ sslSessionTickets }),
  }),
  'ssl-buffer-size': key({
    kind: sizeUpTo(16 * 1024),
    doc: 'The most that one record of TLS holds.',
    fallback: '4k',
    example: '8k',
    changes: 'frame',
    frame: (sslBufferBytes) => ({ sslBufferBytes }),
  }),
}
