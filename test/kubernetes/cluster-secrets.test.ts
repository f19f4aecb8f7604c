import { expect, test } from 'vitest'
import type { ClusterState, SecretsMode } from '../../src/sources/cluster/index.js'
import { FakeApi, type FakeRequest } from './fake-api.js'
import { isOurs } from '../../src/translate/select.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { follow, ingress, ingressClass, namespaceObject, secret, service, slice } from './cluster.js'
import { until } from './server.js'

function shop(): FakeApi {
  const api = new FakeApi()
  api.set('ingresses', ingress('shop', 'front', { secret: 'front-tls' }))
  api.set('secrets', secret('shop', 'front-tls', 'one'))
  api.set('secrets', secret('shop', 'password', 'keep out'))
  api.set('secrets', secret('flags', 'default', 'from a flag'))
  api.set('secrets', secret('shop', 'release', 'helm', 'helm.sh/release.v1'))
  return api
}

const textOf = ({ snapshot }: ClusterState, key: string): string | undefined =>
  snapshot.secrets.get(key)?.data['tls.crt']?.toString()
const keysOf = ({ snapshot }: ClusterState): string => [...snapshot.secrets.keys()].sort().join()

const isListing = ({ plural, kind, query }: FakeRequest): boolean =>
  plural === 'secrets' && kind !== 'get' && nameAsked(query) === undefined

/** The Secret that a list or watch of one asks for. */
function nameAsked(query: URLSearchParams): string | undefined {
  return /^metadata\.name=([^,]*)/.exec(query.get('fieldSelector') ?? '')?.[1]
}

/** Fails when the content of one Secret is read. */
function failReads(api: FakeApi, status: number): void {
  api.fault = ({ kind, query }) =>
    kind === 'list' && nameAsked(query) !== undefined ? { kind: 'status', status } : undefined
}

test.each<SecretsMode>(['all', 'named', 'auto'])(
  'CERT-8, --secrets=%s: needed Secrets are read, changed, added and deleted; no other is ever read',
  async (secrets) => {
    const api = shop()
    // Its content is in no answer.
    const answered = (): boolean =>
      api.requests.some(
        ({ plural, accept, query }) =>
          plural === 'secrets' &&
          !accept.includes('PartialObjectMetadata') &&
          !['front-tls', 'default', 'cart-tls'].includes(nameAsked(query) ?? ''),
      )
    const { source, become } = await follow(api, { secrets, flagSecrets: ['flags/default', ''] })
    expect(keysOf(source.current())).toBe('flags/default,shop/front-tls')
    expect(textOf(source.current(), 'shop/front-tls')).toBe('one')
    api.set('secrets', secret('shop', 'front-tls', 'two'))
    await become((state) => textOf(state, 'shop/front-tls') === 'two')
    // Named before it exists, and named when it exists already.
    api.set('ingresses', ingress('shop', 'cart', { secret: 'cart-tls' }))
    await become(({ snapshot }) => snapshot.ingresses.has('shop/cart'))
    api.set('secrets', secret('shop', 'cart-tls', 'cart'))
    await become((state) => textOf(state, 'shop/cart-tls') === 'cart')
    api.set('ingresses', ingress('shop', 'cart'))
    await become((state) => keysOf(state) === 'flags/default,shop/front-tls')
    api.set('ingresses', ingress('shop', 'cart', { secret: 'cart-tls' }))
    await become((state) => textOf(state, 'shop/cart-tls') === 'cart')
    // Two owners: the Secret stays until both are gone.
    api.set('ingresses', ingress('shop', 'third', { secret: 'cart-tls' }))
    await become(({ snapshot }) => snapshot.ingresses.has('shop/third'))
    api.delete('ingresses', 'cart', 'shop')
    await become(({ snapshot }) => !snapshot.ingresses.has('shop/cart'))
    expect(textOf(source.current(), 'shop/cart-tls')).toBe('cart')
    api.delete('secrets', 'front-tls', 'shop')
    await become((state) => keysOf(state) === 'flags/default,shop/cart-tls')
    api.set('secrets', secret('shop', 'front-tls', 'again'))
    await become((state) => textOf(state, 'shop/front-tls') === 'again')
    expect(source.current().problems).toEqual([])
    expect(answered()).toBe(false)
  },
)

