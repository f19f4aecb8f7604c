import { describe, expect, it } from 'vitest'
import { SortedMap } from '../../collections/sorted-map.js'
import type { Call, CallResult } from '../../kubernetes/client.js'
import { systemClock } from '../../kubernetes/clock.js'
import type { Ingress, PublishedAddress } from '../../snapshot/objects.js'
import { parseObject } from '../../snapshot/parse.js'
import type { Reading } from './read-source.js'
import { createStatusWriter, type StatusWriter, type StatusWriterParts } from './status-writer.js'

const ADDRESS: PublishedAddress = { ip: '192.0.2.1', hostname: '' }
const OTHER: PublishedAddress = { ip: '192.0.2.2', hostname: '' }

function ingress(name: string, published: readonly PublishedAddress[] = [], uid = `uid-${name}`): Ingress {
  const { object } = parseObject(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name, namespace: 'shop', uid },
      status: { loadBalancer: { ingress: published } },
    },
    undefined,
  )
  if (object?.kind !== 'Ingress') throw new Error('no Ingress')
  return object
}

function serve({ writer }: Stage, list: readonly Ingress[]): void {
  writer.served(SortedMap.of(list.map((one) => [`${one.namespace}/${one.name}`, one])))
}

interface Stage {
  readonly writer: StatusWriter
  readonly calls: Call[]
  readonly logged: string[]
  leads: boolean
  addresses: Reading<readonly PublishedAddress[]>
  others: Reading<number>
  answer: (call: Call) => CallResult
  /** Calls that have no answer yet; the most there were at once. */
  open: number
  mostOpen: number
}

const fine: CallResult = { ok: true, status: 200, body: {} }
const refused = (status: number): CallResult => ({ ok: false, status, reason: 'Refused', message: `refused ${status}` })

function stage(fields: Partial<Pick<StatusWriterParts, 'onShutdown' | 'intervalSeconds' | 'clock'>> = {}): Stage {
  const calls: Call[] = []
  const logged: string[] = []
  const set: Stage = {
    calls,
    logged,
    leads: true,
    addresses: { ok: true, value: [ADDRESS] },
    others: { ok: true, value: 0 },
    answer: () => fine,
    open: 0,
    mostOpen: 0,
    writer: createStatusWriter({
      client: {
        async call(call) {
          calls.push(call)
          set.open += 1
          set.mostOpen = Math.max(set.mostOpen, set.open)
          await new Promise((resolve) => setImmediate(resolve))
          set.open -= 1
          return set.answer(call)
        },
      },
      leadership: { isLeader: () => set.leads, remainingMilliseconds: () => (set.leads ? 5_000 : 0) },
      readAddresses: () => Promise.resolve(set.addresses),
      readOtherPods: () => Promise.resolve(set.others),
      intervalSeconds: 60,
      onShutdown: 'clear',
      log: (_level, message) => logged.push(message),
      clock: systemClock,
      ...fields,
    }),
  }
  return set
}

async function until(fact: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !fact(); ) {
    if (performance.now() > end) throw new Error('it did not come true')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** Everything that could follow from what was done has followed. */
async function settled(set: Stage): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  await until(() => set.open === 0)
}

const namesOf = (calls: readonly Call[]): string[] => calls.map(({ path }) => path.split('/').at(-2) ?? '')

