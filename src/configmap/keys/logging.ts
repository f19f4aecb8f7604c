import { bool, word } from '../../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import { sizeUpTo } from '../../features/kinds/size.js'
import { isCommonPattern } from '../common-pattern.js'
import { ignored, key } from '../declare.js'
import { addressList, readableAddresses, seconds } from '../kinds.js'
import { logFormat } from '../text-with-variables.js'
import { logTargets } from './log-targets.js'

/** Each worker has one. */
const bufferSize = sizeUpTo(16 * 1024 ** 2, 1)

/** `buffer=16k flush=1m`, each at most once. */
const bufferAndFlush: Kind<{ readonly bufferBytes?: number; readonly flushSeconds?: number }> = {
  form: 'buffer=SIZE and flush=TIME, with a blank between them',
  parse: (text) => {
    const found: { bufferBytes?: number; flushSeconds?: number } = {}
    for (const each of text.split(/\s+/)) {
      const [, name, value = ''] = /^(buffer|flush)=(.+)$/.exec(each) ?? []
      const read = name === 'buffer' ? bufferSize.parse(value) : seconds.parse(value)
      if (name === undefined || !read.ok || read.value === 0)
        return refused(`holds ${JSON.stringify(each)}, which is neither buffer=SIZE nor flush=TIME`)
      if (name === 'buffer') found.bufferBytes = read.value
      else found.flushSeconds = read.value
    }
    return parsed(found)
  },
}

/** Texts, and patterns of NGINX's `map` behind a `~`; the file takes a `$` for a variable. */
const skipped: Kind<readonly string[]> = {
  form: 'texts, or ~ and regular expressions, with commas between them',
  parse: (text) => {
    const items = text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
    const wrong = items.find((item) => !/^[\x21-\x7e]+$/.test(item) || item.includes('$') || !isPattern(item))
    return wrong === undefined
      ? parsed([...new Set(items)])
      : refused(`holds ${JSON.stringify(wrong)}, which cannot be used`)
  },
}

function isPattern(item: string): boolean {
  return !item.startsWith('~') || isCommonPattern(item.replace(/^~\*?/, ''))
}

/** Logs. Source: configmap.md, "Logging"; ngx_http_log_module. `read-frame.ts` joins those of the access log. */
export const logging = {
  'disable-access-log': key({
    kind: bool,
    doc: 'No request is logged, and no connection to a TCP or UDP service.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
  'disable-http-access-log': key({
    kind: bool,
    doc: 'No request is logged.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
  ...logTargets,
  'access-log-params': key({
    kind: bufferAndFlush,
    doc: 'How much of the access log a worker keeps before it is written, and how long.',
    fallback: 'buffer=64k flush=1s',
    example: 'buffer=16k flush=5s',
    changes: 'frame',
  }),
  'log-format-upstream': key({
    kind: logFormat,
    doc: 'The line of a request in the access log, or the name of one: `ack` is that of ACK, which has the host in it.',
    fallback: 'that of ingress-nginx',
    example: '$remote_addr "$request" $status $request_time [$proxy_upstream_name] $req_id',
    changes: 'frame',
  }),
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
  'skip-access-log-urls': key({
    kind: skipped,
    doc: 'Requests whose path and query are one of these texts, or match one of these expressions, are not logged.',
    fallback: 'none',
    example: '/healthz,~^/metrics',
    changes: 'frame',
    frame: (unloggedUrls) => ({ unloggedUrls }),
  }),
  'enable-access-log-for-default-backend': key({
    kind: bool,
    doc: 'Requests that no host or path matches are logged too, where the global default backend answers.',
    fallback: 'false',
    example: 'true',
    changes: 'table',
  }),
  'debug-connections': key({
    kind: addressList,
    doc: "Clients whose connections NGINX's error log tells everything about, what they send included.",
    fallback: 'none',
    example: '192.0.2.10,2001:db8::/32',
    changes: 'frame',
    strict: { read: readableAddresses, instead: 'the other items hold' },
    frame: (debugConnections) => ({ debugConnections: [...new Set(debugConnections)] }),
  }),
  'enable-auth-access-log': ignored(
    'Requests to auth services are not in the access log; their answers are, as those of the requests that asked.',
  ),
  'error-log-level': key({
    kind: word('debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'),
    doc: 'From which level on NGINX writes to its error log.',
    fallback: 'warn',
    example: 'error',
    changes: 'frame',
    frame: (errorLogLevel) => ({ errorLogLevel }),
  }),
}
