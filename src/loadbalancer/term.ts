import type { KubernetesClient } from '../kubernetes/client.js'
import type { Clock } from '../kubernetes/clock.js'
import type { Leadership } from '../kubernetes/leader-election.js'
import type { ReflectorTimes } from '../kubernetes/reflector.js'
import { changesBetween, triggerOf } from './changes.js'
import { claimOf, type Claim } from './claim.js'
import { createClusterWorld } from './cluster-world.js'
import type { Plan, PlannedStep, Provider, ServiceProblem } from './provider.js'
import { createReadinessGates } from './readiness-gates.js'
import { retryAfter } from './retry.js'
import { createServiceWrites, sameStatus } from './service-writes.js'
import { createSync, type Outcome, type ServiceEvent, type SyncCause, type World } from './sync.js'
import { keyOf, type ServiceView } from './views.js'
import { createWorkQueue } from './work-queue.js'

export interface LoadBalancerParts<Existing, Step extends PlannedStep> {
  readonly provider: Provider<Existing, Step>
  readonly client: KubernetesClient
  readonly leadership: Pick<Leadership, 'isLeader'>
  /** `--loadbalancer-take-over`. */
  readonly takeOver: boolean
  tell(event: ServiceEvent): void
  log(level: 'info' | 'warn', message: string): void
  readonly clock: Clock
  readonly times?: Partial<ReflectorTimes>
}

/** The work of one time of leadership. */
export interface Term {
  /** Resolves when nothing is under way any more. */
  end(): Promise<void>
  counts(): TermCounts
}

export interface TermCounts {
  /** Services that have, or are to have, an address from here. */
  readonly services: number
  /** Services that wait to be looked at, or are looked at. */
  readonly waiting: number
  /** Services that were not brought into order the last time. */
  readonly failing: number
  /** The cluster has been read once. */
  readonly synced: boolean
}

/** What is kept of a Service between two looks. */
interface Memory {
  /** As it was last seen with our finalizer, or being given it: what has to go if it vanishes. */
  readonly mine: ServiceView | undefined
  /** What vanished under this name and is not cleaned up yet. */
  readonly vanished: readonly ServiceView[]
  /** `triggerOf` when it was last looked at. */
  readonly trigger: string
  readonly failures: number
  /** There was a reason to look at it while its time had not come. */
  readonly missed?: boolean
  /** It failed because the cloud has no time: nothing makes the next try come sooner. */
  readonly isPatient?: boolean
  /** Since when it has been under way in the cloud, without an end. */
  readonly waitingSince?: number
  /** Failed, or has problems: something elsewhere may put it right. */
  readonly failing: boolean
  readonly cause: SyncCause
  readonly told: ReadonlySet<string>
}

const nothing: Memory = {
  mine: undefined,
  vanished: [],
  trigger: '',
  failures: 0,
  failing: false,
  cause: 'ensure',
  told: new Set(),
}

const AT_ONCE = 8
/** What the cloud needs longer for than this may never come to an end; then it is looked at so often. */
const LONG_MILLISECONDS = 180_000
const LONG_LOOK_MILLISECONDS = 15_000
/** Backends of a Service that failed are as they should be after that. */
const BACKENDS_MILLISECONDS = 15_000
/** Everything is looked at so often without a reason; only reading calls come of it while all is in order. */
const RESYNC_MILLISECONDS = 300_000