test.each<SecretsMode>(['all', 'named', 'auto'])(
  'SEL-1, --secrets=%s: Secrets of Ingresses whose class is not ours are never read, until the class is',
  async (secrets) => {
    const api = shop()
    const options = { ...defaultTranslateOptions, controllerClass: 'k8s.io/ingress-nginx' }
    api.set('ingressclasses', { metadata: { name: 'nginx' }, spec: { controller: 'example.com/other' } })
    const { source, become } = await follow(api, {
      secrets,
      isServed: (one, classes) => isOurs(one, classes, options),
    })
    expect(source.current().complete).toBe(true)
    expect(keysOf(source.current())).toBe('')
    expect(api.requests.filter(({ query }) => nameAsked(query) === 'front-tls')).toEqual([])
    api.set('ingressclasses', ingressClass('nginx'))
    await become((state) => textOf(state, 'shop/front-tls') === 'one')
    api.delete('ingressclasses', 'nginx')
    await become((state) => keysOf(state) === '')
    api.set('ingressclasses', ingressClass('nginx'))
    await become((state) => textOf(state, 'shop/front-tls') === 'one')
    // Without a class that can be judged, the annotation counts, and there is none.
    api.fault = ({ plural }) =>
      plural === 'ingressclasses' ? { kind: 'status', status: 403, reason: 'Forbidden' } : undefined
    const blind = await follow(api, { secrets, isServed: (one, classes) => isOurs(one, classes, options) })
    expect(blind.source.current().snapshot.ingressClassesReadable).toBe(false)
    expect(keysOf(blind.source.current())).toBe('')
    const bold = { ...options, watchIngressWithoutClass: true }
    const taken = await follow(api, { secrets, isServed: (one, classes) => isOurs(one, classes, bold) })
    expect(textOf(taken.source.current(), 'shop/front-tls')).toBe('one')
  },
)

test.each<SecretsMode>(['all', 'named', 'auto'])(
  'SEL-5, --secrets=%s: with one namespace, what flags name elsewhere is read by its name, and nothing else of there',
  async (secrets) => {
    const api = shop()
    api.set('namespaces', namespaceObject('shop'))
    api.set('services', service('flags', 'fallback'))
    api.set('services', service('flags', 'another'))
    api.set('endpointslices', slice('flags', 'fallback', ['10.0.0.1']))
    api.set('endpointslices', slice('flags', 'another', ['10.0.0.2']))
    api.set('secrets', secret('flags', 'another', 'not named'))
    api.set('configmaps', { metadata: { namespace: 'flags', name: 'main' }, data: { hsts: 'false' } })
    const flags = { configMaps: ['flags/main'], flagServices: ['flags/fallback', ''], flagSecrets: ['flags/default'] }
    const { source, become } = await follow(api, { secrets, watchNamespace: 'shop', ...flags })
    const { snapshot, complete, problems } = source.current()
    expect({ complete, problems }).toEqual({ complete: true, problems: [] })
    expect(keysOf(source.current())).toBe('flags/default,shop/front-tls')
    expect([...snapshot.services.keys()]).toEqual(['flags/fallback'])
    expect([...snapshot.endpointSlices.keys()]).toEqual(['flags/fallback'])
    expect([...snapshot.configMaps.keys()]).toEqual(['flags/main'])
    api.set('secrets', secret('flags', 'default', 'changed'))
    await become((state) => textOf(state, 'flags/default') === 'changed')
    api.delete('endpointslices', 'fallback-1', 'flags')
    await become((state) => !state.snapshot.endpointSlices.has('flags/fallback'))
  },
)

test('SEL-5: what flags name elsewhere and may not be read is a problem, and the namespace is served without', async () => {
  const api = shop()
  api.set('namespaces', namespaceObject('shop'))
  api.fault = ({ namespace }) =>
    namespace === 'flags' ? { kind: 'status', status: 403, reason: 'Forbidden' } : undefined
  const flags = { flagServices: ['flags/fallback'], flagSecrets: ['flags/default'] }
  const { source } = await follow(api, { watchNamespace: 'shop', ...flags })
  expect(source.current().complete).toBe(true)
  expect(keysOf(source.current())).toBe('shop/front-tls')
  expect(
    source
      .current()
      .problems.map(({ about }) => `${about.kind} ${about.namespace}/${about.name}`)
      .sort(),
  ).toEqual(['EndpointSlice flags/*', 'Secret flags/default', 'Service flags/fallback'])
})

test('SEL-8: releases of Helm are not even listed', async () => {
  const api = shop()
  await follow(api, { secrets: 'all' })
  const [request] = api.requests.filter(isListing)
  expect(request?.query.get('fieldSelector')).toBe('type!=helm.sh/release.v1')
})

test('a Secret that does not exist keeps nobody waiting', async () => {
  const api = shop()
  api.delete('secrets', 'front-tls', 'shop')
  for (const secrets of ['all', 'named'] as const) {
    const { source } = await follow(api, { secrets })
    expect(source.current()).toMatchObject({ complete: true, problems: [] })
  }
})

