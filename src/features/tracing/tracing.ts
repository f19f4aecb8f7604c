import type { TracingSettings } from '../../model/features.js'
import { parseVariables } from '../../request/variables.js'
import { type Complaint, type Context, family } from '../declare.js'
import { bool, textOf, word } from '../kinds/kinds.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'

/** As many trace ids as `sampled` counts in: 52 bits of them are exact in every runtime. */
const ALL = 2 ** 52

const ratio: Kind<number> = {
  form: 'number from 0 to 1',
  parse: (text) => {
    const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
    return value >= 0 && value <= 1 ? parsed(value) : refused('is not a number from 0 to 1')
  },
}

/** OTEL-1..3. Source: annotations.md section 16; W3C Trace Context. How spans are sent: docs/design/tracing.md. */
export const tracing = family({
  name: 'tracing',
  title: 'Tracing',
  doc: 'Requests get a trace of W3C Trace Context: backends are told of it by `traceparent`, and where the main ConfigMap names an `otlp-collector-host`, spans of sampled requests are sent there.',
  annotations: {
    'enable-opentelemetry': {
      kind: bool,
      doc: 'Whether requests are traced. Without it trace headers of clients reach backends as they are.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'false',
      example: 'true',
      configMapKey: 'enable-opentelemetry',
    },
    'opentelemetry-trust-incoming-span': {
      kind: bool,
      doc: 'Whether the trace of a client is continued, and its decision on sampling with it; otherwise each request begins one. Only read where enable-opentelemetry is true on the Ingress itself.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'that of the key of this name, else true',
      example: 'false',
    },
    'opentelemetry-operation-name': {
      kind: textOf('name', 'A-Za-z0-9_-'),
      doc: 'Name of the spans. Only read where enable-opentelemetry is true on the Ingress itself.',
      effect: 'path',
      risk: 'medium',
      bad: 'refuse',
      fallback: 'that of the key of this name, else the method and the path of the rule',
      example: 'checkout',
    },
  },
  settings: {
    'opentelemetry-trust-incoming-span': {
      kind: bool,
      doc: 'Traces of clients are continued.',
      fallback: 'true',
      example: 'false',
    },
    'opentelemetry-operation-name': {
      kind: textOf('text, with variables', '\\x20-\\x7e'),
      doc: 'Name of spans, with variables of NGINX and $namespace, $ingress_name, $service_name, $service_port, $location_path.',
      fallback: 'the method and the path of the rule',
      example: '$namespace/$ingress_name',
    },
    'otel-sampler': {
      kind: word('AlwaysOn', 'AlwaysOff', 'TraceIdRatioBased'),
      doc: 'Which traces that begin here are sampled.',
      fallback: 'AlwaysOn',
      example: 'TraceIdRatioBased',
    },
    'otel-sampler-ratio': {
      kind: ratio,
      doc: 'The share of them for TraceIdRatioBased.',
      fallback: '0.01',
      example: '0.1',
    },
    'otel-sampler-parent-based': {
      kind: bool,
      doc: 'A trace that is continued is sampled if its parent was.',
      fallback: 'true',
      example: 'false',
    },
  },
  contribute: (values, context) => {
    const isOwn = context.has('enable-opentelemetry') && values['enable-opentelemetry'] === true
    const complaints = isOwn ? [] : unread(context)
    if (values['enable-opentelemetry'] !== true) return { complaints }
    const trusts = isOwn ? values['opentelemetry-trust-incoming-span'] : undefined
    const name = isOwn ? values['opentelemetry-operation-name'] : undefined
    const named = name ?? context.setting('opentelemetry-operation-name')
    const settings: TracingSettings = {
      ...((trusts ?? context.setting('opentelemetry-trust-incoming-span')) === false ? {} : { trusts: true }),
      sampled: sampledOf(context),
      ...(context.setting('otel-sampler-parent-based') === false ? {} : { parentBased: true }),
      about: parseVariables('$namespace\t$ingress_name\t$service_name\t$location_path\t'),
      ...(typeof named === 'string' ? { name: parseVariables(named) } : {}),
    }
    return { complaints, route: { tracing: settings } }
  },
})

function sampledOf({ setting }: Context): number {
  const sampler = setting('otel-sampler')
  if (sampler === 'AlwaysOff') return 0
  if (sampler !== 'TraceIdRatioBased') return ALL
  const share = setting('otel-sampler-ratio')
  return Math.round((typeof share === 'number' ? share : 0.01) * ALL)
}

/** OTEL-2. */
function unread({ has }: Context): readonly Complaint[] {
  return ['opentelemetry-trust-incoming-span', 'opentelemetry-operation-name'].filter(has).map((annotation) => ({
    annotation,
    message: `${annotation} is only read where enable-opentelemetry is true on the Ingress itself.`,
    instead: 'off',
  }))
}
