import { createHash } from 'node:crypto'
import { suitesOf } from '../../features/ciphers.js'
import { bool, int, textOf } from '../../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import { sizeUpTo } from '../../features/kinds/size.js'
import { cipherList } from '../../features/tls/tls.js'
import type { FrameFile } from '../../model/frame-settings.js'
import { key } from '../declare.js'
import { listOf, seconds, wordsOf } from '../kinds.js'

const redirectCode: Kind<301 | 302 | 307 | 308> = {
  form: '301, 302, 307 or 308',
  parse: (text) => {
    const found = ([301, 302, 307, 308] as const).find((code) => String(code) === text)
    return found === undefined ? refused('is none of 301, 302, 307, 308') : parsed(found)
  },
}

const frameCiphers: Kind<string> = {
  form: cipherList.form,
  parse: (text) => {
    const read = cipherList.parse(text)
    return read.ok && suitesOf(text).size === 0 ? refused('comes to no cipher that is known') : read
  },
}

/** Names that the OpenSSL of every engine takes: NGINX would not start with another. */
const CURVES: ReadonlyMap<string, string> = new Map(
  'P-256 P-384 P-521 prime256v1 secp384r1 secp521r1 X25519 X448 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1 ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192 MLKEM512 MLKEM768 MLKEM1024 X25519MLKEM768 SecP256r1MLKEM768 SecP384r1MLKEM1024'
    .split(' ')
    .map((name) => [name.toLowerCase(), name]),
)

const curves: Kind<string> = {
  form: 'names of curves, with colons between them, or auto',
  parse: (text) => {
    if (text === 'auto') return parsed(text)
    const names = text.split(':')
    const wrong = names.find((name) => !CURVES.has(name.toLowerCase()))
    return wrong === undefined
      ? parsed(names.map((name) => CURVES.get(name.toLowerCase())).join(':'))
      : refused(`holds ${JSON.stringify(wrong)}, which is no curve that is known`)
  },
}

/** 80 bytes for AES-256, 48 for AES-128 (ssl_session_ticket_key). */
const ticketKey: Kind<FrameFile> = {
  form: '48 or 80 bytes in base64',
  parse: (text) => {
    const bytes = Buffer.from(text, 'base64')
    if (![48, 80].includes(bytes.length) || bytes.toString('base64') !== text)
      return refused('is not 48 or 80 bytes in base64')
    const digest = createHash('sha256').update(bytes).digest('hex')
    return parsed({ name: `${digest}.key`, base64: text })
  },
}

const secretName: Kind<string> = {
  form: 'namespace/name of a Secret',
  parse: (text) =>
    /^[a-z0-9.-]+\/[a-z0-9.-]+$/.test(text) ? parsed(text) : refused('is not the namespace/name of a Secret'),
}

const LEAST_CACHE = 64 * 1024

const cacheSize: Kind<number> = {
  form: 'size, such as 10m, of at least 64k',
  parse: (text) => {
    const read = sizeUpTo(1024 ** 3).parse(text)
    return read.ok && read.value < LEAST_CACHE ? refused('is less than 64k') : read
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
  'enable-ocsp': key({
    kind: bool,
    doc: 'OCSP responses are stapled: the controller asks the responders that certificates name, and again before an answer ends. First handshakes are without.',
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
  'ssl-ciphers': key({
    kind: frameCiphers,
    doc: 'Ciphers of TLS up to version 1.2, in the order in which they are preferred.',
    fallback: 'ECDHE and DHE with AES-GCM or ChaCha20',
    example: 'HIGH:!aNULL:!MD5',
    changes: 'frame',
    frame: (list) => ({ sslCiphers: [list] }),
  }),
  'ssl-ecdh-curve': key({
    kind: curves,
    doc: 'Curves of the key exchange.',
    fallback: 'auto',
    example: 'X25519:prime256v1',
    changes: 'frame',
    frame: (sslEcdhCurve) => ({ sslEcdhCurve }),
  }),
  'ssl-dh-param': key({
    kind: secretName,
    doc: 'Secret whose dhparam.pem has the parameters for ciphers with DHE, which are not agreed on without it.',
    fallback: 'none',
    example: 'default/dh-parameters',
    changes: 'frame',
    refersTo: { kind: 'Secret', keyOf: (text) => (secretName.parse(text).ok ? text : undefined) },
  }),
  'ssl-early-data': key({
    kind: bool,
    doc: 'Requests are taken with the first message of a resumed session of TLS 1.3. Who records one can send it again: only for backends that do not mind.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
    frame: (sslEarlyData) => ({ sslEarlyData }),
  }),
  'ssl-reject-handshake': key({
    kind: bool,
    strict: { read: () => true, instead: 'handshakes for names that are no host are refused' },
    doc: 'Handshakes are refused for names that are no host of an Ingress, and without a name.',
    fallback: 'false',
    example: 'true',
    changes: 'table',
  }),
  'ssl-session-cache': key({
    kind: bool,
    doc: 'Sessions of TLS are kept, so that clients can take them up again.',
    fallback: 'true',
    example: 'false',
    changes: 'frame',
  }),
  'ssl-session-cache-size': key({
    kind: cacheSize,
    doc: 'Memory for them; a megabyte holds some thousands.',
    fallback: '10m',
    example: '20m',
    changes: 'frame',
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
  'ssl-session-ticket-key': key({
    kind: ticketKey,
    doc: 'What tickets are made with, so that every replica takes those of the others; change it often.',
    fallback: 'a key of each NGINX',
    example: Buffer.alloc(48, 'example').toString('base64'),
    changes: 'frame',
    secret: true,
    frame: (sslTicketKey) => ({ sslTicketKey }),
  }),
  'ssl-buffer-size': key({
    kind: sizeUpTo(16 * 1024, 128),
    doc: 'The most that one record of TLS holds.',
    fallback: '4k',
    example: '8k',
    changes: 'frame',
    frame: (sslBufferBytes) => ({ sslBufferBytes }),
  }),
}
