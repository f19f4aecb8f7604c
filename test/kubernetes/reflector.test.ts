import { expect, test } from 'vitest'
import { printRule } from '../../src/kubernetes/permission.js'
import { FakeApi, type Fault } from './fake-api.js'
import { ingresses, mirror, object, quick, recordingClock, STALL } from './mirror.js'
import { until } from './server.js'

function filled(count = 3): FakeApi {
  const api = new FakeApi()
  for (let number = 0; number < count; number++) api.set('ingresses', object(`i${number}`, 'first'))
  return api
}

/** The fault for the next `times` requests of these kinds. */
function failNext(api: FakeApi, fault: Fault, kinds: readonly string[], times = 1): void {
  let left = times
  api.fault = (request) => (kinds.includes(request.kind) && left-- > 0 ? fault : undefined)
}

const kindsOf = (api: FakeApi): string[] => api.requests.map(({ kind }) => kind)

test('a streaming list, then its watch: objects are added, changed and deleted', async () => {
  const api = filled()
  const seen = await mirror(api)
  await seen.converge()
  expect(seen.syncs).toBe(1)
  api.set('ingresses', object('i1', 'second'))
  api.set('ingresses', object('new', 'é'))
  api.delete('ingresses', 'i0', 'shop')
  await seen.converge()
  expect(seen.deleted).toEqual(['shop/i0'])
  expect(kindsOf(api)).toEqual(['streaming-list'])
  expect(seen.states.map(({ kind }) => kind)).toEqual(['watching'])
  const [request] = api.requests
  expect(Object.fromEntries(request?.query ?? [])).toMatchObject({
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: 'true',
  })
  const seconds = Number(request?.query.get('timeoutSeconds'))
  expect(seconds >= 300 && seconds <= 600).toBe(true)
})

test.each(['refused', 'ignored'] as const)('streaming lists that are %s give way to pages, for good', async (how) => {
  const api = filled(1_234)
  api.streaming = how
  const seen = await mirror(api)
  await seen.converge()
  expect(kindsOf(api).slice(0, 4)).toEqual(['streaming-list', 'list', 'list', 'list'])
  api.set('ingresses', object('new'))
  await seen.converge()
  api.compact()
  api.set('ingresses', object('newer'))
  api.compact()
  api.endWatches()
  failNext(api, { kind: 'status', status: 410, reason: 'Expired' }, ['watch'])
  await until(() => seen.syncs === 2)
  await seen.converge()
  expect(kindsOf(api).filter((kind) => kind === 'streaming-list')).toHaveLength(1)
  expect(seen.deleted).toEqual([])
})

test('the pages of a list expire: the next list is in one piece', async () => {
  const api = filled(30)
  api.streaming = 'refused'
  api.pageLimit = 10
  api.fault = (request) => {
    if (request.kind === 'list' && api.requests.filter(({ kind }) => kind === 'list').length === 2) api.compact()
    return undefined
  }
  const seen = await mirror(api)
  await seen.converge()
  const lists = api.requests.filter(({ kind }) => kind === 'list')
  expect(lists.map(({ query }) => query.get('limit'))).toEqual(['500', '500', null])
})

