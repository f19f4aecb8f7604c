import type { CallResult, KubernetesClient } from './client.js'
import { systemClock, type Clock } from './clock.js'
import {
  afterConflict,
  afterRead,
  afterWrite,
  beginRound,
  initialElection,
  leadershipLeft,
  nextStep,
  releasedRecord,
  renewDeadline,
  retryPeriod,
  withoutLeadership,
  type ElectionState,
  type ElectionStep,
} from './election-state.js'
import { changedLease, newLease, parseLease } from './lease.js'
import { resourcePath } from './resource.js'

/** Whether this process leads. Everybody who writes for all replicas asks just before each write. */
export interface Leadership {
  /** True only while no other candidate can have become leader; right even if timers are late (SIGSTOP). */
  isLeader(): boolean
  /** How long that is certain to stay so, at most; 0 for who does not lead. A time limit for a write. */
  remainingMilliseconds(): number
}

export interface LeaderElection extends Leadership {
  /** Looks at the Lease for the first time, and goes on. */
  start(): void
  /** Identity in the Lease as last seen; empty: nobody, or not known. */
  holder(): string
  /** Leads no more, and gives the Lease away so that another need not wait for the ttl. Clean stop only. */
  stop(): Promise<void>
}

export interface LeaderElectionParts {
  readonly client: Pick<KubernetesClient, 'call'>
  readonly namespace: string
  /** `--election-id`. */
  readonly name: string
  /** `--election-ttl`; at least a second. Renewed every quarter, given up after half (STA-6). */
  readonly ttlMilliseconds: number
  /** See `electionIdentity`. */
  readonly identity: string
  onStart(): void
  /** Called before anybody else can lead, if the process runs then; else as soon as it runs again. */
  onStop(): void
  log(level: 'info' | 'warn' | 'error', message: string): void
  readonly clock?: Clock
  /** From 0 to below 1; spreads the candidates. */
  random?(): number
}

/** A failed renewal is tried again sooner than a good one is followed: the deadline is only two periods away. */
const HURRY = 4
const STEPS_IN_A_ROUND = 6
const LONGEST_RELEASE_MILLISECONDS = 2_000

/**
 * Takes part in the election of one leader on a Lease (STA-6). The decisions are in election-state.ts; this calls.
 * `--disable-leader-election`: do not create one; then nobody writes status.
 */
