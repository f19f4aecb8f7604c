import type { ProfileDirective } from '../../nginx/profile.js'
import { size } from '../../nginx/units.js'
import { bodyLimitDirective } from '../body-limit.js'
import { type Complaint, family } from '../declare.js'
import { int, word } from '../kinds/kinds.js'
import { size as anySize, sizeUpTo } from '../kinds/size.js'
import { type Buffers, findConflict } from './buffers.js'

const onOff = word('on', 'off')
/** NGINX takes a whole buffer of memory for an answer; more would let a few requests fill the machine. */
const bufferSize = sizeUpTo(16 * 1024 * 1024)

/** PRX-1, PRX-4, PRX-9. Source: annotations.md section 7; ngx_http_proxy_module, ngx_http_core_module. */
export const bodies = family({
  name: 'bodies',
  title: 'Bodies and buffers',
  doc: 'How large request bodies may be, and how much of bodies and answers NGINX keeps before it passes them on. Bodies without a Content-Length are limited to the next power of two.',
  annotations: {
    'proxy-body-size': {
      kind: anySize,
      doc: 'The largest request body; a larger one is answered with 413, and 0 is no limit.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: '1m',
      example: '8m',
      configMapKey: 'proxy-body-size',
    },
    'proxy-buffering': {
      kind: onOff,
      doc: 'Whether NGINX reads answers as fast as it can and keeps them for clients that are slower.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'off',
      example: 'on',
      configMapKey: 'proxy-buffering',
    },
    'proxy-buffers-number': {
      kind: int({ from: 1, to: 10_000 }),
      doc: 'How many buffers an answer may take.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '4',
      example: '8',
      configMapKey: 'proxy-buffers-number',
    },
    'proxy-buffer-size': {
      kind: bufferSize,
      doc: 'Bytes of each buffer; the head of an answer must fit into one, or the client gets 502.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '4k',
      example: '16k',
      configMapKey: 'proxy-buffer-size',
    },
    'proxy-busy-buffers-size': {
      kind: sizeUpTo(1024 * 1024 * 1024),
      doc: 'How much of the buffers may be on its way to the client while more is read.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'two buffers',
      example: '32k',
      configMapKey: 'proxy-busy-buffers-size',
    },
    'proxy-max-temp-file-size': {
      kind: anySize,
      doc: 'How much of an answer may be kept in a file where the buffers do not suffice; 0 is nothing.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '1024m',
      example: '0',
      configMapKey: 'proxy-max-temp-file-size',
    },
    'proxy-request-buffering': {
      kind: onOff,
      doc: 'Whether NGINX reads the whole request body before it sends any of it to the backend.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'on',
      example: 'off',
      configMapKey: 'proxy-request-buffering',
    },
    'proxy-http-version': {
      kind: word('1.0', '1.1'),
      doc: 'The version of HTTP in which backends are asked.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '1.1',
      example: '1.0',
      configMapKey: 'proxy-http-version',
    },
    'client-body-buffer-size': {
      kind: sizeUpTo(64 * 1024 * 1024),
      doc: 'How much of a request body is kept in memory; the rest goes to a file.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: '8k',
      example: '1m',
      configMapKey: 'client-body-buffer-size',
    },
  },
  contribute: (values, { has }) => {
    // The ConfigMap's own limit holds for every host and is in the settings.
    const limit = has('proxy-body-size') ? values['proxy-body-size'] : undefined
    const memory = values['client-body-buffer-size']
    const buffers = readBuffers({
      number: values['proxy-buffers-number'],
      bytes: values['proxy-buffer-size'],
      busyBytes: values['proxy-busy-buffers-size'],
      temporaryBytes: values['proxy-max-temp-file-size'],
    })
    const profile: readonly ProfileDirective[] = [
      ...(limit === undefined ? [] : [bodyLimitDirective(limit)]),
      // What is the default anyway needs no profile.
      ...(values['proxy-buffering'] === 'on' ? [{ name: 'proxy_buffering', args: ['on'] } as const] : []),
      ...(values['proxy-request-buffering'] === 'off'
        ? [{ name: 'proxy_request_buffering', args: ['off'] } as const]
        : []),
      ...(values['proxy-http-version'] === '1.0' ? [{ name: 'proxy_http_version', args: ['1.0'] } as const] : []),
      ...(memory === undefined || memory === 8192
        ? []
        : [{ name: 'client_body_buffer_size', args: [size(Math.max(memory, 1))] } as const]),
      ...buffers.directives,
    ]
    return {
      profile,
      complaints: buffers.complaints,
      ...(limit === undefined ? {} : { route: { bodyLimit: { bytes: limit } } }),
    }
  },
})

/** PRX-9: what NGINX would refuse together is not used. */
function readBuffers(wanted: Buffers): {
  readonly directives: readonly ProfileDirective[]
  readonly complaints: readonly Complaint[]
} {
  const { number, bytes, busyBytes, temporaryBytes } = wanted
  if ([number, bytes, busyBytes, temporaryBytes].every((one) => one === undefined)) {
    return { directives: [], complaints: [] }
  }
  const conflict = findConflict(wanted)
  if (conflict !== undefined) return { directives: [], complaints: [{ ...conflict, instead: 'default' }] }
  const count = number ?? 4
  const each = size(bytes ?? 4096)
  const directives: readonly ProfileDirective[] = [
    ...(bytes === undefined ? [] : [{ name: 'proxy_buffer_size', args: [each] } as const]),
    ...(bytes === undefined && number === undefined ? [] : [{ name: 'proxy_buffers', args: [count, each] } as const]),
    ...(busyBytes === undefined ? [] : [{ name: 'proxy_busy_buffers_size', args: [size(busyBytes)] } as const]),
    ...(temporaryBytes === undefined
      ? []
      : [{ name: 'proxy_max_temp_file_size', args: [size(temporaryBytes)] } as const]),
  ]
  return { directives, complaints: [] }
}
