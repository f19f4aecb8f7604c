import { expect, test } from 'vitest'
import type { Snapshot } from '../../src/snapshot/snapshot.js'
import type { ClusterSource } from '../../src/sources/cluster/index.js'
import { FakeApi, type FakeRequest } from './fake-api.js'
import { createFollowed, follow, ingress, ingressClass, namespaceObject, secret, service, slice } from './cluster.js'
import { startServer, until } from './server.js'

const hostsOf = ({ snapshot }: { snapshot: { ingresses: ReadonlyMap<string, unknown> } }): string =>
  [...snapshot.ingresses.keys()].sort().join()

function shop(): FakeApi {
  const api = new FakeApi()
  api.set('ingressclasses', ingressClass('nginx'))
  api.set('ingresses', ingress('shop', 'front', { secret: 'front-tls' }))
  api.set('services', service('shop', 'front'))
  api.set('endpointslices', slice('shop', 'front', ['10.0.0.1']))
  api.set('secrets', secret('shop', 'front-tls', 'one'))
  api.set('secrets', secret('shop', 'password', 'keep out'))
  api.set('configmaps', { metadata: { namespace: 'ingress-nginx', name: 'main' }, data: { hsts: 'false' } })
  api.set('configmaps', { metadata: { namespace: 'shop', name: 'other' }, data: {} })
  return api
}

/** Answers 403 to requests of which this is true. */
function forbid(api: FakeApi, which: (request: FakeRequest) => boolean): void {
  api.fault = (request) => (which(request) ? { kind: 'status', status: 403, reason: 'Forbidden' } : undefined)
}

const whatIsThere = ({ ingressClasses, configMaps, secrets, services }: Snapshot): string =>
  [ingressClasses, configMaps, secrets, services].map(({ size }) => size).join(' ')

test('when start resolves, everything that exists and is named has been read', async () => {
  const api = shop()
  const { source, changes } = await follow(api, { configMaps: ['ingress-nginx/main', 'ingress-nginx/absent', ''] })
  const { snapshot, problems, complete } = source.current()
  expect(problems).toEqual([])
  expect(complete).toBe(true)
  expect([...snapshot.ingresses.keys()]).toEqual(['shop/front'])
  expect([...snapshot.ingressClasses.keys()]).toEqual(['nginx'])
  expect([...snapshot.services.keys()]).toEqual(['shop/front'])
  expect(snapshot.endpointSlices.get('shop/front')?.[0]?.endpoints).toEqual([{ addresses: ['10.0.0.1'], ready: true }])
  expect([...snapshot.configMaps.keys()]).toEqual(['ingress-nginx/main'])
  expect(snapshot.secrets.get('shop/front-tls')?.data['tls.crt']?.toString()).toBe('one')
  expect(changes()).toBe(0)
  expect([...source.states().entries()].map(([name, { kind }]) => `${name} ${kind}`).sort()).toEqual([
    'configmaps watching',
    'endpointslices.discovery.k8s.io watching',
    'ingressclasses.networking.k8s.io watching',
    'ingresses.networking.k8s.io watching',
    'secrets watching',
    'services watching',
  ])
})

test('changes are followed; one that nobody reads is none, and objects keep their identity', async () => {
  const api = shop()
  const { source, become, changes } = await follow(api)
  const before = source.current().snapshot
  api.set('ingresses', ingress('shop', 'cart'))
  await become(({ snapshot }) => snapshot.ingresses.has('shop/cart'))
  api.set('endpointslices', slice('shop', 'front', ['10.0.0.2', '10.0.0.3']))
  await become(({ snapshot }) => snapshot.endpointSlices.get('shop/front')?.[0]?.endpoints.length === 2)
  const { snapshot } = source.current()
  expect(snapshot.ingresses.get('shop/front')).toBe(before.ingresses.get('shop/front'))
  expect(snapshot.services).toBe(before.services)

  const count = changes()
  const again = slice('shop', 'front', ['10.0.0.2', '10.0.0.3'])
  api.set('endpointslices', {
    ...again,
    metadata: { ...again.metadata, annotations: { seen: 'now' }, labels: { ...again.metadata.labels, other: 'x' } },
  })
  api.set('endpointslices', slice('shop', 'later', ['10.0.0.9']))
  await become((state) => state.snapshot.endpointSlices.has('shop/later'))
  expect(changes()).toBe(count + 1)
  api.delete('ingresses', 'front', 'shop')
  await become((state) => hostsOf(state) === 'shop/cart')
})

