import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import { defaultTranslateOptions, type TranslateOptions } from './options.js'
import { translate, type Translation } from './translate.js'

const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0 }

const ingressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'nginx' },
  spec: { controller: 'k8s.io/ingress-nginx' },
}

interface IngressOptions {
  readonly name: string
  readonly host?: string
  readonly paths?: readonly (readonly [path: string, pathType: string, service: string])[]
  readonly createdAt?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly spec?: object
}

function ingress({
  name,
  host = 'a.test',
  paths = [['/', 'Prefix', 'app']],
  createdAt,
  annotations = {},
  spec = {},
}: IngressOptions): object {
  const http = {
    paths: paths.map(([path, pathType, service]) => ({
      path,
      pathType,
      backend: { service: { name: service, port: { number: 80 } } },
    })),
  }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'test',
      annotations,
      ...(createdAt === undefined ? {} : { creationTimestamp: createdAt }),
    },
    spec: { ingressClassName: 'nginx', rules: [{ host, http }], ...spec },
  }
}

function service(name: string): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'test' }, spec: { ports: [{ port: 80 }] } }
}

function slice(name: string, address: string): object {
  const metadata = { name: `${name}-a`, namespace: 'test', labels: { 'kubernetes.io/service-name': name } }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata,
    ports: [{ port: 8080 }],
    endpoints: [{ addresses: [address] }],
  }
}

function run(objects: readonly object[], options: Partial<TranslateOptions> = {}, previous?: Translation): Translation {
  const store = createStore()
  for (const raw of [ingressClass, ...objects]) {
    const { object } = parseObject(raw, undefined)
    if (object === undefined) throw new Error(`not an object: ${JSON.stringify(raw)}`)
    store.set(object)
  }
  return translate(store.snapshot(), { ...defaultTranslateOptions, ...options }, surroundings, previous)
}

const bytesOf = (translation: Translation): string =>
  JSON.stringify([[...translation.documents].sort(([a], [b]) => (a < b ? -1 : 1)), translation.problems])

const upstreamOf = (translation: Translation, host: string, path: string): string => {
  const document = translation.hosts.get(host)?.document
  const paths = document?.paths.kind === 'literal' ? document.paths : undefined
  const route = paths?.exact[path] ?? paths?.prefix[path] ?? document?.root
  return route?.action.kind === 'proxy' ? route.action.upstream : (route?.action.kind ?? 'none')
}

const codesOf = (translation: Translation): string[] => translation.problems.map(({ code }) => code)

describe('which Ingress wins', () => {
  test('ORD-1, ORD-2: the oldest', () => {
    const young = ingress({ name: 'a', createdAt: '2026-02-01T00:00:00Z', paths: [['/x', 'Prefix', 'young']] })
    const old = ingress({ name: 'b', createdAt: '2026-01-01T00:00:00Z', paths: [['/x', 'Prefix', 'old']] })
    const translation = run([young, old, service('young'), service('old')])
    expect(upstreamOf(translation, 'a.test', '/x')).toBe('test/old/80')
    expect(codesOf(translation)).toContain('path/shadowed')
  })

  test('ORD-1: of the same age, descending by name; one without an age is youngest', () => {
    const at = '2026-01-01T00:00:00Z'
    const row = (name: string, createdAt?: string): object =>
      ingress({ name, paths: [['/x', 'Prefix', name]], ...(createdAt === undefined ? {} : { createdAt }) })
    expect(upstreamOf(run([row('a', at), row('z', at)]), 'a.test', '/x')).toBe('test/z/80')
    expect(upstreamOf(run([row('a', at), row('z')]), 'a.test', '/x')).toBe('test/a/80')
  })

  test('ORD-2: the same path as Exact and as Prefix are two', () => {
    const translation = run([
      ingress({
        name: 'a',
        paths: [
          ['/x', 'Exact', 'one'],
          ['/x', 'Prefix', 'two'],
        ],
      }),
    ])
    expect(upstreamOf(translation, 'a.test', '/x')).toBe('test/one/80')
    expect(codesOf(translation)).not.toContain('path/shadowed')
  })

  test('ORD-6: Exact, Prefix and Prefix again on one path break nothing', () => {
    const objects = ['Exact', 'Prefix', 'Prefix'].map((pathType, i) =>
      ingress({ name: `n${i}`, paths: [['/x', pathType, `s${i}`]] }),
    )
    expect(codesOf(run(objects)).filter((code) => code === 'path/shadowed')).toHaveLength(1)
  })
})