const watchFaults: [fact: string, fault: Fault, state: string][] = [
  ['the server closes in good order', { kind: 'watch-ends', after: 1, how: 'end' }, 'watching'],
  ['the connection is reset', { kind: 'watch-ends', after: 1, how: 'reset' }, 'unreachable'],
  ['a line is cut in half', { kind: 'watch-ends', after: 1, how: 'half-line' }, 'watching'],
  ['the server stops writing', { kind: 'watch-ends', after: 1, how: 'silent' }, 'watching'],
  [
    'an ERROR event 410, then the end',
    { kind: 'error-event', after: 1, code: 410, reason: 'Expired', afterwards: 'end' },
    'refused',
  ],
  [
    'an ERROR event 410, and no end',
    { kind: 'error-event', after: 1, code: 410, reason: 'Expired', afterwards: 'stay' },
    'refused',
  ],
  [
    'an ERROR event 500',
    { kind: 'error-event', after: 1, code: 500, reason: 'InternalError', afterwards: 'stay' },
    'refused',
  ],
  ['the watch is answered 410', { kind: 'status', status: 410, reason: 'Gone' }, 'refused'],
  ['the watch is answered 500', { kind: 'status', status: 500 }, 'refused'],
  ['the watch is answered 429', { kind: 'status', status: 429, headers: { 'retry-after': '1' } }, 'refused'],
  ['credentials fail on reconnect', { kind: 'status', status: 401 }, 'unauthorized'],
  ['the permission is missing', { kind: 'status', status: 403 }, 'forbidden'],
  ['the connection is reset before an answer', { kind: 'reset' }, 'unreachable'],
  ['no answer comes', { kind: 'no-answer' }, 'unreachable'],
  ['the answer is something else', { kind: 'nonsense' }, 'watching'],
]
test.each(watchFaults)('the watch goes on without a gap: %s', async (_fact, fault, state) => {
  const api = filled()
  const seen = await mirror(api)
  await seen.converge()
  failNext(api, fault, ['watch'], 2)
  api.endWatches()
  await until(() => api.requests.length > 1)
  api.set('ingresses', object('i0', 'second'))
  api.set('ingresses', object('i1', 'second'))
  await seen.converge()
  api.set('ingresses', object('i2', 'third'))
  await seen.converge()
  await until(() => seen.reflector.state.kind === 'watching')
  expect(seen.deleted).toEqual([])
  expect(seen.faults).toEqual([])
  const causes = seen.states.map((told) => (told.kind === 'failing' ? told.cause.kind : told.kind))
  expect(causes).toContain(state)
})

const listFaults: [fact: string, fault: Fault][] = [
  ['500', { kind: 'status', status: 500 }],
  ['503 with Retry-After', { kind: 'status', status: 503, headers: { 'retry-after': '0' } }],
  ['401', { kind: 'status', status: 401 }],
  ['403', { kind: 'status', status: 403 }],
  ['404', { kind: 'status', status: 404 }],
  ['a reset', { kind: 'reset' }],
  ['no answer', { kind: 'no-answer' }],
  ['something that is no list', { kind: 'nonsense' }],
  ['a streaming list that ends half way', { kind: 'watch-ends', after: 1, how: 'end' }],
  ['a streaming list that is reset half way', { kind: 'watch-ends', after: 1, how: 'reset' }],
  ['a streaming list that falls silent half way', { kind: 'watch-ends', after: 1, how: 'silent' }],
  ['an ERROR event in a streaming list', { kind: 'error-event', after: 1, code: 500, reason: '', afterwards: 'stay' }],
]
test.each(listFaults)('a new list fails and objects stay, until it is complete: %s', async (_fact, fault) => {
  const api = filled(6)
  const seen = await mirror(api)
  await seen.converge()
  let left = 3
  api.fault = (request) => {
    if (request.kind === 'watch') return { kind: 'status', status: 410, reason: 'Expired' }
    return left-- > 0 ? fault : undefined
  }
  // Unseen by the watch: the last list has to find it.
  api.endWatches()
  api.delete('ingresses', 'i5', 'shop')
  api.set('ingresses', object('new'))
  await until(() => seen.syncs > 1)
  await seen.converge()
  expect(seen.deleted).toEqual(['shop/i5'])
})

test('410 again and again: lists are made at longer and longer intervals, and the objects of before stay', async () => {
  const api = filled()
  const { clock, random, waits } = recordingClock()
  const seen = await mirror(api, { clock, random, times: { ...quick, backOffMilliseconds: [2, 128] } })
  await seen.converge()
  api.fault = (request) =>
    request.kind === 'watch'
      ? { kind: 'status', status: 410, reason: 'Expired' }
      : { kind: 'error-event', after: 4, code: 410, reason: 'Expired', afterwards: 'end' }
  api.endWatches()
  await until(() => api.requests.length >= 11)
  // The first ones are made at once: the end of the watch, and its answer 410.
  expect(waits().slice(0, 8)).toEqual([4, 8, 16, 32, 64, 128, 128, 128])
  expect(seen.deleted).toEqual([])
  api.fault = () => undefined
  api.set('ingresses', object('i0', 'after'))
  await seen.converge()
  // A success makes the next wait short again.
  api.set('ingresses', object('i1', 'after'))
  await seen.converge()
  const before = waits().length
  api.fault = (request) => (request.kind === 'watch' ? { kind: 'status', status: 500 } : undefined)
  api.endWatches()
  await until(() => waits().length > before)
  expect(waits()[before]).toBeLessThanOrEqual(4)
})

