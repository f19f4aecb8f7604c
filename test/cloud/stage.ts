import { systemClock } from '../../src/kubernetes/clock.js'
import type { Cloud, CloudCall } from '../../src/loadbalancer/alibaba/api.js'
import { createCloudClient } from '../../src/loadbalancer/alibaba/client.js'
import { overridesOf } from '../../src/loadbalancer/alibaba/endpoints.js'
import { type AlibabaProvider, createAlibabaProvider } from '../../src/loadbalancer/alibaba/provider.js'
import type { ClusterFacts } from '../../src/loadbalancer/alibaba/settings.js'
import { createSync, type Outcome, planInput, type ServiceEvent } from '../../src/loadbalancer/sync.js'
import {
  type EndpointView,
  keyOf,
  type NodeView,
  type ServicePortView,
  type ServiceView,
} from '../../src/loadbalancer/views.js'
import type { Double } from './start.js'

const PREFIX = 'service.beta.kubernetes.io/alibaba-cloud-loadbalancer-'

/** Short names with the prefix that users write. */
export function annotations(short: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(short).map(([key, value]) => [PREFIX + key, value]))
}

export function ports(...numbers: readonly number[]): readonly ServicePortView[] {
  return numbers.map((port) => ({
    name: `p${port}`,
    protocol: 'TCP',
    port,
    targetPort: port + 8000,
    nodePort: 30_000 + (port % 2000),
    appProtocol: '',
  }))
}

let uids = 0

export function aService(fields: Partial<ServiceView> = {}): ServiceView {
  uids += 1
  return {
    namespace: 'shop',
    name: 'front',
    uid: `0000${uids}-aaaa-bbbb-cccc-${process.pid}`,
    annotations: {},
    labels: {},
    finalizers: [],
    deleting: false,
    type: 'LoadBalancer',
    loadBalancerClass: undefined,
    loadBalancerIP: '',
    sourceRanges: [],
    externalIPs: [],
    externalTrafficPolicy: 'Cluster',
    healthCheckNodePort: 0,
    allocateNodePorts: true,
    sessionAffinity: 'None',
    sessionAffinitySeconds: 10_800,
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    selector: {},
    ports: ports(80),
    status: [],
    ...fields,
  }
}

/** For an NLB in two zones of the double. */
export const zones = { 'zone-maps': 'cn-hangzhou-a:vsw-1,cn-hangzhou-b:vsw-2' }

/** One that gets an NLB; `short`: annotations without their prefix. */
export function anNlb(short: Readonly<Record<string, string>> = {}, fields: Partial<ServiceView> = {}): ServiceView {
  const loadBalancerClass = 'alibabacloud.com/nlb'
  return aService({ loadBalancerClass, annotations: annotations({ ...zones, ...short }), ...fields })
}

export function aNode(number: number, fields: Partial<NodeView> = {}): NodeView {
  const name = `node-${String(number).padStart(3, '0')}`
  return {
    name,
    uid: name,
    labels: {},
    taints: [],
    providerID: `cn-hangzhou.i-${number}`,
    unschedulable: false,
    addresses: [],
    ready: true,
    deleting: false,
    ...fields,
  }
}

export function nodes(count: number): readonly NodeView[] {
  return Array.from({ length: count }, (_, at) => aNode(at + 1))
}

export function anEndpoint(number: number, fields: Partial<EndpointView> = {}): EndpointView {
  return {
    address: `10.1.0.${number}`,
    node: `node-${String(number).padStart(3, '0')}`,
    pod: { namespace: 'shop', name: `pod-${number}`, uid: `pod-${number}` },
    ready: true,
    serving: true,
    terminating: false,
    ports: [{ name: 'p80', protocol: 'TCP', port: 8080 }],
    ...fields,
  }
}

export const facts: ClusterFacts = {
  region: 'cn-hangzhou',
  cluster: 'c1',
  vpc: 'vpc-1',
  vswitches: ['vsw-1', 'vsw-2'],
  backends: 'ecs',
  takeOver: false,
}

/** What is called before each changing or reading call: `die` leaves the caller without an answer for ever. */
export type Guard = (call: CloudCall) => 'go' | 'die before' | 'die after'

/** A cluster of one changing Service, and others that stay, with the real common part and the double as its cloud. */
export interface Stage {
  /** Calls to the double. */
  readonly cloud: Cloud
  service: ServiceView
  nodes: readonly NodeView[]
  endpoints: readonly EndpointView[]
  others: readonly ServiceView[]
  /** Long, so that no slow machine makes a new object count as gone; short where a test waits for that. */
  seenWithinMilliseconds: number
  readonly events: ServiceEvent[]
  /** A controller that has just begun: it remembers nothing. `died`: it was killed by the guard. */
  begin(
    guard?: Guard,
    more?: Partial<ClusterFacts>,
  ): {
    readonly provider: AlibabaProvider
    /** One look. */
    look(): Promise<Outcome | { readonly kind: 'died' }>
    /**
     * Looks until all is in order, or it has died; failures that pass are tried again. `vanished`: the Service went
     * without us.
     */
    settle(state?: 'live' | 'vanished'): Promise<Outcome | { readonly kind: 'died' }>
    /** Descriptions of all steps that would be done. */
    planned(): Promise<readonly string[]>
  }
  close(): Promise<void>
}

