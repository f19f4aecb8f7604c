import { differences } from '../../collections/differences.js'
import { SortedMap } from '../../collections/sorted-map.js'
import type { CallFailure, KubernetesClient } from '../../kubernetes/client.js'
import type { Clock } from '../../kubernetes/clock.js'
import type { Leadership } from '../../kubernetes/leader-election.js'
import type { Ingress, PublishedAddress } from '../../snapshot/objects.js'
import type { ServedIngresses } from '../served.js'
import { describeAddresses, sameAddresses } from './addresses.js'
import { identityOf, judgeStatus, SETTLE_MILLISECONDS, type SentStatus } from './pending.js'
import type { Reading } from './read-source.js'
import { createStatusWrite } from './write-status.js'

/** Keeps `status.loadBalancer.ingress` of all served Ingresses (STA-1..5). */
export interface StatusWriter {
  /**
   * After each pass: the served Ingresses that are live. Only those that are others than before are looked at. What differs
   * from the addresses to publish is written at once, if this replica leads.
   */
  served(ingresses: ServedIngresses): void
  /** Reads the addresses anew: at the beginning of leadership, and when their source is known to have changed. */
  refresh(): void
  /** STA-5. Call before the Lease is released; resolves when it is done, or cannot be. Nothing is written after. */
  clear(): Promise<void>
  /** Ends what is under way; nothing is written after. */
  stop(): Promise<void>
  counts(): StatusCounts
}

export interface StatusCounts {
  readonly written: number
  readonly failed: number
}

export interface StatusWriterParts {
  readonly client: Pick<KubernetesClient, 'call'>
  readonly leadership: Leadership
  /** See `readAddresses`. */
  readAddresses(): Promise<Reading<readonly PublishedAddress[]>>
  /** See `readOtherPods`. */
  readOtherPods(): Promise<Reading<number>>
  /** `--status-update-interval`; less than 5 s counts as 5 s (STA-1). */
  readonly intervalSeconds: number
  /** `--update-status-on-shutdown`. */
  readonly onShutdown: 'clear' | 'leave'
  log(level: 'info' | 'warn' | 'error', message: string): void
  readonly clock: Clock
}

const AT_ONCE = 8
/** STA-1; also how often an address is asked for that is not there yet. */
const SHORTEST_INTERVAL = 5_000
const TIMEOUT_MILLISECONDS = 10_000
const SHORTEST_PAUSE_MILLISECONDS = 250
const LONGEST_PAUSE_MILLISECONDS = 30_000