describe('STA-1: the status of served Ingresses', () => {
  it('1,000 new Ingresses are 1,000 writes, a few at a time, however often passes and the watch come', async () => {
    const set = stage()
    set.writer.refresh()
    const names = Array.from({ length: 1000 }, (_, index) => `i${index}`)
    for (let count = 100; count <= 1000; count += 100) {
      serve(
        set,
        names.slice(0, count).map((name) => ingress(name)),
      )
      await new Promise((resolve) => setImmediate(resolve))
    }
    // The watch shows the new statuses in its own order, and a pass happens in between.
    await until(() => set.calls.length > 500)
    const seen = new Set(namesOf(set.calls))
    serve(
      set,
      names.map((name) => ingress(name, seen.has(name) ? [ADDRESS] : [])),
    )
    await until(() => set.writer.counts().written >= 1000)
    serve(
      set,
      names.map((name) => ingress(name, [ADDRESS])),
    )
    await settled(set)
    expect(set.calls).toHaveLength(1000)
    expect(new Set(namesOf(set.calls)).size).toBe(1000)
    expect(set.mostOpen).toBeGreaterThan(1)
    expect(set.mostOpen).toBeLessThanOrEqual(8)
    await set.writer.stop()
  })

  it('is a merge patch of the status of that very object', async () => {
    const set = stage()
    serve(set, [ingress('front')])
    set.writer.refresh()
    await until(() => set.writer.counts().written === 1)
    expect(set.calls[0]).toMatchObject({
      method: 'PATCH',
      path: '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/front/status',
      contentType: 'application/merge-patch+json',
      body: { metadata: { uid: 'uid-front' }, status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } },
    })
    await set.writer.stop()
  })

  it('STA-4: equal ones, in whatever order, are not written', async () => {
    const set = stage()
    set.addresses = { ok: true, value: [ADDRESS, OTHER] }
    serve(set, [ingress('front', [OTHER, ADDRESS])])
    set.writer.refresh()
    await settled(set)
    expect(set.calls).toEqual([])
    await set.writer.stop()
  })

  it('only the leader writes, and asks before each write', async () => {
    const set = stage()
    set.leads = false
    serve(
      set,
      Array.from({ length: 100 }, (_, index) => ingress(`i${index}`)),
    )
    set.writer.refresh()
    await settled(set)
    expect(set.calls).toEqual([])
    set.leads = true
    set.answer = () => {
      set.leads = false
      return fine
    }
    set.writer.refresh()
    await until(() => set.calls.length > 0)
    await settled(set)
    expect(set.calls.length, 'those already on their way').toBeLessThanOrEqual(8)
    await set.writer.stop()
  })

  it('an Ingress that was deleted and made again has its own write', async () => {
    const set = stage()
    set.writer.refresh()
    serve(set, [ingress('front', [], 'one')])
    await until(() => set.writer.counts().written === 1)
    serve(set, [ingress('front', [], 'two')])
    await until(() => set.writer.counts().written === 2)
    await set.writer.stop()
  })

  it('an Ingress that is served no more is left alone', async () => {
    const set = stage()
    set.writer.refresh()
    serve(set, [ingress('front', [ADDRESS])])
    serve(set, [])
    await settled(set)
    expect(set.calls).toEqual([])
    await set.writer.stop()
  })

  it.each([404, 409, 422])('an answer %s is harmless and not repeated', async (status) => {
    const set = stage()
    set.answer = () => refused(status)
    serve(set, [ingress('front')])
    set.writer.refresh()
    await until(() => set.calls.length === 1)
    await settled(set)
    expect(set.writer.counts()).toEqual({ written: 0, failed: 0 })
    await set.writer.stop()
  })

  it('a failure is tried again, said once, and loses nothing', async () => {
    const set = stage()
    let refusals = 0
    set.answer = () => (refusals++ < 12 ? refused(503) : fine)
    serve(
      set,
      Array.from({ length: 20 }, (_, index) => ingress(`i${index}`)),
    )
    set.writer.refresh()
    await until(() => set.writer.counts().written === 20)
    expect(set.logged.filter((message) => message.includes('refused 503'))).toHaveLength(1)
    await set.writer.stop()
  })

  it('with a role for ingress-nginx, which has no "patch", it reads and puts', async () => {
    const set = stage()
    const object = { kind: 'Ingress', metadata: { uid: 'uid-front', resourceVersion: '5' }, spec: { kept: true } }
    set.answer = ({ method }) =>
      method === 'PATCH' ? refused(403) : method === 'GET' ? { ok: true, status: 200, body: object } : fine
    set.writer.refresh()
    serve(set, [ingress('front')])
    await until(() => set.writer.counts().written === 1)
    serve(set, [ingress('front', [ADDRESS]), ingress('front', [], 'anew')])
    await until(() => set.calls.length === 4)
    await settled(set)
    expect(set.calls.map(({ method }) => method)).toEqual(['PATCH', 'GET', 'PUT', 'GET'])
    expect(set.calls[2]?.body).toEqual({ ...object, status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } })
    await set.writer.stop()
  })

  it('while the addresses are not known nothing is written, and nothing is cleared', async () => {
    const set = stage()
    set.addresses = { ok: false, missing: true, message: 'the Service a/b does not exist' }
    serve(set, [ingress('front', [ADDRESS]), ingress('back')])
    set.writer.refresh()
    await settled(set)
    await set.writer.clear()
    expect(set.calls).toEqual([])
    expect(set.logged[0]).toContain('the Service a/b does not exist')
  })

  it('new addresses are written to all', async () => {
    const set = stage()
    serve(set, [ingress('front', [ADDRESS]), ingress('back', [ADDRESS])])
    set.addresses = { ok: true, value: [OTHER] }
    set.writer.refresh()
    await until(() => set.writer.counts().written === 2)
    await set.writer.stop()
  })
})

