import { describe, expect, it } from 'vitest'
import { SortedMap } from '../../collections/sorted-map.js'
import type { Call, CallResult } from '../../kubernetes/client.js'
import { systemClock } from '../../kubernetes/clock.js'
import { createProblem } from '../../problems/create.js'
import { createStore } from '../../snapshot/store.js'
import type { EventRequest, EventTarget } from './event.js'
import { createEventWriter, type EventWriter } from './event-writer.js'
import { createEventRecorder } from './recorder.js'

interface Stage {
  readonly writer: EventWriter
  readonly calls: Call[]
  readonly logged: string[]
  leads: boolean
  /** Answers before the API server has a say; undefined: it has. */
  answer: (call: Call) => CallResult | undefined
}

type Stored = Record<string, unknown>

const refused = (status: number): CallResult => ({ ok: false, status, reason: 'Refused', message: `refused ${status}` })

/** A writer, and an API server with events by path. */
function stage(events = new Map<string, Stored>()): Stage {
  const calls: Call[] = []
  const logged: string[] = []
  const serve = ({ method, path, body }: Call): CallResult => {
    const sent = body as Stored & { metadata?: { name: string } } // what the writer sends
    const at = method === 'POST' ? `${path}/${sent.metadata?.name ?? ''}` : path
    const before = events.get(at)
    if (method === 'POST' && before !== undefined) return refused(409)
    if (method === 'PATCH' && before === undefined) return refused(404)
    events.set(at, { ...before, ...sent })
    return { ok: true, status: 200, body: events.get(at) }
  }
  const set: Stage = {
    calls,
    logged,
    leads: true,
    answer: () => undefined,
    writer: createEventWriter({
      client: {
        async call(call) {
          calls.push(call)
          await new Promise((resolve) => setImmediate(resolve))
          return set.answer(call) ?? serve(call)
        },
      },
      leadership: { isLeader: () => set.leads },
      instance: 'pod-1',
      log: (_level, message) => logged.push(message),
      clock: systemClock,
    }),
  }
  return set
}

const request: EventRequest = {
  about: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'front', uid: 'u' },
  type: 'Warning',
  reason: 'HostInvalid',
  message: 'It is wrong.',
  repeat: 'count',
  from: 'leader',
}

