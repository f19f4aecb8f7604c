import type { Failure, Plan, PlanInput, Provider, StepResult } from '../../src/loadbalancer/provider.js'
import { keyOf } from '../../src/loadbalancer/views.js'

/** A cloud of one Map: an instance for each Service, with a list of ports and of nodes. */
export interface Instance {
  readonly uid: string
  readonly address: string
  readonly ports: readonly number[]
  readonly nodes: readonly string[]
}

export type MemoryStep =
  | { readonly kind: 'create' | 'delete'; readonly description: string; readonly calls: readonly string[] }
  | {
      readonly kind: 'ports'
      readonly ports: readonly number[]
      readonly description: string
      readonly calls: readonly string[]
    }
  | {
      readonly kind: 'nodes'
      readonly nodes: readonly string[]
      readonly description: string
      readonly calls: readonly string[]
    }

export interface MemoryCloud extends Provider<Instance | undefined, MemoryStep> {
  readonly instances: Map<string, Instance>
  /** What was done, as `create shop/front`; reads are not. */
  readonly ledger: string[]
  reads: number
  /** Called before each step: what comes of it instead, or undefined. */
  interfere: (step: MemoryStep, key: string) => StepResult<Instance | undefined> | 'lost' | undefined
}

/** A provider for tests of the common part. Survives the controller: give it to the next one. */
export function createMemoryCloud(other: Partial<Pick<MemoryCloud, 'serves' | 'finalizer'>> = {}): MemoryCloud {
  const instances = new Map<string, Instance>()
  const ledger: string[] = []
  const cloud: MemoryCloud = {
    instances,
    ledger,
    reads: 0,
    interfere: () => undefined,
    name: 'memory',
    serves: (name) => name === undefined || name === 'example.com/memory',
    finalizer: 'example.com/memory',
    labelKeys: ['example.com/address'],
    foreign: { finalizers: ['other.example.com/finalizer'], labels: ['other.example.com/hash'] },
    ...other,
    async observe(service) {
      cloud.reads += 1
      await Promise.resolve()
      return { ok: true, value: instances.get(service.uid) }
    },
    plan: planInMemory,
    async run(step, existing, { service }) {
      await Promise.resolve()
      const instead = cloud.interfere(step, keyOf(service))
      if (instead !== undefined && instead !== 'lost') return instead
      ledger.push(`${step.kind} ${keyOf(service)}`)
      const next = after(step, existing, service.uid, instances.size + 1)
      if (next === undefined) instances.delete(service.uid)
      else instances.set(service.uid, next)
      // The call took effect, and nobody heard the answer.
      if (instead === 'lost') return { kind: 'failed', failure: busy('no answer') }
      return { kind: 'done', existing: next }
    },
    orphans: (services) => {
      const uids = new Set(services.map(({ uid }) => uid))
      const left = [...instances.values()].filter(({ uid }) => !uids.has(uid))
      return Promise.resolve({ ok: true, value: left.map(({ uid }) => ({ what: `instance of ${uid}`, service: '' })) })
    },
  }
  return cloud
}

export function busy(message: string): Failure {
  return { kind: 'busy', message }
}

function planInMemory({ wanted, service, existing, nodes }: PlanInput<Instance | undefined>): Plan<MemoryStep> {
  if (wanted === 'absent') {
    const gone: MemoryStep = { kind: 'delete', description: 'delete the instance', calls: ['Delete'] }
    return { steps: existing === undefined ? [] : [gone], problems: [], status: [] }
  }
  const ports = service.ports.map(({ port }) => port)
  const backends = nodes.filter(({ verdict }) => verdict === 'backend').map(({ name }) => name)
  const steps: MemoryStep[] = []
  if (existing === undefined) steps.push({ kind: 'create', description: 'create an instance', calls: ['Create'] })
  if (String(existing?.ports ?? '') !== String(ports))
    steps.push({ kind: 'ports', ports, description: `listen on ${ports.join(', ')}`, calls: ['SetPorts'] })
  if (String(existing?.nodes ?? '') !== String(backends))
    steps.push({ kind: 'nodes', nodes: backends, description: `send to ${backends.join(', ')}`, calls: ['SetNodes'] })
  const bad = service.annotations['example.com/bad']
  return {
    steps,
    problems:
      bad === undefined
        ? []
        : [{ severity: 'error', field: 'metadata.annotations["example.com/bad"]', message: `${bad} is not allowed.` }],
    status: existing === undefined ? undefined : [{ ip: existing.address, ipMode: 'VIP' }],
    labels: existing === undefined ? {} : { 'example.com/address': existing.address },
  }
}

function after(step: MemoryStep, existing: Instance | undefined, uid: string, number: number): Instance | undefined {
  const before = existing ?? { uid, address: `192.0.${2 + (number >> 8)}.${number & 255}`, ports: [], nodes: [] }
  switch (step.kind) {
    case 'create':
      return before
    case 'delete':
      return undefined
    case 'ports':
      return { ...before, ports: step.ports }
    case 'nodes':
      return { ...before, nodes: step.nodes }
  }
}
