import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SortedMap } from '../../collections/sorted-map.js'
import { catalogue, type ProblemCode } from '../../problems/catalogue.js'
import { createProblem } from '../../problems/create.js'
import type { Problem } from '../../problems/problem.js'
import type { ConfigMap, Ingress, KubernetesObject } from '../../snapshot/objects.js'
import { parseObject } from '../../snapshot/parse.js'
import { createStore } from '../../snapshot/store.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import { configMapEvents } from './config-map-events.js'
import type { EventRequest, EventTarget } from './event.js'
import { eventName, eventObject, shorten } from './event-object.js'
import { createEventQueue } from './event-queue.js'
import { ingressEvents, type SeenIngresses } from './ingress-events.js'
import { problemEvents, reasonOf, type ToldProblems } from './problem-events.js'
import { isFull, takeToken, untilToken, type Bucket } from './token-bucket.js'

function parsed(raw: object): KubernetesObject {
  const { object } = parseObject(raw, undefined)
  if (object === undefined) throw new Error('no object')
  return object
}

function ingress(name: string, host = 'a.example.com', uid = `uid-${name}`, published: object[] = []): Ingress {
  const object = parsed({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'shop', uid },
    spec: { rules: [{ host }] },
    status: { loadBalancer: { ingress: published } },
  })
  if (object.kind !== 'Ingress') throw new Error('no Ingress')
  return object
}

function configMap(value: string): ConfigMap {
  const object = parsed({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'main', namespace: 'ingress', uid: 'uid-main' },
    data: { value },
  })
  if (object.kind !== 'ConfigMap') throw new Error('no ConfigMap')
  return object
}

function snapshotOf(...objects: readonly KubernetesObject[]): Snapshot {
  const store = createStore()
  for (const object of objects) store.set(object)
  return store.snapshot()
}

function problem(code: ProblemCode, field = 'spec', name = 'front', message = 'It is wrong.'): Problem {
  return createProblem(code, { kind: 'Ingress', namespace: 'shop', name }, field, message)
}

const front = snapshotOf(ingress('front'))
const wordsOf = (events: readonly EventRequest[]): string[] =>
  events.map(({ type, reason, about, message }) => `${type} ${reason} ${about.name}: ${message}`)

describe('section 20: the reason of a problem', () => {
  const codes = Object.keys(catalogue) as ProblemCode[] // keys of an object literal
  it('is CamelCase and its own for every code of the catalogue', () => {
    const reasons = codes.map((code) => reasonOf(problem(code)))
    for (const reason of reasons) expect(reason).toMatch(/^([A-Z][a-z0-9]*)+$/)
    const own = reasons.filter((reason) => reason !== 'AnnotationParsingFailed')
    expect(new Set(own).size).toBe(own.length)
  })

  it.each([
    ['backend/service-not-found', 'BackendServiceNotFound'],
    ['tls/expires-soon', 'TlsExpiresSoon'],
    ['annotation/unknown', 'AnnotationUnknown'],
    ['annotation/closed', 'AnnotationParsingFailed'],
  ] as const)('%s: %s', (code, reason) => {
    expect(reasonOf(problem(code))).toBe(reason)
  })
})

