import { int } from '../../features/kinds/kinds.js'
import { key } from '../declare.js'
import { seconds } from '../kinds.js'

/** CON-1. Source: configmap.md, "Backends". */
export const backends = {
  'upstream-keepalive-connections': key({
    kind: int({ from: 0 }),
    doc: 'How many idle connections to backends a worker keeps, over all backends; with 0 each request has one of its own, and the backend is told that it ends.',
    fallback: '4000',
    example: '300',
    changes: 'frame',
    frame: (upstreamPoolSize) => ({ upstreamPoolSize }),
  }),
  'grpc-buffer-size-kb': key({
    kind: int({ from: 0, to: 1024 }),
    doc: 'Kilobytes of the buffer for answers of gRPC backends; 0 is that of proxy-buffer-size.',
    fallback: '0',
    example: '16',
    changes: 'frame',
    frame: (kilobytes) => (kilobytes === 0 ? {} : { grpcBufferBytes: kilobytes * 1024 }),
  }),
  'upstream-keepalive-timeout': key({
    kind: seconds,
    doc: 'For how long a connection to a backend is kept without use; with 0 none is.',
    fallback: '60',
    example: '900',
    changes: 'table',
  }),
  'upstream-keepalive-requests': key({
    kind: int({ from: 0 }),
    doc: 'How many requests a connection to a backend is used for; with 0 none is kept.',
    fallback: '10000',
    example: '1000',
    changes: 'table',
  }),
  'upstream-keepalive-time': key({
    kind: seconds,
    doc: 'For how long a connection to a backend is used at most; 0 is no limit.',
    fallback: 'no limit',
    example: '1h',
    changes: 'table',
  }),
}