describe('which Ingresses are served', () => {
  test.each<readonly [string, object, Partial<TranslateOptions>, boolean]>([
    ['SEL-0 the class of our controller', {}, {}, true],
    ['SEL-1 an unknown class, though the annotation fits', { ingressClassName: 'other' }, {}, false],
    ['SEL-3 no class', { ingressClassName: undefined }, {}, false],
    [
      'SEL no class, --watch-ingress-without-class',
      { ingressClassName: undefined },
      { watchIngressWithoutClass: true },
      true,
    ],
    ['SEL-5 another namespace', {}, { watchNamespace: 'else' }, false],
    [
      'SEL-6 a default backend, --disable-catch-all',
      { defaultBackend: { service: { name: 'app', port: { number: 80 } } } },
      { disableCatchAll: true },
      false,
    ],
  ])('%s', (_, spec, options, served) => {
    expect(run([ingress({ name: 'a', spec })], options).hosts.has('a.test')).toBe(served)
  })

  test('SEL-7: forbidden text refuses the whole Ingress', () => {
    const translation = run([ingress({ name: 'a', paths: [['/x_by_lua', 'Prefix', 'app']] })])
    expect(translation.hosts.has('a.test')).toBe(false)
    expect(codesOf(translation)).toEqual(['ingress/refused'])
  })
})

describe('fail closed', () => {
  test('an annotation that protects and cannot be understood closes the paths, and only those of its Ingress', () => {
    const closed = ingress({
      name: 'a',
      paths: [['/private', 'Prefix', 'app']],
      annotations: { 'nginx.ingress.kubernetes.io/auth-url': '/auth' },
    })
    const open = ingress({ name: 'b', paths: [['/public', 'Prefix', 'app']] })
    const translation = run([closed, open, service('app')])
    expect(upstreamOf(translation, 'a.test', '/private')).toBe('answer')
    expect(upstreamOf(translation, 'a.test', '/public')).toBe('test/app/80')
    expect(codesOf(translation)).toContain('annotation/closed')
  })

  test('a canary is not a main route', () => {
    const canary = ingress({
      name: 'z',
      paths: [['/', 'Prefix', 'new']],
      annotations: { 'nginx.ingress.kubernetes.io/canary': 'true' },
    })
    expect(upstreamOf(run([canary, ingress({ name: 'a' })]), 'a.test', '/')).toBe('test/app/80')
  })
})

describe('one bad object hurts only itself', () => {
  test.each(['a b', 'ä.test', '$host', 'a".test', 'a\n.test', 'x.*.test', '*', '-a.test', `${'a'.repeat(64)}.test`])(
    'host %j',
    (host) => {
      const translation = run([ingress({ name: 'bad', host }), ingress({ name: 'good' })])
      expect(codesOf(translation)).toContain('host/invalid')
      expect(upstreamOf(translation, 'a.test', '/')).toBe('test/app/80')
    },
  )

  test.each([
    ['EXAMPLE.test', 'example.test'],
    ['example.test.', 'example.test'],
    ['*.Example.test', '*.example.test'],
  ])('HOST-2: %s is %s', (host, name) => {
    expect(run([ingress({ name: 'a', host })]).hosts.has(name)).toBe(true)
  })
})

const randomObjects = fc
  .array(
    fc.record({
      host: fc.constantFrom('a.test', 'b.test', '*.b.test', ''),
      path: fc.constantFrom('/', '/a', '/a/', '/a/b', ''),
      pathType: fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific'),
      service: fc.constantFrom('one', 'two', 'missing'),
      createdAt: fc.constantFrom(undefined, '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((rows) => [
    service('one'),
    slice('one', '10.0.0.1'),
    service('two'),
    ...rows.map(({ host, path, pathType, service: name, createdAt }, i) =>
      ingress({
        name: `ingress-${i}`,
        host,
        paths: [[path, pathType, name]],
        ...(createdAt === undefined ? {} : { createdAt }),
      }),
    ),
  ])

test('the order of the input leaves no trace in the bytes', () => {
  const shuffled = randomObjects.chain((objects) =>
    fc.tuple(fc.constant(objects), fc.shuffledSubarray(objects, { minLength: objects.length })),
  )
  fc.assert(
    fc.property(shuffled, ([objects, other]) => {
      expect(bytesOf(run(other))).toBe(bytesOf(run(objects)))
    }),
    { numRuns: 500 },
  )
})

test('DYN-4: a translation from an earlier one equals one from nothing', () => {
  fc.assert(
    fc.property(randomObjects, randomObjects, (before, after) => {
      const store = createStore()
      const load = (objects: readonly object[]): Translation['documents'] | undefined => {
        for (const raw of objects) {
          const { object } = parseObject(raw, undefined)
          if (object !== undefined) store.set(object)
        }
        return undefined
      }
      load([ingressClass, ...before])
      const first = translate(store.snapshot(), defaultTranslateOptions, surroundings)
      store.delete('Ingress', 'test', 'ingress-0')
      store.delete('Service', 'test', 'two')
      load(after.slice(before.length % 3))
      const snapshot = store.snapshot()
      const fresh = bytesOf(translate(snapshot, { ...defaultTranslateOptions }, surroundings))
      expect(bytesOf(translate(snapshot, defaultTranslateOptions, surroundings, first))).toBe(fresh)
    }),
    { numRuns: 500 },
  )
})