describe('warnings of problems', () => {
  it('one for each, on its object, with field and sentence', () => {
    const { events } = problemEvents(new Set(), [problem('host/invalid', 'spec.rules[0].host')], front, 'on', undefined)
    expect(events).toEqual([
      {
        about: {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          namespace: 'shop',
          name: 'front',
          uid: 'uid-front',
        },
        type: 'Warning',
        reason: 'HostInvalid',
        message: 'spec.rules[0].host: It is wrong.',
        repeat: 'count',
        from: 'leader',
      },
    ])
  })

  it('at the beginning of leadership they may be old news', () => {
    expect(problemEvents(undefined, [problem('host/invalid')], front, 'on', undefined).events).toMatchObject([
      { repeat: 'once' },
    ])
  })

  it('an object that was made again is told again', () => {
    const { told } = problemEvents(new Set(), [problem('host/invalid')], front, 'on', undefined)
    const anew = snapshotOf(ingress('front', 'a.example.com', 'another'))
    expect(problemEvents(told, [problem('host/invalid')], anew, 'on', undefined).events).toHaveLength(1)
  })

  it('what is not in the snapshot, has no uid or is no object of the API has none', () => {
    const file = createProblem('file/syntax', { kind: 'File', namespace: '', name: 'a.yaml' }, '', 'x')
    const local = snapshotOf(ingress('front', 'a.example.com', ''))
    expect(
      problemEvents(new Set(), [problem('host/invalid', '', 'gone'), file], front, 'on', undefined).events,
    ).toEqual([])
    expect(problemEvents(new Set(), [problem('host/invalid')], local, 'on', undefined).events).toEqual([])
  })

  it('what is wrong with NGINX is told on our own Pod, by each replica; a frame that was refused is told as RELOAD', () => {
    const about = { kind: 'NGINX', namespace: '', name: 'lua' }
    const problems = (['nginx/lua-fault', 'frame/refused'] as const).map((code) => createProblem(code, about, '', 'x'))
    const pod: EventTarget = { apiVersion: 'v1', kind: 'Pod', namespace: 'ingress', name: 'pod-1', uid: 'p' }
    const { events, told } = problemEvents(new Set(), problems, front, 'on', pod)
    expect(events).toMatchObject([{ about: pod, reason: 'NginxLuaFault', from: 'own' }])
    expect(problemEvents(told, problems, front, 'on', pod).events).toEqual([])
    expect(problemEvents(new Set(), problems, front, 'on', undefined).events).toEqual([])
  })

  it('--disable-sync-events takes AnnotationParsingFailed away, and no other', () => {
    const problems = [problem('annotation/closed'), problem('annotation/unknown'), problem('host/invalid')]
    const { events } = problemEvents(new Set(), problems, front, 'off', undefined)
    expect(events.map(({ reason }) => reason)).toEqual(['AnnotationUnknown', 'HostInvalid'])
  })

  it('a hundred of one object are nine and a word', () => {
    const problems = Array.from({ length: 100 }, (_, index) => problem('path/invalid', `spec.rules[${index}]`))
    const { events } = problemEvents(new Set(), problems, front, 'on', undefined)
    expect(events).toHaveLength(10)
    expect(events.at(-1)).toMatchObject({
      reason: 'MoreProblems',
      message: expect.stringContaining('91 more') as string,
    })
    expect(events.filter(({ reason }) => reason === 'PathInvalid')).toHaveLength(9)
  })

  it('each is told when it comes, and never while it stays', () => {
    const world = snapshotOf(ingress('a'), ingress('b'))
    const anyProblem = fc.record({ name: fc.constantFrom('a', 'b'), field: fc.constantFrom('x', 'y', 'z') })
    fc.assert(
      fc.property(fc.array(fc.array(anyProblem, { maxLength: 8 }), { maxLength: 8 }), (passes) => {
        let told: ToldProblems = new Set()
        let before = new Set<string>()
        for (const pass of passes) {
          const list = pass.map(({ name, field }) => problem('path/invalid', field, name))
          const made = problemEvents(told, list, world, 'on', undefined)
          const now = new Set(pass.map(({ name, field }) => `Warning PathInvalid ${name}: ${field}: It is wrong.`))
          const expected = [...now].filter((word) => !before.has(word))
          expect(wordsOf(made.events).sort()).toEqual(expected.sort())
          told = made.told
          before = now
        }
      }),
    )
  })
})

describe('section 20: Sync and Live', () => {
  function tell(passes: readonly (readonly [list: readonly Ingress[], live: boolean])[]): string[][] {
    let seen: SeenIngresses | undefined
    return passes.map(([list, live]) => {
      const made = ingressEvents(seen, SortedMap.of(list.map((one) => [`${one.namespace}/${one.name}`, one])), live)
      seen = made.seen
      return made.events.map(({ reason, about }) => `${reason} ${about.name}`)
    })
  }
  const a = ingress('a')
  const rows: [fact: string, passes: (readonly [readonly Ingress[], boolean])[], expected: string[][]][] = [
    ['those that were there at the start are no news', [[[a], true]], [[]]],
    [
      'new and live in one pass',
      [
        [[], true],
        [[a], true],
      ],
      [[], ['Sync a', 'Live a']],
    ],
    [
      'live later',
      [
        [[], true],
        [[a], false],
        [[a], false],
        [[a], true],
      ],
      [[], ['Sync a'], [], ['Live a']],
    ],
    [
      'changed',
      [
        [[a], true],
        [[ingress('a', 'b.example.com')], true],
      ],
      [[], ['Sync a', 'Live a']],
    ],
    [
      'a status is no change',
      [
        [[a], true],
        [[ingress('a', 'a.example.com', 'uid-a', [{ ip: '192.0.2.1' }])], true],
      ],
      [[], []],
    ],
    [
      'gone before it was live',
      [
        [[], true],
        [[a], false],
        [[], true],
      ],
      [[], ['Sync a'], []],
    ],
    [
      'made again under its name',
      [
        [[a], true],
        [[ingress('a', 'a.example.com', 'other')], true],
      ],
      [[], ['Sync a', 'Live a']],
    ],
    [
      'without a uid (a file)',
      [
        [[], true],
        [[ingress('a', 'a.example.com', '')], true],
      ],
      [[], []],
    ],
  ]
  it.each(rows)('%s', (_fact, passes, expected) => {
    expect(tell(passes)).toEqual(expected)
  })
})