test('a burst is one change, or few; a lone change is not delayed by a timer', async () => {
  const api = shop()
  const { become, changes } = await follow(api)
  for (let number = 0; number < 500; number++) api.set('services', service('shop', `s${number}`))
  await become(({ snapshot }) => snapshot.services.size === 501)
  expect(changes()).toBeLessThan(250)
})

test('an object that does not parse keeps its last good version, and the problem goes with it', async () => {
  const api = shop()
  const { source, become } = await follow(api)
  const bad = ingress('shop', 'front')
  api.set('ingresses', { ...bad, spec: { rules: 'none' } })
  await become(({ problems }) => problems.length === 1)
  const { snapshot, problems } = source.current()
  expect(problems[0]).toMatchObject({
    code: 'object/invalid',
    about: { kind: 'Ingress', namespace: 'shop', name: 'front' },
    field: 'spec.rules',
  })
  expect(snapshot.ingresses.get('shop/front')?.rules[0]?.host).toBe('front.example.com')
  api.set('ingresses', ingress('shop', 'front', { host: 'new.example.com' }))
  await become((state) => state.problems.length === 0)
  expect(source.current().snapshot.ingresses.get('shop/front')?.rules[0]?.host).toBe('new.example.com')
  api.set('services', { ...service('shop', 'odd'), spec: { ports: 7 } })
  await become((state) => state.problems.length === 1)
  api.delete('services', 'odd', 'shop')
  await become((state) => state.problems.length === 0)
})