/** Create one unless `--update-status=false` or `--disable-leader-election`; `refresh` belongs in the election's onStart. */
export function createStatusWriter(parts: StatusWriterParts): StatusWriter {
  const { leadership, clock, log } = parts
  const write = createStatusWrite(parts.client, log)
  const intervalMilliseconds = Math.max(SHORTEST_INTERVAL, parts.intervalSeconds * 1000)
  const sent = new Map<string, SentStatus>()
  const queue = new Map<string, Ingress>()
  const active = new Set<Promise<void>>()
  let latest: ServedIngresses = SortedMap.empty()
  let wanted: readonly PublishedAddress[] | undefined
  let state: 'running' | 'clearing' | 'stopped' = 'running'
  let written = 0
  let failed = 0
  let lastFailure = ''
  let pauseMilliseconds = 0
  let pausedUntil = 0
  let reading = false
  let askedAgain = false
  /** When the next sweep is due, by the clock; Infinity: none is. */
  let sweepAt = Number.POSITIVE_INFINITY
  const timers = { interval: noTimer, sweep: noTimer, pause: noTimer }

  /** Looks at every served Ingress; what is to be written goes into the queue. */
  function sweep(): void {
    if (state !== 'running' || wanted === undefined || !leadership.isLeader()) return
    const now = clock.now()
    queue.clear()
    timers.sweep()
    sweepAt = Number.POSITIVE_INFINITY
    for (const ingress of latest.values()) look(ingress, wanted, now)
    for (const [identity, { at }] of sent) if (now - at > SETTLE_MILLISECONDS) sent.delete(identity)
    drain()
  }

  /** Looks at one of them; where it is too early to tell, a sweep follows. */
  function look(ingress: Ingress, addresses: readonly PublishedAddress[], now: number): void {
    if (sameAddresses(ingress.published, addresses)) return
    const identity = identityOf(ingress)
    const verdict = judgeStatus(ingress, addresses, sent.get(identity), now)
    if (verdict === 'write') {
      queue.set(identity, ingress)
      // Whether it came to be: nothing else looks at an Ingress that stays as it is.
      sweepBy(now, SETTLE_MILLISECONDS)
    } else if (verdict !== 'leave') sweepBy(now, verdict.after)
  }

  function sweepBy(now: number, after: number): void {
    if (now + after >= sweepAt) return
    sweepAt = now + after
    timers.sweep()
    timers.sweep = clock.after(after + 1, sweep)
  }

  /** Looks at those that became others since `before`. */
  function lookAtChanges(before: ServedIngresses): void {
    if (state !== 'running' || wanted === undefined || !leadership.isLeader()) return
    const now = clock.now()
    for (const { before: old, after } of differences(before, latest)) {
      if (old !== undefined) queue.delete(identityOf(old))
      if (after !== undefined) look(after, wanted, now)
    }
    drain()
  }

  function drain(): void {
    for (const [identity, ingress] of queue) {
      if (active.size >= AT_ONCE || clock.now() < pausedUntil) return
      queue.delete(identity)
      if (state === 'stopped' || wanted === undefined) return
      const work: Promise<void> = writeOne(ingress, state === 'clearing' ? [] : wanted).finally(() => {
        active.delete(work)
        drain()
      })
      active.add(work)
    }
  }

  async function writeOne(ingress: Ingress, addresses: readonly PublishedAddress[]): Promise<void> {
    const identity = identityOf(ingress)
    const limit = Math.min(TIMEOUT_MILLISECONDS, leadership.remainingMilliseconds())
    if (!leadership.isLeader()) return
    sent.set(identity, { addresses, at: clock.now() })
    const answer = await write(ingress, addresses, limit)
    if (answer.ok) {
      written += 1
      pauseMilliseconds = 0
      return
    }
    if (isHarmless(answer.status)) return
    failed += 1
    sent.delete(identity)
    if (!queue.has(identity)) queue.set(identity, ingress)
    pause(answer)
  }

  /** The API server has other worries: all writes wait, longer each time. */
  function pause(answer: CallFailure): void {
    if (answer.message !== lastFailure)
      log('warn', `a status could not be written, it is tried again: ${answer.message}`)
    lastFailure = answer.message
    if (clock.now() < pausedUntil) return
    pauseMilliseconds = Math.min(
      Math.max(SHORTEST_PAUSE_MILLISECONDS, pauseMilliseconds * 2),
      LONGEST_PAUSE_MILLISECONDS,
    )
    const wait = Math.max(pauseMilliseconds, (answer.retryAfterSeconds ?? 0) * 1000)
    pausedUntil = clock.now() + wait
    timers.pause = clock.after(wait + 1, () => (state === 'running' ? sweep() : drain()))
  }

  function refresh(): void {
    if (state !== 'running') return
    askedAgain = reading
    if (reading) return
    timers.interval()
    reading = true
    void read().finally(() => {
      reading = false
      if (state !== 'running') return
      const known = wanted !== undefined && wanted.length > 0 && lastFailure === ''
      timers.interval = clock.after(askedAgain ? 0 : known ? intervalMilliseconds : SHORTEST_INTERVAL, refresh)
    })
  }

  async function read(): Promise<void> {
    if (!leadership.isLeader()) return
    const found = await parts.readAddresses()
    if (!found.ok) {
      if (found.message !== lastFailure) log('warn', `the addresses of Ingresses are not known: ${found.message}`)
      lastFailure = found.message
      return
    }
    if (wanted === undefined || !sameAddresses(wanted, found.value))
      log('info', `Ingresses are published with ${describeAddresses(found.value)}`)
    wanted = found.value
    lastFailure = ''
    sweep()
  }

  async function idle(): Promise<void> {
    while (active.size > 0) await Promise.all(active)
  }

  function quit(next: 'clearing' | 'stopped'): void {
    state = next
    queue.clear()
    timers.interval()
    timers.sweep()
    timers.pause()
  }

  /** STA-5: whether the addresses go with this replica; a sentence says why not. */
  async function reasonToLeave(): Promise<string | undefined> {
    if (parts.onShutdown === 'leave') return '--update-status-on-shutdown is off'
    if (!leadership.isLeader()) return 'this replica does not lead'
    if (wanted === undefined) return 'nothing was published'
    if (wanted.length > 1) return 'there are several addresses'
    const others = await parts.readOtherPods()
    if (!others.ok) return others.message
    return others.value > 0 ? `${others.value} more controller pods run` : undefined
  }

  return {
    served(ingresses) {
      const before = latest
      latest = ingresses
      lookAtChanges(before)
    },
    refresh,
    async clear() {
      if (state !== 'running') return
      quit('clearing')
      await idle()
      const reason = await reasonToLeave()
      if (reason === undefined) {
        pausedUntil = 0
        for (const ingress of latest.values()) {
          const identity = identityOf(ingress)
          const before = sent.get(identity)?.addresses ?? ingress.published
          if (before.length > 0) queue.set(identity, ingress)
        }
        log('info', `the status of ${queue.size} Ingresses is cleared`)
        drain()
        await idle()
      } else log('info', `the status of Ingresses is left as it is: ${reason}`)
      quit('stopped')
    },
    async stop() {
      quit('stopped')
      await idle()
    },
    counts: () => ({ written, failed }),
  }
}

/** 404: it was deleted. 409 and 422: it is another one by now; what the watch shows next is looked at again. */
function isHarmless(status: number): boolean {
  return status === 404 || status === 409 || status === 422
}

function noTimer(): void {}
