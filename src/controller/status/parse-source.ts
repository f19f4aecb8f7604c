import { isMapping } from '../../snapshot/fields.js'
import { parsePublished } from '../../snapshot/parse-published.js'
import type { ControllerPod, NodeAddress, PublishService } from './source.js'

type Fields = Readonly<Record<string, unknown>>

/** Answers of the API server, read as far as the status needs them; fields of the wrong type count as absent. */
export function parsePublishService(raw: unknown): PublishService {
  const object = fields(raw)
  const spec = fields(object['spec'])
  return {
    type: text(spec['type']),
    clusterIP: text(spec['clusterIP']),
    externalName: text(spec['externalName']),
    externalIPs: list(spec['externalIPs']).map(text),
    loadBalancer: parsePublished(object['status']),
  }
}

export function parseItems(raw: unknown): readonly unknown[] {
  return list(fields(raw)['items'])
}

export function parsePods(raw: unknown): readonly ControllerPod[] {
  return parseItems(raw).map((item) => {
    const object = fields(item)
    const status = fields(object['status'])
    const conditions = list(status['conditions']).map(fields)
    return {
      name: text(fields(object['metadata'])['name']),
      node: text(fields(object['spec'])['nodeName']),
      phase: text(status['phase']),
      ready: conditions.some((one) => one['type'] === 'Ready' && one['status'] === 'True'),
    }
  })
}

export function parseNodeAddresses(raw: unknown): readonly NodeAddress[] {
  const addresses = list(fields(fields(raw)['status'])['addresses']).map(fields)
  return addresses.map(({ type, address }) => ({ type: text(type), address: text(address) }))
}

/** What makes a Pod one of ours. */
export interface OwnPod {
  readonly uid: string
  /** A selector of all replicas, whichever version of the Deployment they belong to. */
  readonly selector: string
}

/** Labels that differ between the versions of one Deployment or DaemonSet. */
const versionLabels = new Set(['pod-template-hash', 'controller-revision-hash', 'pod-template-generation'])

export function parseOwnPod(raw: unknown): OwnPod {
  const metadata = fields(fields(raw)['metadata'])
  const labels = Object.entries(fields(metadata['labels'])).filter(([key]) => !versionLabels.has(key))
  return { uid: text(metadata['uid']), selector: labels.map(([key, value]) => `${key}=${text(value)}`).join(',') }
}

function fields(raw: unknown): Fields {
  return isMapping(raw) ? raw : {}
}

function list(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? (raw as readonly unknown[]) : [] // Array.isArray says any[]
}

function text(raw: unknown): string {
  return typeof raw === 'string' ? raw : ''
}