const TRIES = 400

export function createStage(double: Double): Stage {
  const control = new AbortController()
  const at = double.url.origin
  const client = createCloudClient({
    endpoints: {
      region: facts.region,
      network: 'internet',
      overrides: overridesOf({ SLB_ENDPOINT: at, NLB_ENDPOINT: at, VPC_ENDPOINT: at, ECS_ENDPOINT: at }),
    },
    credentials: {
      current: () => Promise.resolve({ ok: true, key: { id: 'testid', secret: 'testsecret' } }),
      renew: () => Promise.resolve({ ok: true, key: { id: 'testid', secret: 'testsecret' } }),
    },
    clock: systemClock,
    random: Math.random,
    signal: control.signal,
    perSecond: 100_000,
    retryMilliseconds: { first: 1, most: 4 },
  })
  const stage: Stage = {
    cloud: client,
    service: aService(),
    nodes: nodes(2),
    endpoints: [],
    others: [],
    seenWithinMilliseconds: 60_000,
    events: [],
    begin(guard = () => 'go', more = {}) {
      let tellDeath: (outcome: { kind: 'died' }) => void = () => undefined
      const death = new Promise<{ readonly kind: 'died' }>((resolve) => {
        tellDeath = resolve
      })
      let isDead = false
      const cloud: Cloud = {
        async call(call) {
          const fate = isDead ? 'die before' : guard(call)
          if (fate === 'go') return client.call(call)
          isDead = true
          if (fate === 'die after') await client.call(call)
          tellDeath({ kind: 'died' })
          return new Promise(() => undefined)
        },
      }
      const provider = createAlibabaProvider({
        cloud,
        facts: { ...facts, ...more },
        now: () => performance.now(),
        seenWithinMilliseconds: stage.seenWithinMilliseconds,
      })
      const world = () => ({
        nodes: stage.nodes,
        endpointsOf: (key: string) => (key === keyOf(stage.service) ? stage.endpoints : []),
        services: [stage.service, ...stage.others],
      })
      const set = (fields: Partial<ServiceView>): Promise<'written'> => {
        stage.service = { ...stage.service, ...fields }
        return Promise.resolve('written')
      }
      const sync = createSync({
        provider,
        gates: { read: () => Promise.resolve(new Set()), open: () => Promise.resolve([]) },
        world,
        leads: () => !isDead,
        signal: control.signal,
        tell: (event) => stage.events.push(event),
        expect: () => undefined,
        writes: {
          claim: (_, finalizer) => set({ finalizers: [...stage.service.finalizers, finalizer] }),
          label: (_, keys, wanted) => {
            const kept = Object.entries(stage.service.labels).filter(([key]) => !keys.includes(key))
            return set({ labels: { ...Object.fromEntries(kept), ...wanted } })
          },
          publish: (_, status) => set({ status }),
          release: (_, finalizer, keys) =>
            set({
              finalizers: stage.service.finalizers.filter((one) => one !== finalizer),
              labels: Object.fromEntries(Object.entries(stage.service.labels).filter(([key]) => !keys.includes(key))),
            }),
        },
      })
      const isWanted = (): boolean => stage.service.type === 'LoadBalancer' && !stage.service.deleting
      const look = (state: 'live' | 'vanished' = 'live'): Promise<Outcome | { readonly kind: 'died' }> =>
        Promise.race([
          death,
          state === 'live' && isWanted()
            ? sync.ensure(stage.service, { kind: 'present', foreign: { finalizers: [], labels: [] } }, 'ensure')
            : sync.remove(stage.service, state),
        ])
      return {
        provider,
        look: () => look(),
        async settle(state) {
          let last: Outcome | { readonly kind: 'died' } = { kind: 'left' }
          for (let tries = 0; tries < TRIES; tries += 1) {
            last = await look(state)
            if (last.kind === 'done' || last.kind === 'died' || last.kind === 'left') return last
            if (last.kind === 'failed' && last.failure.kind !== 'busy') return last
            const pause = last.kind === 'again' ? Math.min(last.milliseconds, 4) : 4
            await new Promise((resolve) => setTimeout(resolve, pause))
          }
          throw new Error(`it does not come to an end: ${JSON.stringify(last)}`)
        },
        async planned() {
          let existing = await provider.observe(stage.service, control.signal)
          // Between a list and a closer look something may have gone.
          for (let tries = 1; !existing.ok && tries < 5; tries += 1)
            existing = await provider.observe(stage.service, control.signal)
          if (!existing.ok) throw new Error(existing.failure.message)
          const input = planInput(provider, world(), isWanted() ? 'present' : 'absent', stage.service, existing.value)
          return provider.plan(input).steps.map(({ description }) => description)
        },
      }
    },
    async close() {
      control.abort()
      await client.close()
    },
  }
  return stage
}
