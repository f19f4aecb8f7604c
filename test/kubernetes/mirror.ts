import { expect, onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../src/kubernetes/clock.js'
import { createKubernetesClient } from '../../src/kubernetes/http-client.js'
import {
  createReflector,
  type Reflector,
  type ReflectorOptions,
  type ReflectorTimes,
} from '../../src/kubernetes/reflector.js'
import type { ReflectorState } from '../../src/kubernetes/reflector-state.js'
import type { Resource } from '../../src/kubernetes/resource.js'
import type { FakeApi, FakeObject } from './fake-api.js'
import { plainAccess, startServer, type TestServer, until } from './server.js'

export const ingresses: Resource = { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses', namespace: '' }

/** An Ingress by name, in the namespace `shop`, with a value to tell its versions apart. */
export function object(name: string, value = ''): FakeObject {
  return { metadata: { namespace: 'shop', name }, value }
}

/** What a reflector made of a fake API server, and what it told on the way. */
export interface Mirror {
  readonly api: FakeApi
  readonly server: TestServer
  readonly reflector: Reflector
  /** `namespace/name` to value. */
  readonly objects: Map<string, string>
  readonly deleted: string[]
  readonly states: ReflectorState[]
  readonly faults: string[]
  syncs: number
  sets: number
  /** Resolves when the objects are those of the API server. */
  converge(): Promise<void>
  stop(): Promise<void>
}

/** Short enough for tests, long enough for a busy machine. */
export const quick: Partial<ReflectorTimes> = {
  stallMilliseconds: 1_000,
  listStallMilliseconds: 1_000,
  backOffMilliseconds: [10, 100],
}

export async function mirror(
  api: FakeApi,
  changes: Partial<ReflectorOptions<FakeObject>> & { readonly resource?: Resource } = {},
): Promise<Mirror> {
  const server = await startServer(api.handler)
  const client = createKubernetesClient(plainAccess(server.url), { headersMilliseconds: 1_000 })
  const objects = new Map<string, string>()
  const seen: Pick<Mirror, 'deleted' | 'states' | 'faults'> = { deleted: [], states: [], faults: [] }
  const reflector = createReflector<FakeObject>({
    client,
    resource: ingresses,
    project: (raw) => raw as FakeObject, // the fake server made it
    times: quick,
    ...changes,
    handler: {
      onSet(made, namespace, name) {
        changes.handler?.onSet(made, namespace, name)
        result.sets += 1
        objects.set(`${namespace}/${name}`, String(made['value']))
      },
      onDelete(namespace, name) {
        seen.deleted.push(`${namespace}/${name}`)
        objects.delete(`${namespace}/${name}`)
      },
      onSynced() {
        result.syncs += 1
      },
      onState: (state) => seen.states.push(state),
      onFault: (message) => seen.faults.push(message),
    },
  })
  const stop = async (): Promise<void> => {
    await reflector.stop()
    await client.close()
  }
  onTestFinished(stop)
  const result: Mirror = {
    api,
    server,
    reflector,
    objects,
    ...seen,
    syncs: 0,
    sets: 0,
    async converge() {
      const wanted = (): string => valuesOf(api)
      await until(
        () => result.syncs > 0 && sorted(objects) === wanted(),
        () => ({ state: reflector.state, has: sorted(objects).slice(0, 500), wanted: wanted().slice(0, 500) }),
      )
      expect(sorted(objects)).toBe(wanted())
    },
    stop,
  }
  reflector.start()
  return result
}

function valuesOf(api: FakeApi): string {
  return sorted(
    new Map(
      api.list('ingresses').map(({ metadata, value }) => [`${metadata.namespace}/${metadata.name}`, String(value)]),
    ),
  )
}

function sorted(map: ReadonlyMap<string, string>): string {
  return [...map]
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('\n')
}

/** A time that only stall timers have. */
export const STALL = 600_000

/**
 * Without chance, so that each wait is the longest one. `waits` gives those before new tries, which are no shorter than
 * they say unless they are over `most` milliseconds; `stalls` how often a stall timer of STALL was wound up.
 */
export function recordingClock(most = 1_000): {
  clock: Clock
  random: () => number
  waits: () => readonly number[]
  stalls: () => number
} {
  const all: number[] = []
  const timers = new Set([STALL, quick.stallMilliseconds, quick.listStallMilliseconds])
  const clock: Clock = {
    ...systemClock,
    after(milliseconds, action) {
      all.push(milliseconds)
      return systemClock.after(timers.has(milliseconds) ? milliseconds : Math.min(milliseconds, most), action)
    },
  }
  return {
    clock,
    random: () => 1,
    waits: () => all.filter((milliseconds) => !timers.has(milliseconds)),
    stalls: () => all.filter((milliseconds) => milliseconds === STALL).length,
  }
}
