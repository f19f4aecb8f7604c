import { bool, int } from '../../features/kinds/kinds.js'
import { key } from '../declare.js'
import { seconds } from '../kinds.js'
import { streamLogFormat } from '../text-with-variables.js'

/**
 * TCP and UDP services, and TLS that is passed through. Source: configmap.md, "TCP/UDP"; ngx_stream_proxy_module,
 * ngx_stream_log_module. `read-frame.ts` joins them.
 */
export const streams = {
  'proxy-stream-timeout': key({
    kind: seconds,
    doc: 'For how long a connection to a TCP or UDP service may be idle.',
    fallback: '600s',
    example: '60s',
    changes: 'frame',
  }),
  'proxy-stream-next-upstream': key({
    kind: bool,
    doc: 'Whether a connection that an endpoint does not take goes to another one.',
    fallback: 'true',
    example: 'false',
    changes: 'frame',
  }),
  'proxy-stream-next-upstream-timeout': key({
    kind: seconds,
    doc: 'For how long other endpoints are tried; 0 is no limit.',
    fallback: '600s',
    example: '30s',
    changes: 'frame',
  }),
  'proxy-stream-next-upstream-tries': key({
    kind: int({ from: 0, to: 1000 }),
    doc: 'How many endpoints a connection tries; 0 is as many as can be, which is 6, and so is every greater number.',
    fallback: '3',
    example: '2',
    changes: 'frame',
  }),
  'proxy-stream-responses': key({
    kind: int({ from: 0, to: 65_535 }),
    doc: 'Datagrams that an endpoint answers one of a client with; after them the session ends.',
    fallback: '1',
    example: '2',
    changes: 'frame',
  }),
  'disable-stream-access-log': key({
    kind: bool,
    doc: 'No connection to a TCP or UDP service is logged.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
  'log-format-stream': key({
    kind: streamLogFormat,
    doc: 'The line of a connection to a TCP or UDP service in the access log.',
    fallback: 'that of ingress-nginx',
    example: '$remote_addr $protocol $status $session_time [$proxy_upstream_name] $upstream_addr',
    changes: 'frame',
  }),
}