describe('STA-5: on shutdown', () => {
  const leave: [fact: string, change: (set: Stage) => void][] = [
    ['another controller pod runs', (set) => (set.others = { ok: true, value: 1 })],
    ['whether others run is not known', (set) => (set.others = { ok: false, missing: false, message: 'refused' })],
    ['another replica leads', (set) => (set.leads = false)],
  ]
  it.each(leave)('left when %s', async (_fact, change) => {
    const set = stage()
    serve(set, [ingress('front', [ADDRESS])])
    set.writer.refresh()
    await settled(set)
    change(set)
    await set.writer.clear()
    expect(set.calls).toEqual([])
  })

  it('left when there are several addresses, or the flag says so', async () => {
    const several = stage()
    several.addresses = { ok: true, value: [ADDRESS, OTHER] }
    const off = stage({ onShutdown: 'leave' })
    for (const set of [several, off]) {
      serve(set, [ingress('front', set === off ? [ADDRESS] : [ADDRESS, OTHER])])
      set.writer.refresh()
      await settled(set)
      await set.writer.clear()
      expect(set.calls).toEqual([])
    }
  })

  it('else cleared, also what was written a moment ago; and nothing is written after', async () => {
    const set = stage()
    serve(set, [ingress('old', [ADDRESS]), ingress('new')])
    set.writer.refresh()
    await until(() => set.writer.counts().written === 1)
    set.calls.length = 0
    await set.writer.clear()
    expect(namesOf(set.calls).sort()).toEqual(['new', 'old'])
    for (const { body } of set.calls) expect(body).toMatchObject({ status: { loadBalancer: { ingress: [] } } })
    serve(set, [ingress('later')])
    set.writer.refresh()
    await settled(set)
    expect(set.calls).toHaveLength(2)
  })

  it('a change of one Ingress looks at that one only', async () => {
    const set = stage()
    let looks = 0
    const counted = (name: string): Ingress => {
      const one = ingress(name, [ADDRESS])
      return Object.defineProperty({ ...one }, 'published', { get: () => (looks++, [ADDRESS]) })
    }
    const served = SortedMap.of(Array.from({ length: 1_000 }, (_, index) => [`shop/i${index}`, counted(`i${index}`)]))
    set.writer.refresh()
    await settled(set)
    set.writer.served(served)
    expect(looks).toBeGreaterThanOrEqual(1_000)
    looks = 0
    set.writer.served(served.with([['shop/i7', ingress('i7')]]))
    await until(() => set.writer.counts().written === 1)
    expect(looks).toBe(0)
    await set.writer.stop()
  })

  it('a status that the watch never shows is written again, without anything else happening', async () => {
    let now = 0
    let waiting: (readonly [at: number, act: () => void])[] = []
    const clock = {
      ...systemClock,
      now: () => now,
      after(milliseconds: number, act: () => void) {
        const timer = [now + milliseconds, act] as const
        waiting.push(timer)
        return () => {
          waiting = waiting.filter((other) => other !== timer)
        }
      },
    }
    const set = stage({ clock })
    set.writer.refresh()
    await settled(set)
    serve(set, [ingress('front')])
    await until(() => set.writer.counts().written === 1)
    now = 5_002
    for (const [at, act] of waiting) if (at <= now) act()
    await until(() => set.writer.counts().written === 2)
    await set.writer.stop()
  })
})
