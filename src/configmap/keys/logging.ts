import { bool, word } from '../../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import { size } from '../../features/kinds/size.js'
import { ignored, key } from '../declare.js'
import { seconds } from '../kinds.js'
import { logFormat } from '../text-with-variables.js'

const FOLLOWED =
  'NGINX writes to a file that the controller follows and copies to its standard output, which a full disk or a stopped reader does not hold up.'
const NO_STREAM = 'This version serves no TCP and UDP Services.'
const SYSLOG = 'The access log goes to standard output; the container runtime or the service manager passes it on.'

/** `buffer=16k flush=1m`, each at most once. */
const bufferAndFlush: Kind<{ readonly bufferBytes?: number; readonly flushSeconds?: number }> = {
  form: 'buffer=SIZE and flush=TIME, with a blank between them',
  parse: (text) => {
    const found: { bufferBytes?: number; flushSeconds?: number } = {}
    for (const each of text.split(/\s+/)) {
      const [, name, value = ''] = /^(buffer|flush)=(.+)$/.exec(each) ?? []
      const read = name === 'buffer' ? size.parse(value) : seconds.parse(value)
      if (name === undefined || !read.ok || read.value === 0)
        return refused(`holds ${JSON.stringify(each)}, which is neither buffer=SIZE nor flush=TIME`)
      if (name === 'buffer') found.bufferBytes = read.value
      else found.flushSeconds = read.value
    }
    return parsed(found)
  },
}

/** Logs. Source: configmap.md, "Logging"; ngx_http_log_module. `read-frame.ts` joins those of the access log. */
export const logging = {
  'disable-access-log': key({
    kind: bool,
    doc: 'No request is logged.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
  'disable-http-access-log': key({
    kind: bool,
    doc: 'The same.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
  'disable-stream-access-log': ignored(NO_STREAM),
  'access-log-path': ignored(FOLLOWED),
  'http-access-log-path': ignored(FOLLOWED),
  'stream-access-log-path': ignored(NO_STREAM),
  'access-log-params': key({
    kind: bufferAndFlush,
    doc: 'How much of the access log a worker keeps before it is written, and how long.',
    fallback: 'buffer=64k flush=1s',
    example: 'buffer=16k flush=5s',
    changes: 'frame',
  }),
  'log-format-upstream': key({
    kind: logFormat,
    doc: 'The line of a request in the access log.',
    fallback: 'that of ingress-nginx',
    example: '$remote_addr "$request" $status $request_time [$proxy_upstream_name] $req_id',
    changes: 'frame',
  }),
  'log-format-stream': ignored(NO_STREAM),
  'log-format-escape-json': key({
    kind: bool,
    doc: 'What variables hold is escaped as inside a string of JSON.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
  'log-format-escape-none': key({
    kind: bool,
    doc: 'What variables hold is written as it is; clients can then forge lines. It goes before log-format-escape-json.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
  'error-log-path': ignored(FOLLOWED),
  'error-log-level': key({
    kind: word('debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'),
    doc: 'From which level on NGINX writes to its error log.',
    fallback: 'warn',
    example: 'error',
    changes: 'frame',
    frame: (errorLogLevel) => ({ errorLogLevel }),
  }),
  'enable-syslog': ignored(SYSLOG),
  'syslog-host': ignored(SYSLOG),
  'syslog-port': ignored(SYSLOG),
}