describe('section 20: ConfigMaps', () => {
  it('CM-7: CREATE at first sight, UPDATE when the data change', () => {
    const first = configMapEvents(undefined, [configMap('x')])
    expect(first.events).toMatchObject([{ reason: 'CREATE', repeat: 'once', message: 'ConfigMap ingress/main' }])
    const same = configMapEvents(first.seen, [configMap('x')])
    expect(same.events).toEqual([])
    const other = configMapEvents(same.seen, [configMap('y')])
    expect(other.events).toMatchObject([{ type: 'Normal', reason: 'UPDATE', repeat: 'count' }])
    const gone = configMapEvents(other.seen, [])
    expect(configMapEvents(gone.seen, [configMap('y')]).events).toMatchObject([{ reason: 'CREATE', repeat: 'count' }])
  })
})

const request: EventRequest = {
  about: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'front', uid: 'u' },
  type: 'Warning',
  reason: 'HostInvalid',
  message: 'It is wrong.',
  repeat: 'count',
  from: 'leader',
}

describe('the Event object', () => {
  it('section 20: comes from nginx-ingress-controller', () => {
    expect(eventObject(request, 'pod-1', Date.UTC(2026, 0, 31), 3)).toMatchObject({
      apiVersion: 'v1',
      metadata: { namespace: 'shop' },
      involvedObject: { kind: 'ConfigMap', name: 'front', namespace: 'shop', uid: 'u' },
      source: { component: 'nginx-ingress-controller' },
      reportingInstance: 'pod-1',
      firstTimestamp: '2026-01-31T00:00:00Z',
      lastTimestamp: '2026-01-31T00:00:00Z',
      count: 3,
    })
  })

  it('has a name that is a DNS name, and the same only for the same', () => {
    const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
    const names = [
      'a',
      'a.b-c',
      'x'.repeat(253),
      `${'x'.repeat(235)}.y${'z'.repeat(16)}`,
      `${'x'.repeat(235)}-yz${'z'.repeat(15)}`,
    ]
    for (const name of names) {
      const made = eventName({ ...request, about: { ...request.about, name } })
      expect(made.length).toBeLessThanOrEqual(253)
      expect(made).toMatch(subdomain)
    }
    expect(eventName(request)).toBe(eventName({ ...request, repeat: 'once' }))
    expect(eventName(request)).not.toBe(eventName({ ...request, message: 'Other.' }))
    expect(eventName(request)).not.toBe(eventName({ ...request, about: { ...request.about, uid: 'v' } }))
  })

  it('has a message of at most 1 kB of whole characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000, size: 'max' }), (text) => {
        const message = shorten(text)
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024)
        const kept = message === Buffer.from(text).toString() ? message : message.slice(0, -3)
        expect(Buffer.from(text).toString().startsWith(kept)).toBe(true)
      }),
    )
  })
})

describe('rate limits', () => {
  it('never more than the burst and the rate in any span', () => {
    const rule = { burst: 5, perSecond: 2 }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 200 }), (gaps) => {
        let bucket: Bucket | undefined
        let now = 0
        const taken: number[] = []
        for (const gap of gaps) {
          now += gap
          const left = takeToken(bucket, rule, now)
          expect(left !== undefined).toBe(untilToken(bucket, rule, now) === 0)
          if (left === undefined) continue
          bucket = left
          taken.push(now)
        }
        taken.forEach((from, first) =>
          taken.slice(first).forEach((to, count) => {
            expect(count + 1).toBeLessThanOrEqual(rule.burst + ((to - from) / 1000) * rule.perSecond + 1e-6)
          }),
        )
        if (bucket !== undefined) expect(isFull(bucket, rule, now + 10_000)).toBe(true)
      }),
    )
  })

  it('an object that changes all the time does not drown its warnings, nor other objects', () => {
    const queue = createEventQueue()
    for (let index = 0; index < 1000; index += 1)
      queue.offer({ ...request, type: 'Normal', message: `change ${index}` }, index)
    queue.offer(request, 1000)
    queue.offer({ ...request, type: 'Normal', about: { ...request.about, uid: 'other' } }, 1000)
    expect(queue.size()).toBeLessThan(30)
    expect(queue.dropped()).toBe(1002 - queue.size())
    expect(queue.next()?.request, 'a warning comes first').toBe(request)
  })

  it('the same that waits already is counted, not queued twice', () => {
    const queue = createEventQueue()
    for (let index = 0; index < 3; index += 1) queue.offer(request, 0)
    const first = queue.next()
    expect(first).toMatchObject({ times: 3 })
    expect(queue.next()).toBeUndefined()
    queue.offer(request, 0)
    if (first !== undefined) queue.putBack({ ...first, attempts: 1 })
    expect(queue.next()).toMatchObject({ times: 4, attempts: 1 })
  })

  it('is bounded', () => {
    const queue = createEventQueue()
    for (let index = 0; index < 6000; index += 1)
      queue.offer({ ...request, about: { ...request.about, uid: String(index) } }, 0)
    expect(queue.size()).toBe(5000)
    expect(queue.dropped()).toBe(1000)
  })
})