export function createLeaderElection(parts: LeaderElectionParts): LeaderElection {
  const { client, namespace, name, identity, log } = parts
  const clock = parts.clock ?? systemClock
  const random = parts.random ?? Math.random
  const settings = { identity, ttlMilliseconds: Math.max(1000, parts.ttlMilliseconds) }
  const leases = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', namespace }
  const own = resourcePath(leases, name)
  let state: ElectionState = initialElection
  let leading = false
  let stopped = false
  let lastFailure = ''
  let lastHolder = ''
  let round: Promise<void> = Promise.resolve()
  let cancelRound = (): void => undefined
  let cancelDeadline = (): void => undefined

  const remaining = (): number => (leading ? leadershipLeft(state, settings, clock.now()) : 0)

  /** Makes `leading` agree with the state; a lapse that nobody noticed is told before a new beginning. */
  function settle(why: string): void {
    if (leading && leadershipLeft(state, settings, clock.now()) === 0) {
      leading = false
      state = withoutLeadership(state)
      log('warn', `this replica leads no more: ${why}`)
      parts.onStop()
    }
  }

  function begin(): void {
    cancelDeadline()
    const left = leadershipLeft(state, settings, clock.now())
    if (left <= 0 || stopped) return
    cancelDeadline = clock.after(left, () => settle(`the Lease was not renewed for ${renewDeadline(settings)} ms`))
    if (leading) return
    leading = true
    log('info', `this replica leads (Lease ${namespace}/${name}, ${identity})`)
    parts.onStart()
  }

  function call(step: Exclude<ElectionStep, { kind: 'rest' }>): Promise<CallResult> {
    const timeoutMilliseconds = retryPeriod(settings)
    switch (step.kind) {
      case 'read':
        return client.call({ method: 'GET', path: own, timeoutMilliseconds })
      case 'create':
        return client.call({
          method: 'POST',
          path: resourcePath(leases),
          body: newLease(namespace, name, step.record),
          timeoutMilliseconds,
        })
      case 'update': {
        const body = changedLease(step.lease, step.record)
        return client.call({ method: 'PUT', path: own, body, timeoutMilliseconds })
      }
    }
  }

  /** Calls until there is nothing to do for now; gives the milliseconds to rest. */
  async function work(): Promise<number> {
    settle('it was stopped for too long')
    state = beginRound(state, settings)
    for (let steps = 0; steps < STEPS_IN_A_ROUND && !stopped; steps += 1) {
      const step = nextStep(state, settings, clock.now(), clock.wall())
      if (step.kind === 'rest') return step.milliseconds * (1 + random() / 5)
      const sentAt = clock.now()
      const answer = await call(step)
      const failure = take(step, answer, sentAt)
      if (failure !== undefined) return failed(step, failure)
      if (step.kind !== 'read' && state.renewedAt === sentAt) return retryPeriod(settings)
    }
    return retryPeriod(settings)
  }

  /** What an answer changes; a sentence when it was of no use. */
  function take(step: ElectionStep, answer: CallResult, sentAt: number): string | undefined {
    if (!answer.ok) {
      const gone = step.kind === 'read' && answer.status === 404
      if (gone) state = afterRead(state, settings, undefined, clock.now())
      else if (answer.status === 409 || answer.status === 404) state = afterConflict(state)
      else return `${answer.status} ${answer.reason}: ${answer.message}`
      if (step.kind === 'create' && answer.status === 404) return `${answer.reason}: ${answer.message}`
      settle('the Lease is gone')
      return undefined
    }
    const lease = parseLease(answer.body)
    if (lease === undefined) return 'the answer is not a Lease'
    if (step.kind === 'read') state = afterRead(state, settings, lease, clock.now())
    else state = afterWrite(state, lease, sentAt, clock.now())
    lastFailure = ''
    settle(`${describeHolder(lease.record.holder)} holds the Lease`)
    begin()
    tellHolder()
    return undefined
  }

  function failed(step: ElectionStep, failure: string): number {
    settle(failure)
    if (failure !== lastFailure) log('warn', `Lease ${namespace}/${name}: ${step.kind} failed: ${failure}`)
    lastFailure = failure
    return remaining() > 0 ? retryPeriod(settings) / HURRY : retryPeriod(settings) * (1 + random() / 5)
  }

  function tellHolder(): void {
    const holder = state.seen?.record.holder ?? ''
    if (holder !== lastHolder && holder !== identity) log('info', `${describeHolder(holder)} leads`)
    lastHolder = holder
  }

  function next(): void {
    if (stopped) return
    round = work().then(
      (milliseconds) => {
        if (!stopped) cancelRound = clock.after(Math.max(milliseconds, 1), next)
      },
      (cause: unknown) => {
        log('error', `leader election: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
        if (!stopped) cancelRound = clock.after(retryPeriod(settings), next)
      },
    )
  }

  async function release(): Promise<void> {
    const { seen } = state
    if (seen?.record.holder !== identity) return
    const body = changedLease(seen, releasedRecord(seen.record, clock.wall()))
    const timeoutMilliseconds = Math.min(retryPeriod(settings), LONGEST_RELEASE_MILLISECONDS)
    const answer = await client.call({ method: 'PUT', path: own, body, timeoutMilliseconds })
    if (!answer.ok) log('warn', `the Lease ${namespace}/${name} could not be released: ${answer.message}`)
  }

  function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void clock.after(milliseconds, resolve))
  }

  return {
    start: next,
    isLeader: () => remaining() > 0,
    remainingMilliseconds: remaining,
    holder: () => state.seen?.record.holder ?? '',
    async stop() {
      if (stopped) return
      stopped = true
      cancelRound()
      cancelDeadline()
      const led = leading
      leading = false
      state = withoutLeadership(state)
      if (led) parts.onStop()
      await Promise.race([round, pause(LONGEST_RELEASE_MILLISECONDS)])
      await release()
    },
  }
}

/**
 * Who a candidate is: the pod's name (POD_NAME, FLG-3), else the machine's, with something random. Two processes never
 * share it, so that a container that was restarted does not take its stopped predecessor for itself.
 */
export function electionIdentity(podName: string | undefined, hostname: string, random: string): string {
  return `${podName === undefined || podName === '' ? hostname : podName}_${random}`
}

function describeHolder(holder: string): string {
  return holder === '' ? 'nobody' : `another replica (${holder})`
}