async function until(fact: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !fact(); ) {
    if (performance.now() > end) throw new Error('it did not come true')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const countsOf = (events: ReadonlyMap<string, Stored>): unknown[] => [...events.values()].map(({ count }) => count)

describe('section 20: writing events', () => {
  it('the same again is counted, by this replica and by the next', async () => {
    const events = new Map<string, Stored>()
    const first = stage(events)
    for (let times = 1; times <= 3; times += 1) {
      first.writer.offer([request])
      await until(() => first.writer.counts().written === times)
    }
    expect(countsOf(events)).toEqual([3])
    const second = stage(events)
    second.writer.offer([request])
    await until(() => second.writer.counts().written === 1)
    expect(countsOf(events)).toEqual([4])
  })

  it('what may be old news leaves an event as it is, and makes one that is not there', async () => {
    const events = new Map<string, Stored>()
    const first = stage(events)
    first.writer.offer([request])
    await until(() => first.writer.counts().written === 1)
    const second = stage(events)
    second.writer.offer([
      { ...request, repeat: 'once' },
      { ...request, repeat: 'once', message: 'New.' },
    ])
    await until(() => second.writer.counts().written === 2)
    expect(second.calls.map(({ method }) => method)).toEqual(['POST', 'POST'])
    expect(countsOf(events)).toEqual([1, 1])
  })

  it('an event that expired is made anew', async () => {
    const events = new Map<string, Stored>()
    const { writer } = stage(events)
    writer.offer([request])
    await until(() => writer.counts().written === 1)
    events.clear()
    writer.offer([request])
    await until(() => writer.counts().written === 2)
    expect(countsOf(events)).toEqual([1])
  })

  it('only the leader tells what is for all replicas; each tells of itself', async () => {
    const events = new Map<string, Stored>()
    const set = stage(events)
    set.leads = false
    set.writer.offer([request, { ...request, from: 'own', reason: 'RELOAD' }])
    await until(() => set.writer.counts().written === 1 && set.writer.counts().waiting === 0)
    expect([...events.values()].map(({ reason }) => reason)).toEqual(['RELOAD'])
  })

  it('a failure that passes is tried again and said once; one that stays is dropped', async () => {
    const events = new Map<string, Stored>()
    const set = stage(events)
    let refusals = 0
    set.answer = () => (refusals++ < 2 ? refused(503) : undefined)
    set.writer.offer([request])
    await until(() => set.writer.counts().written === 1)
    expect(set.logged).toEqual(['an event could not be written: refused 503'])
    set.answer = () => refused(403)
    set.writer.offer([{ ...request, message: 'Other.' }])
    await until(() => set.writer.counts().dropped === 1)
    set.answer = () => undefined
    set.writer.offer([{ ...request, message: 'Third.' }])
    await until(() => set.writer.counts().written === 2)
  })

  it('an API server that never takes any costs nothing but the events', async () => {
    const set = stage()
    set.answer = () => refused(500)
    set.writer.offer(Array.from({ length: 20_000 }, (_, index) => ({ ...request, message: `m${index}` })))
    set.writer.offer(
      Array.from({ length: 20_000 }, (_, index) => ({ ...request, about: { ...request.about, uid: `u${index}` } })),
    )
    await until(() => set.calls.length > 0)
    expect(set.writer.counts().waiting).toBeLessThanOrEqual(5000)
    expect(set.writer.counts().dropped).toBeGreaterThan(30_000)
    await set.writer.stop()
  })
})

describe('section 20: RELOAD', () => {
  it('is told on our own Pod, once that is known', async () => {
    const offered: EventRequest[] = []
    const about: EventTarget = { apiVersion: 'v1', kind: 'Pod', namespace: 'ingress', name: 'pod-1', uid: 'p' }
    let known: EventTarget | undefined
    const recorder = createEventRecorder({
      writer: { offer: (requests) => void offered.push(...requests) },
      syncEvents: 'off',
      configMaps: [],
      ownPod: () => Promise.resolve(known),
      clock: systemClock,
    })
    recorder.reloaded({ ok: true })
    await new Promise((resolve) => setImmediate(resolve))
    expect(offered).toEqual([])
    known = about
    recorder.reloaded({ ok: true })
    recorder.reloaded({ ok: false, message: 'unknown directive' })
    await until(() => offered.length === 2)
    expect(offered).toMatchObject([
      { about, type: 'Normal', reason: 'RELOAD', from: 'own' },
      { about, type: 'Warning', reason: 'RELOAD', message: expect.stringContaining('unknown directive') as string },
    ])
    recorder.stop()
  })
})

describe('the recorder', () => {
  it('tells what is wrong with NGINX once its own Pod is known', async () => {
    const offered: EventRequest[] = []
    const about: EventTarget = { apiVersion: 'v1', kind: 'Pod', namespace: 'ingress', name: 'pod-1', uid: 'p' }
    const recorder = createEventRecorder({
      writer: { offer: (requests) => void offered.push(...requests) },
      syncEvents: 'on',
      configMaps: [],
      ownPod: () => Promise.resolve(about),
      clock: systemClock,
    })
    const fault = createProblem('nginx/lua-fault', { kind: 'NGINX', namespace: '', name: 'lua' }, '', 'It failed.')
    recorder.passed({ snapshot: createStore().snapshot(), served: SortedMap.empty(), problems: [fault], live: true })
    await until(() => offered.length > 0)
    expect(offered).toMatchObject([{ about, type: 'Warning', reason: 'NginxLuaFault', message: 'It failed.' }])
    recorder.stop()
  })

  it('--disable-sync-events takes the events of ConfigMaps away', async () => {
    const offered: EventRequest[][] = []
    const store = createStore()
    store.set({
      kind: 'ConfigMap',
      namespace: 'ingress',
      name: 'main',
      uid: 'c',
      createdAt: undefined,
      annotations: {},
      labels: {},
      source: undefined,
      data: {},
    })
    const snapshot = store.snapshot()
    for (const syncEvents of ['on', 'off'] as const) {
      const told: EventRequest[] = []
      let passes = 0
      const recorder = createEventRecorder({
        writer: {
          offer: (requests) => {
            passes += 1
            told.push(...requests)
          },
        },
        syncEvents,
        configMaps: ['ingress/main', 'ingress/absent'],
        ownPod: () => Promise.resolve(undefined),
        clock: systemClock,
      })
      recorder.passed({ snapshot, served: SortedMap.empty(), problems: [], live: true })
      await until(() => passes >= (syncEvents === 'on' ? 2 : 1))
      recorder.stop()
      offered.push(told)
    }
    expect(offered[0]).toMatchObject([{ reason: 'CREATE' }])
    expect(offered[1]).toEqual([])
  })
})
