import type { Call, CallResult, KubernetesClient } from '../../src/kubernetes/client.js'
import type { Clock } from '../../src/kubernetes/clock.js'

/** What happens to one call on its way. */
export interface Fate {
  /** Milliseconds until the API server acts on it, and from then to the answer. */
  readonly there: number
  readonly back: number
  readonly lost: 'no' | 'request' | 'answer'
}

/** One process: its clock's rate and time of day, and when it is stopped and continued (SIGSTOP, SIGCONT). */
export interface Life {
  readonly rate: number
  readonly wallOffset: number
  /** The time of day stands still: every stamp is the same. */
  readonly wallFrozen: boolean
  readonly pauses: readonly { readonly from: number; readonly length: number }[]
}

/** True time, in which everything happens one after the other. */
export interface World {
  now(): number
  at(time: number, act: () => void): () => void
  /** Runs what is due until `end`, with `observe` after each step. */
  run(end: number, observe: () => void): Promise<void>
}

export function createWorld(): World {
  let now = 0
  let order = 0
  let agenda: { readonly time: number; readonly order: number; readonly act: () => void }[] = []
  return {
    now: () => now,
    at(time, act) {
      const entry = { time: Math.max(time, now), order: (order += 1), act }
      agenda.push(entry)
      return () => {
        agenda = agenda.filter((other) => other !== entry)
      }
    },
    async run(end, observe) {
      for (;;) {
        const next = agenda.reduce<(typeof agenda)[number] | undefined>(
          (first, entry) =>
            first === undefined || entry.time < first.time || (entry.time === first.time && entry.order < first.order)
              ? entry
              : first,
          undefined,
        )
        if (next === undefined || next.time > end) break
        agenda = agenda.filter((entry) => entry !== next)
        now = next.time
        next.act()
        // What an answer sets going runs as microtasks, all of them before this.
        await new Promise((resolve) => setImmediate(resolve))
        observe()
      }
      now = end
      observe()
    },
  }
}

/** When a process gets to do what is due at `time`: not while it is stopped. */
function awake(life: Life, time: number): number {
  return life.pauses.reduce((at, { from, length }) => (at >= from && at < from + length ? from + length : at), time)
}

/** The clock of one process in the world: it goes on while the process is stopped, at its own rate. */
export function createClock(world: World, life: Life): Clock {
  return {
    now: () => 1_000_000 + world.now() * life.rate,
    wall: () => 1_700_000_000_000 + life.wallOffset + (life.wallFrozen ? 0 : world.now()),
    after: (milliseconds, act) => world.at(awake(life, world.now() + milliseconds / life.rate), act),
  }
}

type Fields = Record<string, unknown>

/** The API server's way with one Lease: versions, conflicts, and a write that changes nothing is not stored. */
export interface LeaseServer {
  answer(call: Call): CallResult
  remove(): void
}

export function createLeaseServer(): LeaseServer {
  let stored: { readonly spec: string; readonly version: number } | undefined
  let version = 100
  const lease = (): CallResult => ({
    ok: true,
    status: 200,
    body: {
      kind: 'Lease',
      metadata: { name: 'leader', resourceVersion: String(stored?.version) },
      spec: JSON.parse(stored?.spec ?? '{}') as unknown,
    },
  })
  const refuse = (status: number, reason: string): CallResult => ({ ok: false, status, reason, message: reason })
  return {
    remove() {
      stored = undefined
    },
    answer({ method, body }) {
      const sent = (body ?? {}) as { spec?: unknown; metadata?: Fields } // what the election sends
      const spec = JSON.stringify(sent.spec)
      if (method === 'GET') return stored === undefined ? refuse(404, 'NotFound') : lease()
      if (method === 'POST') {
        if (stored !== undefined) return refuse(409, 'AlreadyExists')
        stored = { spec, version: (version += 1) }
        return lease()
      }
      if (stored === undefined) return refuse(404, 'NotFound')
      if (sent.metadata?.['resourceVersion'] !== String(stored.version)) return refuse(409, 'Conflict')
      if (stored.spec !== spec) stored = { spec, version: (version += 1) }
      return lease()
    },
  }
}

/** A client of `server` in the world, whose calls meet the fates one after the other, and none after `quietFrom`. */
export function createSimulatedClient(
  world: World,
  server: LeaseServer,
  life: Life,
  fates: readonly Fate[],
  quietFrom: number,
): Pick<KubernetesClient, 'call'> {
  let calls = 0
  const calm: Fate = { there: 1, back: 1, lost: 'no' }
  return {
    call(call) {
      const fate = (world.now() >= quietFrom ? undefined : fates[calls % Math.max(fates.length, 1)]) ?? calm
      calls += 1
      return new Promise((resolve) => {
        const limit = (call.timeoutMilliseconds ?? 60_000) / life.rate
        const timeout: CallResult = { ok: false, status: 0, reason: 'Timeout', message: 'no answer in time' }
        world.at(awake(life, world.now() + limit), () => resolve(timeout))
        if (fate.lost === 'request') return
        world.at(world.now() + fate.there, () => {
          const answer = server.answer(call)
          if (fate.lost === 'answer') return
          world.at(awake(life, world.now() + fate.back), () => resolve(answer))
        })
      })
    },
  }
}
