import type { KubernetesClient } from '../../kubernetes/client.js'
import type { Clock } from '../../kubernetes/clock.js'
import { createReflector } from '../../kubernetes/reflector.js'
import type { Provider } from '../provider.js'
import { fieldsOf, textMapOf } from '../raw-fields.js'
import { mayShare, type Holding } from './allocate.js'
import { parseConfig, type ParsedConfig } from './config.js'
import {
  ADDRESSES_FINALIZER,
  ANNOUNCE_LABEL,
  planAddresses,
  type AddressesExisting,
  type AddressesStep,
} from './plan.js'

/** The class of Services that ask for this provider by name. */
export const ADDRESSES_CLASS = 'fairlead/addresses'
const CONFIG_KEY = 'pools.yaml'
/** Of the cloud controllers that have marks of their own: Alibaba Cloud, AWS. */
const FOREIGN = {
  finalizers: ['service.k8s.alibaba/resources', 'service.k8s.alibaba/nlb', 'service.k8s.aws/resources'],
  labels: ['service.k8s.alibaba/loadbalancer-id', 'service.beta.kubernetes.io/hash'],
}

export interface AddressesParts {
  readonly client: KubernetesClient
  /** `namespace/name` of the ConfigMap with the pools. */
  readonly configMap: string
  readonly clock: Clock
  log(level: 'info' | 'warn', message: string): void
}

/**
 * Addresses from pools in a ConfigMap, or those of the nodes. Serves Services without a class and those of the class
 * `fairlead/addresses`. What is assigned is in memory and in the status of the Services; nothing else is kept.
 *
 * Rights: list and watch on the ConfigMap.
 */
export function createAddressesProvider(parts: AddressesParts): Provider<AddressesExisting, AddressesStep> {
  const holdings = new Map<string, Holding>()
  let config: ParsedConfig = { ok: false, message: `the ConfigMap ${parts.configMap} does not exist` }

  return {
    name: 'addresses',
    serves: (name) => name === undefined || name === ADDRESSES_CLASS,
    finalizer: ADDRESSES_FINALIZER,
    labelKeys: [ANNOUNCE_LABEL],
    foreign: FOREIGN,
    providerID: 'not needed',
    usesEndpoints: () => false,
    follow(changed) {
      // Another replica may have led since: what stands in the status is the truth again.
      holdings.clear()
      return followConfig(parts, (next) => {
        config = next
        if (!next.ok) parts.log('warn', `the pools of ${parts.configMap} cannot be used: ${next.message}`)
        changed()
      })
    },
    observe: () => Promise.resolve({ ok: true, value: { config, holdings: [...holdings.values()] } }),
    plan: planAddresses,
    run(step, existing, { service }) {
      if (step.kind === 'release') holdings.delete(service.uid)
      else {
        const taken = findTaken(step.holding, holdings)
        // Between the plan and now somebody else got it: both were planned at once.
        if (taken !== undefined) {
          const message = `it was given to the Service ${taken.key} a moment ago`
          return Promise.resolve({ kind: 'failed', failure: { kind: 'stale', message } })
        }
        holdings.set(service.uid, step.holding)
      }
      return Promise.resolve({ kind: 'done', existing: { ...existing, holdings: [...holdings.values()] } })
    },
    orphans: () => Promise.resolve({ ok: true, value: [] }),
  }
}

function findTaken(wanted: Holding, holdings: ReadonlyMap<string, Holding>): Holding | undefined {
  return [...holdings.values()].find((other) => {
    const common = other.addresses.some((address) => wanted.addresses.includes(address))
    return other.uid !== wanted.uid && common && !mayShare(other.share, wanted.share)
  })
}

function followConfig(
  { client, configMap, clock, log }: AddressesParts,
  set: (config: ParsedConfig) => void,
): { readonly ready: Promise<void>; stop(): Promise<void> } {
  const [namespace = '', name = ''] = configMap.split('/')
  let resolve = (): void => undefined
  const ready = new Promise<void>((done) => (resolve = done))
  const missing: ParsedConfig = { ok: false, message: `the ConfigMap ${configMap} does not exist` }
  let seen = false
  const reflector = createReflector<string | undefined>({
    client,
    clock,
    resource: { group: '', version: 'v1', plural: 'configmaps', namespace, fieldSelector: `metadata.name=${name}` },
    project: (raw) => textMapOf(fieldsOf(raw)['data'])[CONFIG_KEY] ?? '',
    handler: {
      onSet(text = '') {
        seen = true
        set(text === '' ? { ok: false, message: `it has no key ${CONFIG_KEY}` } : parseConfig(text))
      },
      onDelete() {
        set(missing)
      },
      onSynced() {
        if (!seen) set(missing)
        resolve()
      },
      onState(state) {
        if (state.kind === 'failing') log('warn', `the ConfigMap ${configMap} cannot be read: ${state.cause.message}`)
      },
      onFault: (message) => log('warn', message),
    },
  })
  reflector.start()
  return { ready, stop: () => reflector.stop() }
}
