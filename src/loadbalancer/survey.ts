import type { KubernetesClient } from '../kubernetes/client.js'
import type { Clock } from '../kubernetes/clock.js'
import { claimOf, type Claim } from './claim.js'
import { createClusterWorld } from './cluster-world.js'
import { readGates, registerable, unreadyPods } from './gated-pods.js'
import type { Orphan, PlannedStep, Provider } from './provider.js'
import { sameStatus } from './service-writes.js'
import { planInput, type World } from './sync.js'
import { keyOf, type ServiceView, type StatusAddress } from './views.js'

/** What would be done for one Service. */
export interface ServicePlan {
  /** `namespace/name`. */
  readonly service: string
  readonly claim: 'present' | 'absent' | 'foreign'
  readonly steps: readonly { readonly description: string; readonly calls: readonly string[] }[]
  /** What would be written on the Service itself. */
  readonly writes: readonly string[]
  readonly problems: readonly string[]
}

export interface SurveyParts<Existing, Step extends PlannedStep> {
  readonly provider: Provider<Existing, Step>
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly takeOver: boolean
  /** For reading the cluster. */
  readonly patienceMilliseconds: number
  log(level: 'info' | 'warn', message: string): void
}

export type Surveyed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }

/** What the controller would do now, for each Service by itself. Makes only reading calls. */
export function planAll<Existing, Step extends PlannedStep>(
  parts: SurveyParts<Existing, Step>,
): Promise<Surveyed<readonly ServicePlan[]>> {
  const { provider } = parts
  return withWorld(parts, async (world, all, claim) => {
    const plans: ServicePlan[] = []
    for (const service of all) {
      const found = claim(service)
      if (found.kind === 'none') continue
      const base = { service: keyOf(service), claim: found.kind }
      if (found.kind === 'foreign') {
        plans.push({ ...base, steps: [], writes: [], problems: [`left to another controller (${found.marks})`] })
        continue
      }
      const observed = await provider.observe(service, new AbortController().signal)
      if (!observed.ok) {
        plans.push({ ...base, steps: [], writes: [], problems: [observed.failure.message] })
        continue
      }
      const gate = provider.readinessGate?.(service)
      const unready = gate === undefined ? [] : unreadyPods(world.endpointsOf(keyOf(service)))
      const gated = gate === undefined ? [] : (await readGates(parts.client, gate, unready)).pods
      const plan = provider.plan(planInput(provider, world, found.kind, service, observed.value, registerable(gated)))
      plans.push({
        ...base,
        steps: plan.steps.map(({ description, calls }) => ({ description, calls })),
        writes:
          found.kind === 'present'
            ? writesOf(service, found, plan.status, provider.finalizer)
            : ['take the finalizer off'],
        problems: plan.problems.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)),
      })
    }
    return { ok: true, value: plans }
  })
}

/** What exists with the provider's marks and belongs to no Service. Makes only reading calls. */
export function findOrphans<Existing, Step extends PlannedStep>(
  parts: SurveyParts<Existing, Step>,
): Promise<Surveyed<readonly Orphan[]>> {
  return withWorld(parts, async ({ services }) => {
    const found = await parts.provider.orphans(services, new AbortController().signal)
    return found.ok ? found : { ok: false, message: found.failure.message }
  })
}

async function withWorld<Existing, Step extends PlannedStep, T>(
  parts: SurveyParts<Existing, Step>,
  use: (world: World, all: readonly ServiceView[], claim: (service: ServiceView) => Claim) => Promise<Surveyed<T>>,
): Promise<Surveyed<T>> {
  const { provider, client, clock } = parts
  let reason = 'no answer'
  let timer: NodeJS.Timeout | undefined
  const ignore = (): void => undefined
  const world = createClusterWorld({
    client,
    clock,
    onService: ignore,
    onEndpoints: ignore,
    onNodes: ignore,
    warn: (message) => (reason = message),
  })
  const following = provider.follow?.(ignore)
  world.start()
  try {
    const read = Promise.all([world.synced, following?.ready]).then(() => true)
    const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), parts.patienceMilliseconds)))
    if (!(await Promise.race([read, late]))) return { ok: false, message: `The cluster could not be read: ${reason}.` }
    const rules = {
      serves: (name: string | undefined) => provider.serves(name),
      finalizer: provider.finalizer,
      foreign: provider.foreign,
      takeOver: parts.takeOver,
    }
    const claim = (service: ServiceView): Claim => claimOf(service, rules, 'unknown')
    const all = [...world.services.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    // As in the controller: with our finalizer it has what was given to it, whoever else has put marks on it.
    const holds = (service: ServiceView): boolean => service.finalizers.includes(provider.finalizer)
    const services = all.filter((service) => holds(service) || ['present', 'absent'].includes(claim(service).kind))
    return await use({ nodes: world.nodes(), endpointsOf: world.endpointsOf, services }, all, claim)
  } finally {
    clearTimeout(timer)
    await Promise.all([world.stop(), following?.stop()])
  }
}

function writesOf(
  service: ServiceView,
  { foreign }: Claim & { kind: 'present' },
  status: readonly StatusAddress[] | undefined,
  finalizer: string,
): readonly string[] {
  const marks = [...foreign.finalizers, ...foreign.labels]
  return [
    ...(service.finalizers.includes(finalizer) ? [] : [`put the finalizer ${finalizer} on`]),
    ...(marks.length === 0 ? [] : [`take ${marks.join(', ')} off`]),
    ...(status === undefined || sameStatus(service.status, status) ? [] : [`write the status: ${describe(status)}`]),
  ]
}

function describe(status: readonly StatusAddress[]): string {
  return status.map((entry) => ('ip' in entry ? entry.ip : entry.hostname)).join(', ') || 'no address'
}