test('managedFields and the last applied configuration are not kept', async () => {
  const api = shop()
  api.set(
    'ingresses',
    ingress('shop', 'front', { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', own: 'x' } }),
  )
  const { source } = await follow(api)
  const found = source.current().snapshot.ingresses.get('shop/front')
  expect(found).toMatchObject({ annotations: { own: 'x' }, uid: 'uid-front', createdAt: Date.UTC(2026, 0, 31, 12) })
  expect(Object.keys(found?.annotations ?? {})).toEqual(['own'])
})

test('SEL-2: classes that may not be listed are no hindrance, and a warning says so until they may', async () => {
  const api = shop()
  forbid(api, ({ plural }) => plural === 'ingressclasses')
  const { source, become } = await follow(api)
  expect(source.current().snapshot.ingressClassesReadable).toBe(false)
  expect(source.current().complete).toBe(true)
  const [problem] = source.current().problems
  expect(problem).toMatchObject({ code: 'source/classes-unreadable', severity: 'warning' })
  expect(problem?.message).toContain('resources: ["ingressclasses"], verbs: ["list", "watch"]')
  api.fault = () => undefined
  await become(({ snapshot, problems }) => snapshot.ingressClassesReadable && problems.length === 0)
  expect(source.current().snapshot.ingressClasses.size).toBe(1)
  // Taken away later: what is known goes on to count.
  forbid(api, ({ plural }) => plural === 'ingressclasses')
  api.endWatches()
  await become(({ problems }) => problems.length === 1)
  expect(source.current().snapshot.ingressClassesReadable).toBe(true)
})

test.each(['ingressclasses', 'configmaps', 'secrets', 'services'])(
  'an API server that has not read its roles yet refuses %s for a moment: nothing is complete without them',
  async (refused) => {
    const api = shop()
    let refusals = 0
    api.fault = ({ plural }) => {
      if (plural !== refused || refusals >= 3) return undefined
      refusals += 1
      return { kind: 'status', status: 403, reason: 'Forbidden' }
    }
    const source: ClusterSource = (
      await follow(api, {
        configMaps: ['ingress-nginx/main'],
        denialMilliseconds: 30_000,
        onChange() {
          const { complete, snapshot } = source.current()
          if (complete) expect(whatIsThere(snapshot)).toBe('1 1 1 1')
        },
      })
    ).source
    expect(refusals).toBe(3)
    expect(source.current().complete).toBe(true)
    expect(source.current().snapshot.ingressClassesReadable).toBe(true)
    expect(whatIsThere(source.current().snapshot)).toBe('1 1 1 1')
  },
)

test('what was refused once, however long ago, is asked for again before it counts as what may not be read', async () => {
  const api = shop()
  let refusals = 0
  api.fault = ({ plural }) => {
    if (plural !== 'ingressclasses' || refusals > 0) return undefined
    refusals += 1
    return { kind: 'status', status: 403, reason: 'Forbidden' }
  }
  // The second attempt comes long after the time in which a refusal becomes the last word.
  const times = { backOffMilliseconds: [2_000, 2_000] as const }
  const { source } = await follow(api, { denialMilliseconds: 50, times })
  expect(refusals).toBe(1)
  expect(source.current()).toMatchObject({ complete: true, snapshot: { ingressClassesReadable: true } })
})

test('a ConfigMap that a flag names and that may not be read: nothing is complete, as what keeps somebody out may stand in it', async () => {
  const api = shop()
  forbid(api, ({ plural }) => plural === 'configmaps')
  const { source, become } = await follow(api, { configMaps: ['ingress-nginx/main'] })
  expect(source.current().complete).toBe(false)
  expect(source.current().problems).toMatchObject([
    { code: 'source/permission-missing', about: { kind: 'ConfigMap', namespace: 'ingress-nginx', name: 'main' } },
  ])
  api.fault = () => undefined
  await become(({ complete, problems }) => complete && problems.length === 0)
})

test('SEL-4: a class that is created after its Ingress is there at once', async () => {
  const api = shop()
  api.delete('ingressclasses', 'nginx')
  const { source, become } = await follow(api)
  expect(source.current().snapshot.ingressClasses.size).toBe(0)
  api.set('ingressclasses', ingressClass('nginx'))
  await become(({ snapshot }) => snapshot.ingressClasses.size === 1)
})

test('SEL-5: one namespace, and only that one is asked for', async () => {
  const api = shop()
  api.set('namespaces', namespaceObject('shop'))
  api.set('ingresses', ingress('other', 'back'))
  const { source } = await follow(api, { watchNamespace: 'shop', configMaps: ['ingress-nginx/main'] })
  expect(hostsOf(source.current())).toBe('shop/front')
  expect(source.current().snapshot.configMaps.size).toBe(1)
  expect(source.current().snapshot.secrets.size).toBe(1)
  const wide = api.requests.filter(({ namespace, kind }) => namespace === '' && kind !== 'get')
  expect(wide.map(({ plural }) => plural)).toEqual(['ingressclasses'])
})

test('SEL-5, FLG-2: a namespace that does not exist, both flags, and a bad selector are refused', async () => {
  const api = shop()
  const start = async (flags: object): Promise<string> => {
    const started = await (await createFollowed(api, flags)).source.start()
    return started.ok ? '' : started.message
  }
  expect(await start({ watchNamespace: 'none' })).toBe('--watch-namespace: there is no namespace none in the cluster')
  expect(await start({ watchNamespace: 'a', watchNamespaceSelector: 'b' })).toMatch(/exclude each other/)
  expect(await start({ watchNamespaceSelector: 'a in b' })).toMatch(/^--watch-namespace-selector: "a in b" is no/)
})

test('SEL-5: a selector of namespaces is followed at once when they are labelled, made and deleted', async () => {
  const api = shop()
  api.set('namespaces', namespaceObject('shop', { team: 'a' }))
  api.set('namespaces', namespaceObject('other', { team: 'b' }))
  api.set('ingresses', ingress('other', 'back', { secret: 'back-tls' }))
  api.set('secrets', secret('other', 'back-tls', 'back'))
  const { source, become } = await follow(api, { watchNamespaceSelector: 'team in (a)' })
  expect(hostsOf(source.current())).toBe('shop/front')
  expect([...source.current().snapshot.secrets.keys()]).toEqual(['shop/front-tls'])
  api.set('namespaces', namespaceObject('other', { team: 'a' }))
  await become((state) => hostsOf(state) === 'other/back,shop/front')
  await become(({ snapshot }) => snapshot.secrets.has('other/back-tls'))
  api.set('namespaces', namespaceObject('shop', { team: 'c' }))
  await become((state) => hostsOf(state) === 'other/back')
  expect([...source.current().snapshot.secrets.keys()]).toEqual(['other/back-tls'])
  // What changes in a namespace that does not count is remembered.
  api.set('ingresses', ingress('shop', 'later'))
  api.delete('ingresses', 'front', 'shop')
  api.set('namespaces', namespaceObject('shop', { team: 'a' }))
  await become((state) => hostsOf(state) === 'other/back,shop/later')
  api.delete('namespaces', 'other')
  await become((state) => hostsOf(state) === 'shop/later')
})

test('SVC-6: names of ExternalName Services are resolved before start resolves, and later ones too', async () => {
  const api = shop()
  api.set('services', service('shop', 'away', { type: 'ExternalName', externalName: 'a.example.com' }))
  const { source, become } = await follow(api, {
    lookup: async (name, type) =>
      type === 'A' ? { kind: 'found', addresses: [`192.0.2.${name.length}`], ttlSeconds: 60 } : { kind: 'none' },
  })
  expect([...source.current().snapshot.resolved]).toEqual([['a.example.com', ['192.0.2.13']]])
  api.set('services', service('shop', 'away', { type: 'ExternalName', externalName: 'bb.example.com' }))
  await become(({ snapshot }) => [...snapshot.resolved.keys()].join() === 'bb.example.com')
})

test('an API server that does not answer: start gives up waiting, the state is not complete, and all comes by itself', async () => {
  const api = shop()
  api.fault = () => ({ kind: 'reset' })
  const { source, become } = await follow(api, { patienceMilliseconds: 300 })
  const { snapshot, problems, complete } = source.current()
  expect([complete, snapshot.ingresses.size]).toEqual([false, 0])
  expect(problems.map(({ code }) => code)).toEqual(['source/unreachable'])
  expect(problems[0]?.message).toMatch(/^No success since 20.*Z with endpointslices.discovery.k8s.io, ingressclasses/)
  api.fault = () => undefined
  await become((state) => state.complete && state.problems.length === 0 && state.snapshot.secrets.size === 1)
})

test('a permission that is missing is a problem with its rule; the others are served, and it comes back by itself', async () => {
  const api = shop()
  forbid(api, ({ plural }) => plural === 'services')
  const { source, become } = await follow(api)
  expect(source.current().complete).toBe(false)
  expect(source.current().problems).toMatchObject([
    { code: 'source/permission-missing', about: { kind: 'Service', namespace: '', name: '*' } },
  ])
  expect(source.current().problems[0]?.message).toContain(
    'Add to a ClusterRole of the service account: - {apiGroups: [""], resources: ["services"], verbs: ["list", "watch"]}',
  )
  expect(hostsOf(source.current())).toBe('shop/front')
  api.fault = () => undefined
  await become(({ problems, complete }) => problems.length === 0 && complete)
})

test('the API server goes away and comes back on the same port: nothing is lost, and what changed meanwhile is there', async () => {
  const api = shop()
  const { source, become, server } = await follow(api)
  const before = source.current().snapshot
  await server.stop()
  await until(() => [...source.states().values()].every(({ kind }) => kind === 'failing'))
  expect(source.current().snapshot).toBe(before)
  api.set('ingresses', ingress('shop', 'cart'))
  api.delete('services', 'front', 'shop')
  api.compact()
  await startServer(api.handler, undefined, server.port)
  await become((state) => hostsOf(state) === 'shop/cart,shop/front' && state.snapshot.services.size === 0)
  await become(({ problems }) => problems.length === 0)
})

test('stop leaves nothing open, and says nothing any more', async () => {
  const api = shop()
  const followed = await follow(api, { configMaps: ['ingress-nginx/main'] })
  await followed.stop()
  await until(() => followed.server.connections().open === 0)
  const count = followed.changes()
  api.set('ingresses', ingress('shop', 'late'))
  expect(followed.changes()).toBe(count)
  expect([...followed.source.states().values()].every(({ kind }) => kind === 'stopped')).toBe(true)
})
