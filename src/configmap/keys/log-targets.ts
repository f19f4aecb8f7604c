import { int, bool } from '../../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import { key } from '../declare.js'

/** Of ingress-nginx's image, where they are links to the standard streams. */
const STANDARD = new Set(['/dev/stdout', '/dev/stderr', '/var/log/nginx/access.log', '/var/log/nginx/error.log'])

/** undefined: where it goes by default. */
const logPath: Kind<string | undefined> = {
  form: 'absolute path of a file',
  parse: (text) => {
    if (STANDARD.has(text)) return parsed(undefined)
    if (!/^\/[\x21-\x7e]{1,1000}$/.test(text) || text.endsWith('/')) return refused('is no absolute path of a file')
    if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(text)) return refused('has a part that is . or ..')
    if (/^\/(?:dev|proc|sys)\//.test(text)) return refused('is no place for a log')
    return parsed(text)
  },
}

const hostName: Kind<string> = {
  form: 'name or IP address',
  parse: (text) =>
    /^[\dA-Za-z]([\dA-Za-z.-]{0,251}[\dA-Za-z])?$/.test(text) || /^[\da-fA-F:]{2,39}$/.test(text)
      ? parsed(text)
      : refused('is neither a host name nor an IP address'),
}

/**
 * Where the controller brings logs that NGINX writes. Source: configmap.md, "Logging"; `log-targets.ts` of the folder above
 * joins them. NGINX's own file, which log analytics reads, is there whatever they say.
 */
export const logTargets = {
  'access-log-path': key({
    kind: logPath,
    doc: 'The file that lines of the access log go to, in place of standard output. The controller writes it, and opens it anew when it was put aside or at SIGUSR1.',
    fallback: 'standard output',
    example: '/data/logs/access.log',
    changes: 'controller',
  }),
  'http-access-log-path': key({
    kind: logPath,
    doc: 'The same of requests only.',
    fallback: 'access-log-path',
    example: '/data/logs/http.log',
    changes: 'controller',
  }),
  'stream-access-log-path': key({
    kind: logPath,
    doc: 'The same of connections to TCP and UDP services only.',
    fallback: 'access-log-path',
    example: '/data/logs/stream.log',
    changes: 'controller',
  }),
  'error-log-path': key({
    kind: logPath,
    doc: "The file that lines of NGINX's error log are copied to.",
    fallback: 'none: it is in the state folder',
    example: '/data/logs/error.log',
    changes: 'controller',
  }),
  'enable-syslog': key({
    kind: bool,
    doc: "Lines of the access log and of NGINX's error log go to the server of `syslog-host` over UDP (RFC 3164, facility local7), and not to standard output or files.",
    fallback: 'false',
    example: 'true',
    changes: 'controller',
  }),
  'syslog-host': key({
    kind: hostName,
    doc: 'Name or address of that server.',
    fallback: 'none',
    example: 'syslog.example.com',
    changes: 'controller',
  }),
  'syslog-port': key({
    kind: int({ from: 1, to: 65_535 }),
    doc: 'Its UDP port.',
    fallback: '514',
    example: '5140',
    changes: 'controller',
  }),
}
