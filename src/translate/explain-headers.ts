import { order } from '../edge/order.js'
import { backendHeaders, defaultBackendHeaderSettings, isOfHttp1 } from '../model/backend-headers.js'
import type { RouteFeatures } from '../model/features.js'
import type { Table } from '../model/table.js'
import type { ProxyDecision } from '../request/decide.js'
import type { ActingPort, HostPort } from '../request/port.js'
import { stepsOf } from '../request/route-steps.js'
import { parseTraceParent } from '../request/trace-context.js'
import { readHeaders } from './explain-variables.js'
import type { HeaderExplanation } from './header-fate.js'
import type { Translation } from './translate.js'

/** What a step of a host did to a header; undefined: it took it away. */
export type HeaderChange = readonly [name: string, value: string | undefined]

/**
 * The headers of a request that goes to a backend, by the frame's own list and the steps of its route. `introduced`:
 * what steps of its host said. The settings are those that are desired: NGINX has them after its next reload at the
 * latest.
 */
export function explainHeaders(
  decision: ProxyDecision,
  { frame, profiles }: Pick<Translation, 'frame' | 'profiles'>,
  table: Table,
  request: HostPort,
  introduced: readonly HeaderChange[],
): readonly HeaderExplanation[] {
  const settings = { ...defaultBackendHeaderSettings, ...frame }
  const changes = new Map<string, HeaderExplanation>()
  const put = (change: HeaderExplanation): void => void changes.set(change.name.toLowerCase(), change)
  for (const [name, value] of introduced) put(fateOf(name, value))
  if (takesLogin(decision) && request.header('Authorization') === undefined) put(fateOf('Authorization', undefined))
  for (const change of ofEntry(decision, table, request)) put(change)
  const reader = readHeaders(settings, request, changes)
  for (const change of ofSteps(decision, request, reader.read)) put(change)
  const profile = decision.passage?.standIn === true ? undefined : decision.route.profile
  const directives = profiles.find(({ name }) => name === profile)?.directives ?? []
  const has = (name: string, value?: string): boolean =>
    directives.some((one) => one.name === name && (value === undefined || one.args[0] === value))
  const isHttp2 = has('grpc_pass') || has('proxy_http_version', '2')
  // A script gets the client's headers, and facts about the request as parameters (FCGI-3).
  const isScript = has('fastcgi_pass')
  const list = isScript ? [] : backendHeaders(settings).filter((header) => !isHttp2 || !isOfHttp1(header))
  const common = list.map(([name, parts]): HeaderExplanation => ({ name, ...reader.fateOf(parts) }))
  const names = new Set(['host', 'connection', ...common.map(({ name }) => name.toLowerCase())])
  const others = [...changes.values()].filter(({ name }) => !names.has(name.toLowerCase()))
  return [...common, ...others].filter((one) => one.kind !== 'removed' || isMissed(one.name, decision, request))
}

/** What the client did not send need not be removed, but for a login, without which nobody comes here. */
function isMissed(name: string, decision: ProxyDecision, request: HostPort): boolean {
  return request.header(name) !== undefined || (name === 'Authorization' && takesLogin(decision))
}

function takesLogin({ route, passage }: ProxyDecision): boolean {
  const features = passage === undefined ? undefined : route.features
  return features?.basic !== undefined || features?.digest !== undefined
}

/** The steps before the last ones ask chance or somebody else, so that they are told here, not run. */
function ofEntry({ host, route, passage }: ProxyDecision, table: Table, request: HostPort): HeaderExplanation[] {
  const { tracing, externalAuth, satisfyAny } = (passage === undefined ? undefined : route.features) ?? {}
  const key = externalAuth?.services === undefined ? externalAuth?.service : externalAuth.services[host.name]
  const service = key === undefined ? undefined : table.attachment(key)
  const words = `as the auth service answers${satisfyAny === true ? ', where it is asked' : ''}`
  const forwarded = service?.kind === 'auth-service' ? (service.forwarded ?? []) : []
  return [
    ...(tracing === undefined ? [] : traceOf(tracing, request)),
    ...forwarded.map((name) => ({ name, kind: 'described', words }) as const),
  ]
}

/** OTEL-3. */
function traceOf({ trusts }: NonNullable<RouteFeatures['tracing']>, request: HostPort): HeaderExplanation[] {
  const parent = trusts === true ? parseTraceParent(request.header('traceparent') ?? '') : undefined
  const name = 'traceparent'
  if (parent !== undefined) return [{ name, kind: 'described', words: `a span of its own in trace ${parent.trace}` }]
  return [
    { name, kind: 'described', words: 'a span of a new trace' },
    { name: 'tracestate', kind: 'removed' },
  ]
}

type Read = (name: string) => { readonly value: string; readonly isSure: boolean }

/**
 * What the data plane's own steps change, in their order; what they ask for and only NGINX knows is in their values by
 * its name.
 */
function ofSteps({ route, passage }: ProxyDecision, request: HostPort, read: Read): readonly HeaderExplanation[] {
  const { features } = route
  if (passage === undefined || features === undefined) return []
  const changes: HeaderExplanation[] = []
  let isSure = true
  const port: ActingPort = {
    ...request,
    ...NOTHING_DONE,
    variable: (name) => {
      const found = read(name)
      if (found.isSure) return found.value === '' ? undefined : found.value
      isSure = false
      return `$${name}`
    },
    setHeader: (name, value) =>
      void changes.push(isSure ? fateOf(name, value) : { name, kind: 'described', words: value ?? '' }),
    hideCredentials: () => void changes.push({ name: 'Authorization', kind: 'removed' }),
  }
  for (const step of stepsOf(order, route).proxy) {
    isSure = true
    // Copies and the like are chosen for this passage only.
    step.run({ ...passage }, port)
  }
  return changes
}

function fateOf(name: string, value: string | undefined): HeaderExplanation {
  return value === undefined || value === '' ? { name, kind: 'removed' } : { name, kind: 'sent', value }
}

/** Nobody is asked, and nothing is counted. */
const NOTHING_DONE: Omit<ActingPort, keyof HostPort | 'hideCredentials'> = {
  setVariable: () => undefined,
  recordSpan: () => false,
  attachment: () => undefined,
  limitChoices: () => ({}),
  countRequest: () => 'within',
  credentials: () => undefined,
  decodeBase64: () => undefined,
  checkPassword: () => 'failed',
  sign: () => undefined,
  useNonce: () => 'full',
  holdConnection: () => 'within',
  awaitEnd: () => undefined,
  askService: () => ({ kind: 'none' }),
  keptAnswer: () => undefined,
  keepAnswer: () => undefined,
}
