import { type StreamPort, type StreamService, streamKey } from '../model/streams.js'
import type { Problem } from '../problems/problem.js'
import type { ConfigMap, Service, ServicePort } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { endpointsOf, findEndpoints, type FoundEndpoints } from './endpoints.js'
import type { TranslateOptions } from './options.js'
import { problemOf } from './reference.js'
import { readStreamValue, type StreamValue } from './stream-value.js'

/** TCP and UDP services (routing.md section 15). */
export interface Streams {
  readonly ports: readonly StreamPort[]
  readonly services: ReadonlyMap<string, StreamService>
  readonly problems: readonly Problem[]
}

export const NO_STREAMS: Streams = { ports: [], services: new Map(), problems: [] }

/**
 * The services of the two ConfigMaps. A port is open as long as its entry and its Service are there: without an endpoint its
 * connections are closed (better than L4-3 and L4-5, where the port comes and goes). An entry that cannot be served hurts
 * itself only. `previous` itself where nothing changed that it was made from.
 */
export function translateStreams(
  snapshot: Snapshot,
  options: TranslateOptions,
  from: Snapshot,
  previous: Streams,
): Streams {
  const { tcpServices, udpServices } = options
  if (tcpServices === '' && udpServices === '') return NO_STREAMS
  if (isSameSource(from, snapshot)) return previous
  const found = [
    ...entriesOf('tcp', snapshot.configMaps.get(tcpServices), snapshot, options),
    ...entriesOf('udp', snapshot.configMaps.get(udpServices), snapshot, options),
  ]
  const problems = found.flatMap((entry) => entry.problems)
  const served = found.flatMap(({ served: one }) => one ?? [])
  const streams = {
    ports: served.map(({ port }) => port),
    services: new Map(served.map(({ port, service }) => [streamKey(port), service])),
    problems,
  }
  return JSON.stringify(comparable(streams)) === JSON.stringify(comparable(previous)) ? previous : streams
}

function isSameSource(a: Snapshot, b: Snapshot): boolean {
  return (
    a.configMaps === b.configMaps &&
    a.services === b.services &&
    a.endpointSlices === b.endpointSlices &&
    a.resolved === b.resolved &&
    a.zone === b.zone
  )
}

function comparable({ ports, services, problems }: Streams): unknown {
  return [ports, [...services], problems]
}

interface Entry {
  readonly served?: { readonly port: StreamPort; readonly service: StreamService }
  readonly problems: readonly Problem[]
}

function entriesOf(
  protocol: StreamPort['protocol'],
  configMap: ConfigMap | undefined,
  snapshot: Snapshot,
  options: TranslateOptions,
): readonly Entry[] {
  if (configMap === undefined) return []
  if (!options.streams.streams && Object.keys(configMap.data).length > 0)
    return [{ problems: [problemOf('stream/engine-lacks', configMap, 'data', ENGINE_LACKS)] }]
  // Numbers in the order of their size, whatever order the object has.
  const keys = Object.keys(configMap.data).sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1))
  const taken = new Set<number>()
  return keys.map((key) => {
    const problem = (code: Problem['code'], message: string): Problem =>
      problemOf(code, configMap, `data["${key}"]`, message)
    const wrong = wrongPort(key, protocol, taken, options)
    if (wrong !== undefined) return { problems: [problem('stream/refused', `${wrong} ${NOT_OPENED}`)] }
    taken.add(Number(key))
    const value = readStreamValue(configMap.data[key] ?? '', protocol)
    if (!value.ok) return { problems: [problem('stream/refused', `${value.message} ${NOT_OPENED}`)] }
    return entryOf(protocol, Number(key), value, snapshot, options, problem)
  })
}

const NOT_OPENED = 'The port is not opened.'
const ENGINE_LACKS =
  'NGINX has no stream module with njs, so none of these ports is opened. Install libnginx-mod-stream-js, or run "make engine".'

/** L4-3. */
function wrongPort(
  key: string,
  protocol: StreamPort['protocol'],
  taken: ReadonlySet<number>,
  { reservedPorts }: TranslateOptions,
): string | undefined {
  const port = Number(key)
  if (!/^\d{1,5}$/.test(key) || port < 1 || port > 65_535) return `${JSON.stringify(key)} is not a port, 1 to 65535.`
  if (taken.has(port)) return `Port ${port} is written twice, once as ${JSON.stringify(key)}.`
  const reserved = reservedPorts.find((one) => one.port === port)
  if (reserved === undefined) return undefined
  return `Port ${port} is that of ${reserved.flag}, so ${protocol.toUpperCase()} cannot have it.`
}

function entryOf(
  protocol: StreamPort['protocol'],
  number: number,
  { namespace, name, port: wanted, fromProxy, toProxy, ignored }: StreamValue,
  snapshot: Snapshot,
  options: TranslateOptions,
  problem: (code: Problem['code'], message: string) => Problem,
): Entry {
  const service = snapshot.services.get(`${namespace}/${name}`)
  if (service === undefined) {
    const message = `There is no Service ${namespace}/${name}. ${NOT_OPENED}`
    return { problems: [problem('stream/refused', message)] }
  }
  const found = endpointsFor(service, protocol, wanted, snapshot, options)
  if (typeof found === 'string') return { problems: [problem('stream/refused', `${found} ${NOT_OPENED}`)] }
  const problems = [
    ...(ignored === undefined ? [] : [problem('stream/without-effect', ignored)]),
    ...(found.missing === undefined
      ? []
      : [problem('stream/no-endpoint', `${found.missing.message} Connections to port ${number} are closed.`)]),
  ]
  const port = { protocol, port: number, fromProxy, toProxy }
  return {
    served: { port, service: { label: `${namespace}-${name}-${wanted}`, endpoints: found.endpoints } },
    problems,
  }
}

/** L4-1: the port by its number or name; L4-4: ExternalName Services too. */
function endpointsFor(
  service: Service,
  protocol: StreamPort['protocol'],
  wanted: string,
  snapshot: Snapshot,
  options: TranslateOptions,
): FoundEndpoints | string {
  const is = (port: ServicePort): boolean => String(port.port) === wanted || port.name === wanted
  const own = service.ports.find((port) => port.protocol === protocol.toUpperCase() && is(port))
  if (service.type === 'ExternalName') {
    const number = own?.port ?? Number(wanted)
    if (!Number.isInteger(number)) return `Service ${service.namespace}/${service.name} has no port ${wanted}.`
    const found = findEndpoints(service, number, snapshot, options)
    return found.missing?.code === 'backend/external-name-refused' ? found.missing.message : found
  }
  if (own !== undefined) return endpointsOf(service, own, snapshot)
  const other = service.ports.find(is)
  const what =
    other === undefined
      ? `no port ${JSON.stringify(wanted)}`
      : `port ${JSON.stringify(wanted)} for ${other.protocol}, not for ${protocol.toUpperCase()}`
  return `Service ${service.namespace}/${service.name} has ${what}.`
}
