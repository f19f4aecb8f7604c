import { createProblem } from '../../problems/create.js'
import type { Problem } from '../../problems/problem.js'
import type { EndpointSlice, Service, ServicePort } from '../../snapshot/objects.js'
import type { Store } from '../../snapshot/store.js'
import type { EndpointsFlag } from './endpoints-flag.js'

/** Stands in for the EndpointSlices of Services that have none, from the flags `--endpoints`. */
export interface StandIns {
  /** Brings the slices that stand in up to date with the Services and slices in the store. */
  update(): void
  /** `endpoints/flag-ignored` for each flag that has no effect. */
  problems(): readonly Problem[]
}

interface StandIn {
  readonly service: Service | undefined
  readonly hasSlices: boolean
  readonly slices: readonly EndpointSlice[]
  readonly problems: readonly Problem[]
}

export function createStandIns(store: Store, flags: readonly EndpointsFlag[]): StandIns {
  const current = new Map<EndpointsFlag, StandIn>()

  const updateOne = (flag: EndpointsFlag, index: number): void => {
    const snapshot = store.snapshot()
    const key = `${flag.namespace}/${flag.service}`
    const service = snapshot.services.get(key)
    const hasSlices = (snapshot.endpointSlices.get(key) ?? []).some(({ name }) => !isStandIn(name))
    const before = current.get(flag)
    if (before !== undefined && before.service === service && before.hasSlices === hasSlices) return
    for (const { namespace, name } of before?.slices ?? []) store.delete('EndpointSlice', namespace, name)
    const after = { service, hasSlices, ...standIn(flag, index, service, hasSlices) }
    for (const slice of after.slices) store.set(slice)
    current.set(flag, after)
  }

  return {
    update: () => flags.forEach(updateOne),
    problems: () => [...current.values()].flatMap(({ problems }) => problems),
  }
}

/** No object of a file can be called so, because of the colon. */
const PREFIX = 'flag:'

function isStandIn(name: string): boolean {
  return name.startsWith(PREFIX)
}

function standIn(
  flag: EndpointsFlag,
  index: number,
  service: Service | undefined,
  hasSlices: boolean,
): Pick<StandIn, 'slices' | 'problems'> {
  if (service === undefined) return ignored(flag, 'no such Service is declared')
  if (hasSlices) return ignored(flag, 'the Service has EndpointSlices of its own, which count')
  const ports = service.ports.filter(
    ({ name, port, protocol }) =>
      (protocol === 'TCP' || protocol === 'UDP') &&
      (flag.port === undefined || flag.port === name || flag.port === String(port)),
  )
  if (ports.length === 0)
    return ignored(flag, `the Service has no TCP or UDP port${flag.port === undefined ? '' : ` ${flag.port}`}`)
  // A slice has one number per port, so endpoints with different numbers need slices of their own.
  const numbers = [...new Set(flag.endpoints.map(({ port }) => port))]
  const slices = numbers.map((number) => {
    const addresses = flag.endpoints.filter(({ port }) => port === number).map(({ address }) => address)
    return createSlice(flag, `${PREFIX}${index}:${number}`, ports, number, addresses)
  })
  return { slices, problems: [] }
}

function createSlice(
  flag: EndpointsFlag,
  name: string,
  ports: readonly Pick<ServicePort, 'name' | 'protocol'>[],
  port: number,
  addresses: readonly string[],
): EndpointSlice {
  return Object.freeze({
    kind: 'EndpointSlice',
    namespace: flag.namespace,
    name,
    uid: '',
    createdAt: undefined,
    annotations: {},
    labels: {},
    source: undefined,
    service: flag.service,
    ports: Object.freeze(
      ports.map(({ name: portName, protocol }) => Object.freeze({ name: portName, port, protocol })),
    ),
    endpoints: Object.freeze([Object.freeze({ addresses: Object.freeze([...addresses]), ready: true })]),
  })
}

function ignored(flag: EndpointsFlag, why: string): Pick<StandIn, 'slices' | 'problems'> {
  const about = { kind: 'Service', namespace: flag.namespace, name: flag.service }
  const message = `The flag --endpoints for ${flag.namespace}/${flag.service} has no effect: ${why}.`
  return { slices: [], problems: [createProblem('endpoints/flag-ignored', about, '--endpoints', message)] }
}