test('a server that closes every watch at once is not asked in a circle', async () => {
  const api = filled()
  const { clock, random, waits } = recordingClock()
  const seen = await mirror(api, { clock, random, times: { ...quick, backOffMilliseconds: [2, 128] } })
  await seen.converge()
  api.fault = (request) => (request.kind === 'watch' ? { kind: 'watch-ends', after: 0, how: 'end' } : undefined)
  api.endWatches()
  await until(() => waits().length >= 5)
  expect(waits().slice(0, 5)).toEqual([4, 8, 16, 32, 64])
})

test('Retry-After is obeyed', async () => {
  const { clock, random, waits } = recordingClock(700)
  const api = filled()
  failNext(api, { kind: 'status', status: 429, headers: { 'retry-after': '7' } }, ['streaming-list'])
  const seen = await mirror(api, { clock, random })
  await seen.converge()
  expect(waits()).toEqual([7_000])
})

test('a missing permission is a value from which a rule can be printed, and its return is noticed', async () => {
  const api = filled()
  api.fault = () => ({ kind: 'status', status: 403, reason: 'Forbidden' })
  const resource = { ...ingresses, namespace: 'shop', fieldSelector: 'metadata.name=i0' }
  const seen = await mirror(api, { resource })
  await until(() => seen.reflector.state.kind === 'failing')
  const { state } = seen.reflector
  if (state.kind !== 'failing' || state.cause.kind !== 'forbidden') throw new Error(state.kind)
  expect(state.cause.permission).toMatchObject({ namespace: 'shop', verbs: ['list', 'watch'], names: ['i0'] })
  expect(printRule(state.cause.permission)).toBe(
    '- {apiGroups: ["networking.k8s.io"], resources: ["ingresses"], resourceNames: ["i0"], verbs: ["list", "watch"]}',
  )
  const { since } = state
  await until(() => seen.states.length > 3)
  expect(seen.states.every((told) => told.since === since)).toBe(true)
  api.fault = () => undefined
  await until(() => seen.objects.size === 1)
  expect([...seen.objects.keys()]).toEqual(['shop/i0'])
})

test('a handler or a projection that throws is reported and hurts its own object only, until the next list', async () => {
  const api = filled()
  let broken = true
  const seen = await mirror(api, {
    project: (raw) => {
      const made = raw as ReturnType<typeof object> // the fake server made it
      if (broken && made.metadata.name === 'i0') throw new Error('cannot read it')
      return made
    },
    handler: {
      onSet(_, __, name) {
        if (broken && name === 'i1') throw new Error('cannot take it')
      },
      onDelete: () => undefined,
      onFault: () => undefined,
      onSynced: () => undefined,
      onState: () => undefined,
    },
  })
  await until(() => seen.syncs === 1)
  expect([...seen.objects.keys()]).toEqual(['shop/i2'])
  expect(seen.faults.sort()).toEqual(['taking shop/i0: cannot read it', 'taking shop/i1: cannot take it'])
  broken = false
  failNext(api, { kind: 'status', status: 410 }, ['watch'])
  api.endWatches()
  await seen.converge()
})

test('an object whose projection is undefined is as good as absent', async () => {
  const api = filled()
  const seen = await mirror(api, {
    project: (raw) => {
      const made = raw as ReturnType<typeof object> // the fake server made it
      return made['value'] === 'hidden' ? undefined : made
    },
  })
  await seen.converge()
  api.set('ingresses', object('i0', 'hidden'))
  api.set('ingresses', object('i9', 'hidden'))
  await until(() => seen.deleted.length > 0)
  expect(seen.deleted).toEqual(['shop/i0'])
  expect(seen.objects.size).toBe(2)
})