export function createTerm<Existing, Step extends PlannedStep>(parts: LoadBalancerParts<Existing, Step>): Term {
  const { provider, clock, log, tell } = parts
  const rules = {
    serves: (name: string | undefined) => provider.serves(name),
    finalizer: provider.finalizer,
    foreign: provider.foreign,
    takeOver: parts.takeOver,
  }
  const control = new AbortController()
  const memories = new Map<string, Memory>()
  const saidForeign = new Set<string>()
  /** Labels and status as the last look left them; the watch shows them a little later. */
  const expected = new Map<string, Pick<Plan<Step>, 'labels' | 'status'>>()
  /** Asked for with each plan, and the same until a Service changes. */
  let responsible: readonly ServiceView[] | undefined
  let synced = false
  let cancelResync = (): void => undefined

  const world = createClusterWorld({
    client: parts.client,
    clock,
    ...(parts.times === undefined ? {} : { times: parts.times }),
    onService: seen,
    onEndpoints(key) {
      const service = world.services.get(key)
      if (service === undefined || !isMine(service)) return
      const matter = service.externalTrafficPolicy === 'Local' || (provider.usesEndpoints?.(service) ?? true)
      if (matter) addForBackends(key)
    },
    onNodes: () => addAll(addUnlessFailed),
    warn: (message) => log('warn', message),
  })
  const gates = createReadinessGates({ client: parts.client, clock, changed: (key) => queue.add(key) })
  const sync = createSync({
    provider,
    gates,
    writes: createServiceWrites(parts.client),
    world: snapshot,
    tell,
    leads: () => parts.leadership.isLeader(),
    signal: control.signal,
    expect: (service, labels, status) =>
      expected.set(keyOf(service), { ...(labels === undefined ? {} : { labels }), status }),
  })
  const queue = createWorkQueue({ clock, limit: AT_ONCE, act: (key) => look(key) })
  const following = provider.follow?.(() => {
    for (const [key] of memories) set(key, { cause: 'ensure' })
    addAll()
  })
  world.start()
  void Promise.all([world.synced, following?.ready]).then(begin)

  function begin(): void {
    if (control.signal.aborted) return
    synced = true
    addAll()
    resyncLater()
  }

  function resyncLater(): void {
    cancelResync = clock.after(RESYNC_MILLISECONDS, () => {
      addAll(addUnlessFailed)
      resyncLater()
    })
  }

  function memoryOf(key: string): Memory {
    return memories.get(key) ?? nothing
  }

  function set(key: string, fields: Partial<Memory>): void {
    memories.set(key, { ...memoryOf(key), ...fields })
  }

  function claim(service: ServiceView): Claim {
    const known = memoryOf(keyOf(service)).mine?.uid === service.uid
    return claimOf(service, rules, known ? 'known' : 'unknown')
  }

  function isMine(service: ServiceView): boolean {
    const { kind } = claim(service)
    return kind === 'present' || kind === 'absent'
  }

  function addAll(add: (key: string) => void = (key) => queue.add(key)): void {
    if (!synced) return
    for (const [key, service] of world.services) if (isMine(service)) add(key)
    for (const [key, { vanished }] of memories) if (vanished.length > 0) add(key)
  }

  /**
   * What failed has a time of its own, which only a change of the Service itself ends: others must not make it try all
   * the time.
   */
  function addUnlessFailed(key: string): void {
    if (memoryOf(key).failures === 0) queue.add(key)
    else set(key, { missed: true })
  }

  /** Whatever failed, listeners that there are need the pods that there are. */
  function addForBackends(key: string): void {
    addUnlessFailed(key)
    const { failures, isPatient } = memoryOf(key)
    if (failures > 0 && isPatient !== true) queue.addWithin(key, BACKENDS_MILLISECONDS)
  }

  function addFailing(): void {
    for (const [key, memory] of memories) if (memory.failing) addUnlessFailed(key)
  }

  /** The watch: what vanished, what changed. */
  function seen(key: string, before: ServiceView | undefined, after: ServiceView | undefined): void {
    responsible = undefined
    const { mine, vanished } = memoryOf(key)
    if (mine !== undefined && mine.uid !== after?.uid) {
      set(key, { ...nothing, vanished: [...vanished, mine] })
      if (synced) queue.add(key)
    }
    if (after === undefined) {
      // What it had may be what another waits for.
      if (before !== undefined) addFailing()
      return
    }
    if (after.finalizers.includes(provider.finalizer)) set(key, { mine: after })
    const memory = memories.get(key)
    if (!synced || (!isMine(after) && memory?.mine === undefined)) return sayForeign(key, after)
    if (before !== undefined && before.uid === after.uid && isMine(after)) {
      for (const { reason, message } of changesBetween(before, after)) tellOf(after, 'Normal', reason, message)
    }
    if (memory?.trigger === triggerOf(after) && isAsWritten(after, before)) return
    set(key, { cause: 'ensure' })
    queue.add(key)
  }

  /** Whether only what we write ourselves differs, or somebody's that is no concern of ours. */
  function isAsWritten(after: ServiceView, before: ServiceView | undefined): boolean {
    if (!after.finalizers.includes(provider.finalizer)) return false
    const { labels = before?.labels ?? {}, status = before?.status ?? [] } = expected.get(keyOf(after)) ?? {}
    const kept = provider.labelKeys.every((name) => [labels[name], before?.labels[name]].includes(after.labels[name]))
    return kept && [status, before?.status ?? []].some((one) => sameStatus(one, after.status))
  }

  async function look(key: string): Promise<number | undefined> {
    if (control.signal.aborted) return undefined
    try {
      return await lookAt(key)
    } catch (cause) {
      // Our own mistake, about one Service: the others go on.
      log('warn', `load balancer of ${key}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
      return failed(key, undefined, { kind: 'other', message: 'an internal error; the log has it' }, '')
    }
  }

  async function lookAt(key: string): Promise<number | undefined> {
    for (const gone of memoryOf(key).vanished) {
      const outcome = await sync.remove(gone, 'vanished')
      if (outcome.kind !== 'done') return ended(key, gone, outcome, 'DeleteLoadBalancerFailed')
      set(key, { vanished: memoryOf(key).vanished.filter((one) => one !== gone) })
      addFailing()
    }
    const service = world.services.get(key)
    if (service === undefined) {
      forget(key)
      return undefined
    }
    const found = claim(service)
    const { cause, mine } = memoryOf(key)
    // It was ours, and somebody took the finalizer off: what was made for it goes, unless another took it over.
    const lost = found.kind === 'none' && mine !== undefined
    if (found.kind === 'absent' || lost) {
      set(key, { trigger: triggerOf(service) })
      const outcome = await sync.remove(service, lost ? 'vanished' : 'live')
      if (outcome.kind !== 'done') return ended(key, service, outcome, 'SyncLoadBalancerFailed')
      forget(key)
      addFailing()
      return undefined
    }
    if (found.kind !== 'present') {
      forget(key)
      return undefined
    }
    set(key, { mine: service, trigger: triggerOf(service), missed: false })
    const outcome = await sync.ensure(service, found, cause)
    if (outcome.kind !== 'done') return ended(key, service, outcome, 'SyncLoadBalancerFailed')
    tellProblems(key, service, outcome.problems)
    const { waitingSince: _, ...memory } = memoryOf(key)
    const failing = outcome.problems.some(({ severity }) => severity === 'error')
    memories.set(key, { ...memory, failures: 0, failing, cause: 'nodes' })
    return memory.missed === true ? 0 : undefined
  }

  function forget(key: string): void {
    memories.delete(key)
    expected.delete(key)
    gates.forget(key)
  }

  function ended(
    key: string,
    service: ServiceView,
    outcome: Exclude<Outcome, { kind: 'done' }>,
    reason: string,
  ): number | undefined {
    switch (outcome.kind) {
      case 'left':
        return undefined
      case 'again':
        return waited(key, service, outcome)
      case 'failed':
        return failed(key, service, outcome.failure, reason)
    }
  }

  /** What is under way for long is looked at less often, and told once. */
  function waited(key: string, service: ServiceView, { milliseconds, message }: Outcome & { kind: 'again' }): number {
    const { waitingSince = clock.now(), told } = memoryOf(key)
    set(key, { waitingSince })
    if (clock.now() - waitingSince < LONG_MILLISECONDS) return milliseconds
    const sentence = `This takes long: ${message}`
    if (!told.has(sentence)) {
      set(key, { told: new Set([...told, sentence]) })
      tellOf(service, 'Warning', 'SyncLoadBalancerFailed', sentence)
    }
    return Math.max(milliseconds, LONG_LOOK_MILLISECONDS)
  }

  function failed(
    key: string,
    service: ServiceView | undefined,
    failure: Parameters<typeof retryAfter>[0],
    reason: string,
  ): number {
    const { waitingSince: _, ...memory } = memoryOf(key)
    const failures = memory.failures + 1
    const isPatient = failure.kind === 'busy' || failure.retryAfterMilliseconds !== undefined
    memories.set(key, { ...memory, failures, failing: true, isPatient })
    const retry = retryAfter(failure, failures)
    const message = `${failure.message}; it is tried again in ${Math.round(retry.milliseconds / 1000)} s`
    log('warn', `load balancer of ${key}: ${message}`)
    if (retry.tell && service !== undefined) tellOf(service, 'Warning', reason, failure.message)
    return retry.milliseconds
  }

  /** Each once, for as long as it stays. */
  function tellProblems(key: string, service: ServiceView, problems: readonly ServiceProblem[]): void {
    const { told } = memoryOf(key)
    const now = new Set<string>()
    for (const { reason = 'SyncLoadBalancerFailed', field, message } of problems) {
      const sentence = field === '' ? message : `${field}: ${message}`
      now.add(`${reason} ${sentence}`)
      if (!told.has(`${reason} ${sentence}`)) tellOf(service, 'Warning', reason, sentence)
    }
    set(key, { told: now })
  }

  function sayForeign(key: string, service: ServiceView): void {
    const found = claim(service)
    if (found.kind !== 'foreign' || saidForeign.has(service.uid)) return
    saidForeign.add(service.uid)
    const way = 'with --loadbalancer-take-over it is taken over'
    log('info', `the load balancer of ${key} is left to another controller (${found.marks}); ${way}`)
  }

  function tellOf(service: ServiceView, type: 'Normal' | 'Warning', reason: string, message: string): void {
    tell({ service, type, reason, message })
  }

  function snapshot(): World {
    // Who carries our finalizer has what was given to it, also while another controller's marks keep us off it.
    const holds = (service: ServiceView): boolean => service.finalizers.includes(provider.finalizer) || isMine(service)
    responsible ??= [...world.services.values()].filter(holds).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    return { nodes: world.nodes(), endpointsOf: world.endpointsOf, services: responsible }
  }

  return {
    async end() {
      control.abort()
      cancelResync()
      gates.stop()
      await Promise.all([queue.stop(), world.stop(), following?.stop()])
    },
    counts() {
      const all = [...memories.values()]
      return {
        services: all.filter(({ mine }) => mine !== undefined).length,
        waiting: queue.size(),
        failing: all.filter(({ failing }) => failing).length,
        synced,
      }
    },
  }
}
