import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Clock } from '../../src/kubernetes/clock.js'
import { createCloudClient } from '../../src/loadbalancer/alibaba/client.js'
import { overridesOf } from '../../src/loadbalancer/alibaba/endpoints.js'
import { type AlibabaProvider, createAlibabaProvider } from '../../src/loadbalancer/alibaba/provider.js'
import { createManualClock, type ManualClock, quiet } from '../loadbalancer/manual-clock.js'
import { facts } from './stage.js'
import type { Double } from './start.js'

/**
 * Time for a controller and a double in processes of their own: it goes on only when neither has anything to do, so
 * what is counted on it does not depend on the machine.
 */
export interface Simulation {
  readonly clock: ManualClock
  /** Lets so much time pass on both sides. */
  pass(milliseconds: number): Promise<void>
  /** Goes on until it holds; rejects after so much time. */
  until(what: string, holds: () => boolean, milliseconds: number): Promise<void>
  end(): void
}

/** A clock that stands is put forward so often at the double: it refuses signatures that are 15 minutes old. */
const STEP_MILLISECONDS = 300_000

export function createSimulation(double: Double): Simulation {
  const open = new Set<unknown>()
  const requestOf = (message: unknown): unknown => (message as { readonly request: unknown }).request // undici publishes it
  const begun = (message: unknown): void => void open.add(requestOf(message))
  const ended = (message: unknown): void => void open.delete(requestOf(message))
  subscribe('undici:request:create', begun)
  subscribe('undici:request:trailers', ended)
  subscribe('undici:request:error', ended)
  const clock = createManualClock(async () => {
    do {
      await quiet()
    } while (open.size > 0)
  }, Date.now())

  /** To the next timer, at most so far. */
  async function step(most: number): Promise<number> {
    const [next = most] = clock.waiting()
    const milliseconds = Math.max(0, Math.min(next, most))
    await double.clockAt(clock.wall() + milliseconds)
    await clock.pass(milliseconds)
    return milliseconds
  }

  return {
    clock,
    async pass(milliseconds) {
      for (let left = milliseconds; left > 0; left -= STEP_MILLISECONDS) {
        await double.clockAt(clock.wall())
        await clock.pass(Math.min(left, STEP_MILLISECONDS))
      }
    },
    async until(what, holds, milliseconds) {
      const end = clock.now() + milliseconds
      await step(0)
      while (!holds()) {
        if (clock.now() >= end) throw new Error(`${what}: it did not come to that in ${milliseconds} ms`)
        await step(end - clock.now())
      }
    },
    end() {
      unsubscribe('undici:request:create', begun)
      unsubscribe('undici:request:trailers', ended)
      unsubscribe('undici:request:error', ended)
    },
  }
}

/**
 * The provider with the bounds on calls that it has by default; its key comes without a look into files, which this
 * clock would not wait for.
 */
export function providerOf(double: Double, clock: Clock, signal: AbortSignal): AlibabaProvider {
  const at = double.url.origin
  const key = { ok: true, key: { id: 'testid', secret: 'testsecret' } } as const
  const cloud = createCloudClient({
    endpoints: {
      region: facts.region,
      network: 'internet',
      overrides: overridesOf({ SLB_ENDPOINT: at, NLB_ENDPOINT: at, VPC_ENDPOINT: at, ECS_ENDPOINT: at }),
    },
    credentials: { current: () => Promise.resolve(key), renew: () => Promise.resolve(key) },
    clock,
    random: Math.random,
    signal,
  })
  return createAlibabaProvider({ cloud, facts, now: () => clock.now() })
}