test('bookmarks keep a quiet watch alive, and a watch goes on from the last one after a compaction', async () => {
  const api = filled()
  const { clock, random, stalls } = recordingClock()
  const seen = await mirror(api, { clock, random, times: { ...quick, stallMilliseconds: STALL } })
  await seen.converge()
  // Each bookmark winds the stall timer up anew.
  for (let count = 0; count < 3; count++) {
    const before = stalls()
    api.bookmark()
    await until(() => stalls() > before)
  }
  expect(kindsOf(api)).toEqual(['streaming-list'])
  api.set('services', object('other'))
  api.bookmark()
  const sets = seen.sets
  await until(() => api.watchers === 1)
  api.compact()
  // The bookmark is behind this change on the same connection.
  api.set('ingresses', object('i0', 'second'))
  await seen.converge()
  api.endWatches()
  await until(() => api.watchers === 1)
  expect(kindsOf(api)).toEqual(['streaming-list', 'watch'])
  expect(seen.sets).toBe(sets + 1)
})

test('a new list hands on only what differs, and deletes what is gone', async () => {
  const api = filled(50)
  const seen = await mirror(api)
  await seen.converge()
  expect(seen.sets).toBe(50)
  // While nobody listens.
  api.fault = (request) => (request.kind === 'watch' ? { kind: 'status', status: 410 } : undefined)
  api.endWatches()
  api.delete('ingresses', 'i1', 'shop')
  api.delete('ingresses', 'i2', 'shop')
  api.set('ingresses', object('i2', 'again'))
  await until(() => seen.syncs === 2)
  await seen.converge()
  expect(seen.deleted).toEqual(['shop/i1'])
  expect(seen.sets).toBe(51)
})

test.each([1, 3, 7, 1_000])('chunks of %i bytes, cut through characters and lines', async (chunkBytes) => {
  const api = new FakeApi()
  api.chunkBytes = chunkBytes
  for (let number = 0; number < 20; number++) api.set('ingresses', object(`i${number}`, 'Größe 漢字 🦊'))
  const seen = await mirror(api)
  await seen.converge()
  for (let number = 0; number < 20; number++) api.set('ingresses', object(`i${number}`, `🦊 ${number} ñ`))
  await seen.converge()
})

test('lines of a megabyte, and ten thousand objects', async () => {
  const api = new FakeApi()
  api.chunkBytes = 16_384
  for (let number = 0; number < 10_000; number++) api.set('ingresses', object(`i${number}`))
  for (let number = 0; number < 5; number++) api.set('ingresses', object(`long${number}`, 'ß'.repeat(500_000)))
  const seen = await mirror(api, { times: { ...quick, listStallMilliseconds: 20_000 } })
  await seen.converge()
  api.set('ingresses', object('long0', 'ß'.repeat(600_000)))
  await seen.converge()
  expect(seen.syncs).toBe(1)
})

const stops: [fact: string, fault: Fault | undefined][] = [
  ['while it watches', undefined],
  ['while it waits to try again', { kind: 'status', status: 500 }],
  ['while it waits for an answer', { kind: 'no-answer' }],
  ['while a streaming list is half way', { kind: 'watch-ends', after: 1, how: 'silent' }],
]
test.each(stops)('stop leaves nothing open: %s', async (_fact, fault) => {
  const api = filled()
  api.fault = () => fault
  const seen = await mirror(api, {
    times: { ...quick, backOffMilliseconds: [60_000, 60_000], listStallMilliseconds: 60_000 },
  })
  await until(() => (fault === undefined ? seen.syncs === 1 : api.requests.length === 1))
  if (fault?.kind === 'status') await until(() => seen.reflector.state.kind === 'failing')
  await seen.reflector.stop()
  expect(seen.reflector.state.kind).toBe('stopped')
  const { sets } = seen
  await seen.stop()
  await until(() => seen.server.connections().open === 0, seen.server.connections)
  api.set('ingresses', object('after'))
  expect(seen.sets).toBe(sets)
  expect(api.requests).toHaveLength(1)
})
