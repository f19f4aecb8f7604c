import { bool, int, textOf } from '../../features/kinds/kinds.js'
import { sizeUpTo } from '../../features/kinds/size.js'
import { ignored, key } from '../declare.js'
import { buffers, ipAddress, listOf, readableItems, seconds } from '../kinds.js'

const OBSOLETE =
  'NGINX has no such setting any more, and ingress-nginx ignores it too; large-client-header-buffers and keep-alive-requests bound HTTP/2 as well.'
const SPLIT = 'ingress-nginx fills it in itself; use bind-address.'

/**
 * Listeners and connections of clients. Source: configmap.md, "Client side connections"; ngx_http_core_module,
 * ngx_http_v2_module.
 */
export const clients = {
  'bind-address': key({
    kind: listOf(ipAddress, 'IP addresses, with commas between them'),
    doc: 'The addresses to listen on.',
    fallback: 'all addresses',
    strict: {
      read: (text) => readableItems(ipAddress, text),
      instead: 'the other addresses hold, or all where there are none',
    },
    refused: { text: '127.0.0.1', instead: 'nothing but 127.0.0.1 is listened on' },
    example: '192.0.2.10,2001:db8::10',
    changes: 'frame',
    frame: (addresses) => (addresses.length === 0 ? {} : { addresses }),
  }),
  'bind-address-ipv4': ignored(SPLIT),
  'bind-address-ipv6': ignored(SPLIT),
  'disable-ipv6': key({
    kind: bool,
    doc: 'Nothing listens on IPv6.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
    frame: (off) => (off ? { ipv6: false } : {}),
  }),
  'reuse-port': key({
    kind: bool,
    doc: 'Each worker has a listening socket of its own.',
    fallback: 'true',
    example: 'false',
    changes: 'frame',
    frame: (reusePort) => ({ reusePort }),
  }),
  'enable-multi-accept': key({
    kind: bool,
    doc: 'A worker takes all connections that wait, not one at a time.',
    fallback: 'true',
    example: 'false',
    changes: 'frame',
    frame: (multiAccept) => ({ multiAccept }),
  }),
  'keep-alive': key({
    kind: int({ from: 0 }),
    doc: 'Seconds that an idle connection of a client is kept; 0 keeps none.',
    fallback: '75',
    example: '30',
    changes: 'frame',
    frame: (keepAliveSeconds) => ({ keepAliveSeconds }),
  }),
  'keep-alive-requests': key({
    kind: int({ from: 0 }),
    doc: 'Requests that a connection of a client may carry.',
    fallback: '1000',
    example: '10000',
    changes: 'frame',
    frame: (keepAliveRequests) => ({ keepAliveRequests }),
  }),
  'use-http2': key({
    kind: bool,
    doc: 'Clients may speak HTTP/2: with TLS by ALPN, in the clear by prior knowledge.',
    fallback: 'true',
    example: 'false',
    changes: 'frame',
    frame: (http2) => ({ http2 }),
  }),
  'http2-max-concurrent-streams': key({
    kind: int({ from: 1, to: 65_535 }),
    doc: 'Requests that a client may have under way on one connection of HTTP/2 or HTTP/3.',
    fallback: '128',
    example: '256',
    changes: 'frame',
    frame: (http2MaxConcurrentStreams) => ({ http2MaxConcurrentStreams }),
  }),
  'use-http3': key({
    kind: bool,
    doc: 'Clients may speak HTTP/3, on UDP at the number of the port for HTTPS, and answers over HTTPS tell them so. A reload ends their connections. Written as false, answers tell them to forget it.',
    fallback: 'false, and answers say nothing',
    example: 'true',
    changes: 'frame',
    frame: (http3) => ({ http3 }),
  }),
  'http3-port': key({
    kind: int({ from: 1, to: 65_535 }),
    doc: 'UDP port at which clients reach it, for Alt-Svc; another than that of HTTPS where a Service or load balancer has another.',
    fallback: 'that of --https-port',
    example: '443',
    changes: 'table',
  }),
  'http2-max-field-size': ignored(OBSOLETE),
  'http2-max-header-size': ignored(OBSOLETE),
  'http2-max-requests': ignored(OBSOLETE),
  'client-header-buffer-size': key({
    kind: sizeUpTo(1024 ** 2, 128),
    doc: 'The first buffer for the head of a request.',
    fallback: '1k',
    example: '4k',
    changes: 'frame',
    frame: (clientHeaderBufferBytes) => ({ clientHeaderBufferBytes }),
  }),
  'large-client-header-buffers': key({
    kind: buffers,
    doc: 'Number and size of the buffers for longer heads; what does not fit is answered 414 or 400.',
    fallback: '4 8k',
    example: '8 16k',
    changes: 'frame',
    frame: (largeClientHeaderBuffers) => ({ largeClientHeaderBuffers }),
  }),
  'client-header-timeout': key({
    kind: int({ from: 1 }),
    doc: 'Seconds in which the head of a request must have come; then 408.',
    fallback: '60',
    example: '10',
    changes: 'frame',
    frame: (clientHeaderTimeoutSeconds) => ({ clientHeaderTimeoutSeconds }),
  }),
  'client-body-timeout': key({
    kind: int({ from: 1 }),
    doc: 'Seconds between two pieces of the body of a request; then 408.',
    fallback: '60',
    example: '10',
    changes: 'frame',
    frame: (clientBodyTimeoutSeconds) => ({ clientBodyTimeoutSeconds }),
  }),
  'enable-underscores-in-headers': key({
    kind: bool,
    doc: 'Headers with an underscore in their name are accepted.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
    frame: (underscoresInHeaders) => ({ underscoresInHeaders }),
  }),
  'ignore-invalid-headers': key({
    kind: bool,
    doc: 'Headers with an invalid name are left out, rather than passed on.',
    fallback: 'true',
    example: 'false',
    changes: 'frame',
    frame: (ignoreInvalidHeaders) => ({ ignoreInvalidHeaders }),
  }),
  'default-type': key({
    kind: textOf('MIME type', 'A-Za-z0-9/.+-'),
    doc: 'Content-Type of the answers that the proxy makes itself.',
    fallback: 'text/html',
    example: 'text/plain',
    changes: 'frame',
    frame: (defaultType) => ({ defaultType }),
  }),
  'proxy-protocol-header-timeout': key({
    kind: seconds,
    doc: 'How long a client may take for its PROXY header on a port of a TCP service, and on that of HTTPS with --enable-ssl-passthrough; client-header-timeout bounds the other listeners.',
    fallback: '5s',
    example: '10s',
    changes: 'frame',
  }),
}