test('--secrets=auto: where listing is forbidden each needed one is watched; when it is allowed, that ends', async () => {
  const api = shop()
  const forbidListing = (request: FakeRequest) =>
    isListing(request) ? ({ kind: 'status', status: 403, reason: 'Forbidden' } as const) : undefined
  api.fault = forbidListing
  const { source, become } = await follow(api)
  expect(textOf(source.current(), 'shop/front-tls')).toBe('one')
  expect(source.current().problems).toEqual([])
  api.set('secrets', secret('shop', 'front-tls', 'two'))
  await become((state) => textOf(state, 'shop/front-tls') === 'two')
  const watched = (): number =>
    api.openWatches(
      ({ plural, query }) => plural === 'secrets' && (query.get('fieldSelector') ?? '').startsWith('metadata.name='),
    )
  expect(watched()).toBe(1)
  api.fault = () => undefined
  await until(() => watched() === 0)
  api.set('secrets', secret('shop', 'front-tls', 'three'))
  await become((state) => textOf(state, 'shop/front-tls') === 'three')
  // And back again.
  api.fault = forbidListing
  api.endWatches()
  await until(() => watched() === 1)
  expect(textOf(source.current(), 'shop/front-tls')).toBe('three')
  api.set('secrets', secret('shop', 'front-tls', 'four'))
  await become((state) => textOf(state, 'shop/front-tls') === 'four')
})

test('Secrets are forbidden altogether: one rule names those that are needed, the rest is served, and it comes back', async () => {
  const api = shop()
  api.set('ingresses', ingress('shop', 'cart', { secret: 'cart-tls' }))
  api.fault = ({ plural }) => (plural === 'secrets' ? { kind: 'status', status: 403, reason: 'Forbidden' } : undefined)
  const { source, become } = await follow(api)
  expect(source.current().snapshot.ingresses.size).toBe(2)
  expect(source.current().problems).toMatchObject([
    { code: 'source/permission-missing', about: { kind: 'Secret', namespace: 'shop', name: '*' } },
  ])
  expect(source.current().problems[0]?.message).toContain(
    'Add to a Role in namespace shop of the service account: - {apiGroups: [""], resources: ["secrets"], resourceNames: ["cart-tls", "front-tls"], verbs: ["list", "watch"]}',
  )
  api.fault = () => undefined
  await become((state) => textOf(state, 'shop/front-tls') === 'one' && state.problems.length === 0)
  // Taken away while it runs: what was read stays.
  api.fault = ({ plural }) => (plural === 'secrets' ? { kind: 'status', status: 403, reason: 'Forbidden' } : undefined)
  api.endWatches()
  await become(({ problems }) => problems.length === 1)
  expect(textOf(source.current(), 'shop/front-tls')).toBe('one')
})

test('a Secret whose content cannot be got is a problem, is tried again, and keeps its last good version', async () => {
  const api = shop()
  const { source, become } = await follow(api, { secrets: 'all' })
  failReads(api, 500)
  api.set('secrets', secret('shop', 'front-tls', 'two'))
  await become(({ problems }) => problems.length === 1)
  expect(source.current().problems[0]).toMatchObject({
    code: 'source/unreachable',
    about: { kind: 'Secret', name: 'front-tls' },
  })
  expect(textOf(source.current(), 'shop/front-tls')).toBe('one')
  failReads(api, 403)
  await become(({ problems }) => problems[0]?.code === 'source/permission-missing')
  expect(source.current().problems[0]?.message).toContain('resourceNames: ["front-tls"], verbs: ["list"]')
  api.fault = () => undefined
  await become((state) => textOf(state, 'shop/front-tls') === 'two' && state.problems.length === 0)
})

test('a Secret whose content was refused once, however long ago, is asked for again before it is gone on without', async () => {
  const api = shop()
  let refusals = 0
  api.fault = ({ kind, query }) => {
    if (kind !== 'list' || nameAsked(query) === undefined || refusals > 0) return undefined
    refusals += 1
    return { kind: 'status', status: 403, reason: 'Forbidden' }
  }
  // Long over when it is asked for again.
  const { source } = await follow(api, { secrets: 'all', denialMilliseconds: 1 })
  expect(refusals).toBe(1)
  expect(source.current()).toMatchObject({ complete: true, problems: [] })
  expect(textOf(source.current(), 'shop/front-tls')).toBe('one')
})

test('a Secret whose content is refused again and again is gone on without, and is a problem', async () => {
  const api = shop()
  failReads(api, 403)
  const { source } = await follow(api, { secrets: 'all' })
  expect(source.current()).toMatchObject({ complete: true, problems: [{ code: 'source/permission-missing' }] })
  expect(keysOf(source.current())).toBe('')
  const asked = api.requests.filter(({ query }) => nameAsked(query) === 'front-tls')
  expect(asked.length).toBeGreaterThan(1)
})

test('a thousand Secrets are got a few at a time, and not over a connection each', async () => {
  const api = new FakeApi()
  for (let number = 0; number < 1_000; number++) {
    api.set('ingresses', ingress('shop', `i${number}`, { secret: `s${number}` }))
    api.set('secrets', secret('shop', `s${number}`, String(number)))
  }
  const { source, server } = await follow(api, { secrets: 'all' })
  expect(source.current().snapshot.secrets.size).toBe(1_000)
  // A connection per Secret would be a thousand; a slow machine opens some of them anew.
  expect(server.connections().opened).toBeLessThan(300)
})
