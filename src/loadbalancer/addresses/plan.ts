import type { JudgedNode, Plan, PlanInput, PlannedStep, ServiceProblem } from '../provider.js'
import { keyOf, type ServiceView, type StatusAddress } from '../views.js'
import { allocate, type Allocated, type Holding } from './allocate.js'
import type { ParsedConfig, PoolsConfig } from './config.js'
import { POOL_ANNOTATION, requestOf, shareOf } from './request.js'

export const ADDRESSES_FINALIZER = 'fairlead/addresses'
/** On Services whose addresses `fairlead announce` is to answer for. */
export const ANNOUNCE_LABEL = 'fairlead/announce'

/** What exists for a Service: what it and all others hold, and the pools. */
export interface AddressesExisting {
  readonly config: ParsedConfig
  /** Since this controller leads. */
  readonly holdings: readonly Holding[]
}

export type AddressesStep =
  | (PlannedStep & { readonly kind: 'assign'; readonly holding: Holding })
  | (PlannedStep & { readonly kind: 'release' })

/**
 * Which addresses a Service should have. What others have is what this controller remembers and, for Services that it
 * has not looked at yet, what their status says: so no address is given twice, also after a restart.
 */
export function planAddresses({
  wanted,
  service,
  existing,
  nodes,
  services,
}: PlanInput<AddressesExisting>): Plan<AddressesStep> {
  const mine = existing.holdings.find(({ uid }) => uid === service.uid)
  if (wanted === 'absent') {
    return { steps: mine === undefined ? [] : [giveBack(mine)], problems: [], status: [] }
  }
  if (!existing.config.ok) return keep([problem('', `The pools cannot be used: ${existing.config.message}.`)])
  const { config } = existing.config
  const others = othersOf(service, existing.holdings, services)
  const found =
    config.mode === 'nodes' ? nodeAddresses(service, nodes, others, config) : fromPools(service, mine, others, config)
  if (!found.ok) {
    // An address that it may not have any more is given up, so that others can have it.
    if (mine !== undefined && !found.stays) return { ...found.plan, steps: [giveBack(mine)] }
    return found.plan
  }
  const holding = { key: keyOf(service), uid: service.uid, addresses: found.addresses, share: found.share }
  const labels = config.mode === 'layer2' ? { [ANNOUNCE_LABEL]: 'layer2' } : {}
  if (mine !== undefined && sameHolding(mine, holding)) {
    return { steps: [], problems: [], status: found.addresses.map(vip), labels }
  }
  const description = `${mine === undefined ? 'assign' : 'now assign'} ${listOf(found.addresses)}`
  return { steps: [{ kind: 'assign', holding, description, calls: [] }], problems: [], status: undefined, labels }
}

function giveBack({ addresses }: Holding): AddressesStep {
  return { kind: 'release', description: `give ${listOf(addresses)} back`, calls: [] }
}

function listOf(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'no address' : addresses.join(', ')
}

/** Everything that others have: memory first, status for those whom it does not know. */
export function othersOf(
  service: Pick<ServiceView, 'uid'>,
  holdings: readonly Holding[],
  services: readonly ServiceView[],
): readonly Holding[] {
  const known = new Set(holdings.map(({ uid }) => uid))
  const remembered = holdings.filter(({ uid }) => uid !== service.uid)
  const told = services
    .filter((one) => one.uid !== service.uid && !known.has(one.uid) && one.finalizers.includes(ADDRESSES_FINALIZER))
    .map((one) => ({ key: keyOf(one), uid: one.uid, addresses: statusIps(one), share: shareOf(one) }))
  return [...remembered, ...told.filter(({ addresses }) => addresses.length > 0)]
}

type Found =
  | { readonly ok: true; readonly addresses: readonly string[]; readonly share: Holding['share'] }
  /** `stays`: what it has it keeps. */
  | { readonly ok: false; readonly stays: boolean; readonly plan: Plan<AddressesStep> }

function fromPools(
  service: ServiceView,
  mine: Holding | undefined,
  others: readonly Holding[],
  config: PoolsConfig,
): Found {
  const parsed = requestOf(service)
  if (!parsed.ok) return { ok: false, stays: true, plan: keep([problem(parsed.field, parsed.message)]) }
  const { request } = parsed
  const current = mine?.addresses ?? (service.finalizers.includes(ADDRESSES_FINALIZER) ? statusIps(service) : [])
  const found = allocate(request, current, config.pools, others)
  return withShare(found, request.share, request.pool === '' ? '' : `metadata.annotations["${POOL_ANNOTATION}"]`)
}

/**
 * The addresses of all nodes that may be backends; with policy Local of those with an endpoint. Ports are had by one
 * Service.
 */
function nodeAddresses(
  service: ServiceView,
  nodes: readonly JudgedNode[],
  others: readonly Holding[],
  { reservedPorts }: PoolsConfig,
): Found {
  const share = { ...shareOf(service), key: 'nodes', localTo: '' }
  const reserved = service.ports.find(({ port }) => reservedPorts.includes(port))
  if (reserved !== undefined) {
    const message = `The port ${reserved.port} belongs to the nodes themselves (reservedPorts); the Service gets no address.`
    return withShare({ ok: false, message }, share, 'spec.ports')
  }
  for (const other of others) {
    const port = share.ports.find((one) => other.share.ports.includes(one))
    if (port === undefined) continue
    const message = `The port ${port} of the nodes is used by the Service ${other.key}; this one gets no address.`
    return withShare({ ok: false, message }, share, 'spec.ports')
  }
  const usable = nodes.filter(({ verdict }) => verdict === 'backend')
  const chosen = service.externalTrafficPolicy === 'Local' ? usable.filter(({ endpoints }) => endpoints > 0) : usable
  const type = chosen.some((node) => node.addresses.some((one) => one.type === 'ExternalIP'))
    ? 'ExternalIP'
    : 'InternalIP'
  const families = service.ipFamilies.length === 0 ? ['IPv4'] : service.ipFamilies
  const addresses = chosen
    .flatMap((node) => node.addresses)
    .filter((one) => one.type === type && families.includes(one.address.includes(':') ? 'IPv6' : 'IPv4'))
    .map(({ address }) => address)
  return { ok: true, addresses: [...new Set(addresses)].sort(), share }
}

function withShare(found: Allocated, share: Holding['share'], field: string): Found {
  if (found.ok) return { ...found, share }
  const wrong = { severity: 'error', reason: 'AllocationFailed', field, message: found.message } as const
  return { ok: false, stays: false, plan: { steps: [], problems: [wrong], status: [], labels: {} } }
}

/** What stands stays, and is said to be wrong. */
function keep(problems: readonly ServiceProblem[]): Plan<AddressesStep> {
  return { steps: [], problems, status: undefined }
}

function problem(field: string, message: string): ServiceProblem {
  return { severity: 'error', reason: 'AllocationFailed', field, message }
}

function sameHolding(a: Holding, b: Holding): boolean {
  return JSON.stringify([a.addresses, a.share]) === JSON.stringify([b.addresses, b.share])
}

function statusIps({ status }: ServiceView): readonly string[] {
  return status.flatMap((entry) => ('ip' in entry ? [entry.ip] : []))
}

function vip(ip: string): StatusAddress {
  return { ip, ipMode: 'VIP' }
}
