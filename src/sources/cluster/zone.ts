import type { CallFailure, KubernetesClient } from '../../kubernetes/client.js'
import type { Clock } from '../../kubernetes/clock.js'
import { resourcePath } from '../../kubernetes/resource.js'
import { isMapping } from '../../snapshot/fields.js'

/** Where the zone of the controller's node is known from (SVC-9). */
export type ZoneSource =
  /** Zones have no say. */
  | { readonly kind: 'none' }
  | { readonly kind: 'given'; readonly zone: string }
  /** The label of the Node that the pod runs on. Rights: list on pods of its namespace, get on nodes. */
  | { readonly kind: 'node-of'; readonly namespace: string; readonly pod: string }

export interface ZoneReader {
  /** Resolves at the first answer, whatever it is; it goes on asking until there is a zone. */
  start(): Promise<void>
  stop(): void
}

interface ZoneOptions {
  readonly client: Pick<KubernetesClient, 'call'>
  readonly clock: Pick<Clock, 'after'>
  readonly onZone: (zone: string) => void
  readonly warn: (message: string) => void
}

const ZONE_LABEL = 'topology.kubernetes.io/zone'
const AGAIN_MILLISECONDS = 30_000
const TIMEOUT_MILLISECONDS = 5_000

/** Finds the zone once: a pod does not move, and a node has its zone from the cloud soon after it is made. */
export function createZoneReader(source: ZoneSource, { client, clock, onZone, warn }: ZoneOptions): ZoneReader {
  let said = ''
  let stopped = false
  let cancel = (): void => undefined

  const ask = async (namespace: string, pod: string): Promise<void> => {
    const found = await readZone(client, namespace, pod)
    if (stopped) return
    if (found.ok) return onZone(found.zone)
    const message = `the zone of this node is not known, so all ready endpoints are used: ${found.message}`
    if (message !== said) warn(message)
    said = message
    cancel = clock.after(AGAIN_MILLISECONDS, () => void ask(namespace, pod))
  }

  return {
    async start() {
      if (source.kind === 'given') onZone(source.zone)
      if (source.kind === 'node-of') await ask(source.namespace, source.pod)
    },
    stop() {
      stopped = true
      cancel()
    },
  }
}

type FoundZone = { readonly ok: true; readonly zone: string } | { readonly ok: false; readonly message: string }

async function readZone(client: ZoneOptions['client'], namespace: string, pod: string): Promise<FoundZone> {
  if (namespace === '' || pod === '') {
    return { ok: false, message: 'the environment has no POD_NAME and POD_NAMESPACE; name the zone with --zone' }
  }
  // By list, for which the controller has the right anyhow.
  const pods = await client.call({
    method: 'GET',
    path: resourcePath({ group: '', version: 'v1', plural: 'pods', namespace }),
    query: { fieldSelector: `metadata.name=${pod}` },
    timeoutMilliseconds: TIMEOUT_MILLISECONDS,
  })
  if (!pods.ok) return failed(`the Pod ${namespace}/${pod}`, pods)
  const items = at(pods.body, 'items')
  const node = at(Array.isArray(items) ? items[0] : undefined, 'spec', 'nodeName')
  if (typeof node !== 'string') return { ok: false, message: `the Pod ${namespace}/${pod} is on no node` }
  const path = resourcePath({ group: '', version: 'v1', plural: 'nodes', namespace: '' }, node)
  const found = await client.call({ method: 'GET', path, timeoutMilliseconds: TIMEOUT_MILLISECONDS })
  if (!found.ok) return failed(`the Node ${node}`, found)
  const zone = at(found.body, 'metadata', 'labels', ZONE_LABEL)
  return typeof zone === 'string' && zone !== ''
    ? { ok: true, zone }
    : { ok: false, message: `the Node ${node} has no label ${ZONE_LABEL}` }
}

function failed(what: string, { status, message }: CallFailure): FoundZone {
  const hint = status === 403 ? ' (it needs get on nodes)' : ''
  return { ok: false, message: `${what} could not be read: ${message}${hint}` }
}

/** What is at a place of an answer; undefined: nothing. */
function at(raw: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((value, name) => (isMapping(value) ? value[name] : undefined), raw)
}
