import type { BalancingSettings } from '../../model/features.js'
import { type Complaint, type Context, family } from '../declare.js'
import { bool, int, textOf, word } from '../kinds/kinds.js'
import { unknownVariables } from '../kinds/variables.js'

/** LB-1..LB-6. Source: annotations.md section 15; routing.md section 13 for the ways to choose. */
export const balancing = family({
  name: 'balancing',
  title: 'Load balancing',
  doc: 'How an endpoint is chosen for each request. Settings of the oldest Ingress that uses a Service port hold for all requests to it; a session (affinity) goes before them, and upstream-hash-by before load-balance.',
  annotations: {
    'load-balance': {
      kind: word('round_robin', 'ewma', 'chash', 'chashsubset', 'sticky_balanced', 'sticky_persistent'),
      doc: 'How endpoints are chosen: in turn (round_robin), or of two at random the one that answered faster lately (ewma); the other words follow from upstream-hash-by and affinity.',
      effect: 'upstream',
      risk: 'low',
      bad: 'refuse',
      fallback: 'round_robin',
      example: 'ewma',
      configMapKey: 'load-balance',
    },
    'upstream-hash-by': {
      kind: textOf('text with variables of NGINX', 'A-Za-z0-9\\-_${}'),
      doc: 'Requests for which this text is the same go to the same endpoint; when endpoints come or go, few of them move.',
      effect: 'upstream',
      risk: 'high',
      bad: 'refuse',
      fallback: '-',
      example: '$request_uri',
    },
    'upstream-hash-by-subset': {
      kind: bool,
      doc: 'The hash of upstream-hash-by chooses a set of endpoints, and each request goes to one of them at random.',
      effect: 'upstream',
      risk: 'low',
      bad: 'refuse',
      fallback: 'false',
      example: 'true',
    },
    'upstream-hash-by-subset-size': {
      kind: int({ from: 0, to: 10_000 }),
      doc: 'How many endpoints are in a set; 0 counts as 3.',
      effect: 'upstream',
      risk: 'low',
      bad: 'refuse',
      fallback: '3',
      example: '3',
    },
    'service-upstream': {
      kind: bool,
      doc: "Requests go to the Service's own address, and the cluster's network chooses the endpoint. Without such an address (headless, ExternalName) the endpoints are used.",
      effect: 'upstream',
      risk: 'low',
      bad: 'default',
      fallback: 'false',
      example: 'true',
      configMapKey: 'service-upstream',
    },
  },
  contribute: (values, context) => {
    const { balancing: settings, complaints } = settingsOf(values, context)
    return {
      ...(settings === undefined ? {} : { upstream: { balancing: settings } }),
      throughService: values['service-upstream'] === true,
      complaints,
    }
  },
})

interface Choices {
  readonly 'load-balance': string | undefined
  readonly 'upstream-hash-by': string | undefined
  readonly 'upstream-hash-by-subset': boolean | undefined
  readonly 'upstream-hash-by-subset-size': number | undefined
}

const STANDARD_SUBSET = 3

interface Settings {
  readonly balancing?: BalancingSettings
  readonly complaints: readonly Complaint[]
}

function settingsOf(values: Choices, context: Context): Settings {
  const by = values['upstream-hash-by']
  const loadBalance = values['load-balance']
  const unknown = by === undefined ? [] : unknownVariables(by)
  if (by !== undefined && unknown.length === 0) {
    const size = values['upstream-hash-by-subset-size'] ?? 0
    const subset = values['upstream-hash-by-subset'] === true ? { subset: size === 0 ? STANDARD_SUBSET : size } : {}
    return { balancing: { kind: 'hash', by, ...subset }, complaints: [] }
  }
  const complaints: Complaint[] = []
  if (unknown.length > 0) {
    const message = `upstream-hash-by names ${unknown.map((name) => `$${name}`).join(', ')}, which NGINX does not have. Variables that work are $request_uri, $remote_addr, $http_NAME, $cookie_NAME and $arg_NAME.`
    complaints.push({ annotation: 'upstream-hash-by', message, instead: 'default' })
  }
  if (loadBalance === 'ewma') return { balancing: { kind: 'ewma' }, complaints }
  if (loadBalance?.startsWith('chash') === true && context.has('load-balance') && by === undefined) {
    const message = `load-balance: ${loadBalance} needs upstream-hash-by, which says what is hashed.`
    complaints.push({ annotation: 'load-balance', message, instead: 'default' })
  }
  if (loadBalance?.startsWith('sticky') === true && context.has('load-balance') && !context.has('affinity')) {
    const message = `load-balance: ${loadBalance} needs affinity: cookie, which says the same.`
    complaints.push({ annotation: 'load-balance', message, instead: 'default' })
  }
  return { complaints }
}
