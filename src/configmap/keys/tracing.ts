import { int, textOf } from '../../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import type { SpanExport } from '../../model/span-export.js'
import { ignored, key } from '../declare.js'
import { ipAddress } from '../kinds.js'

const host: Kind<string> = {
  form: 'host name or IP address',
  parse: (text) => {
    const isName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?$/i.test(text)
    return text.length <= 253 && (isName || ipAddress.parse(text).ok)
      ? parsed(text)
      : refused('is no host name and no IP address')
  },
}

/** Where spans go. Which requests have some is said with the annotations of tracing. Source: configmap.md, "Modules". */
export const tracingKeys = {
  'otlp-collector-host': key({
    kind: host,
    doc: 'The collector that spans are sent to, by the controller, as OTLP over HTTP without TLS.',
    fallback: 'none: no span is sent',
    example: 'otel-collector.observability.svc',
    changes: 'frame',
  }),
  'otlp-collector-port': key({
    kind: int({ from: 1, to: 65_535 }),
    doc: 'Its port for OTLP over HTTP; 4317, the default of ingress-nginx, is usually the one for gRPC.',
    fallback: '4318',
    example: '4318',
    changes: 'controller',
  }),
  'otel-service-name': key({
    kind: textOf('name', '\\x20-\\x7e'),
    doc: 'The attribute service.name of all spans.',
    fallback: 'nginx',
    example: 'edge',
    changes: 'controller',
  }),
  'otel-max-queuesize': key({
    kind: int({ from: 1, to: 1_000_000 }),
    doc: 'Spans that may wait to be sent; more are dropped, counted and said.',
    fallback: '2048',
    example: '8192',
    changes: 'controller',
  }),
  'otel-schedule-delay-millis': key({
    kind: int({ from: 1, to: 600_000 }),
    doc: 'Milliseconds that a span waits for others, so that they are sent together.',
    fallback: '5000',
    example: '1000',
    changes: 'controller',
  }),
  'otel-max-export-batch-size': key({
    kind: int({ from: 1, to: 100_000 }),
    doc: 'Spans of one message at most.',
    fallback: '512',
    example: '256',
    changes: 'controller',
  }),
  'opentelemetry-config': ignored(
    'It names the file of a module that is not there; the keys that begin with otel- and otlp- are read instead.',
  ),
}

/** undefined: no span is sent. */
export function spanExportOf(values: {
  readonly 'otlp-collector-host'?: string | undefined
  readonly 'otlp-collector-port'?: number | undefined
  readonly 'otel-service-name'?: string | undefined
  readonly 'otel-max-queuesize'?: number | undefined
  readonly 'otel-schedule-delay-millis'?: number | undefined
  readonly 'otel-max-export-batch-size'?: number | undefined
}): { readonly spanExport?: SpanExport } {
  const name = values['otlp-collector-host']
  if (name === undefined) return {}
  return {
    spanExport: {
      host: name,
      port: values['otlp-collector-port'] ?? 4318,
      serviceName: values['otel-service-name'] ?? 'nginx',
      queue: values['otel-max-queuesize'] ?? 2048,
      batch: values['otel-max-export-batch-size'] ?? 512,
      delayMilliseconds: values['otel-schedule-delay-millis'] ?? 5000,
    },
  }
}
