import { expect, test } from 'vitest'
import type { KubernetesObject } from './objects.js'
import { parseObject } from './parse.js'

const ingress = (spec: unknown, metadata: object = {}): unknown => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'front', ...metadata },
  spec,
})
const service = (spec: unknown): unknown => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec })
const slice = (fields: object): unknown => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
  ...fields,
})
const secret = (fields: object): unknown => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, ...fields })
const configMap = (data: unknown): unknown => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data })

function parsed(raw: unknown): KubernetesObject {
  const { object, problems } = parseObject(raw, undefined)
  expect(problems).toEqual([])
  if (object === undefined) throw new Error('no object')
  return object
}

const path = (backend: unknown, fields: object = {}): object => ({
  rules: [{ host: 'a.example.com', http: { paths: [{ path: '/', backend, ...fields }] } }],
})
const web = { service: { name: 'web', port: { number: 80 } } }

const passes: [fact: string, raw: unknown, expected: object][] = [
  ['a namespace that is not given is default', ingress({}), { namespace: 'default', name: 'front', uid: '' }],
  [
    'ORD-1: creationTimestamp in milliseconds',
    ingress({}, { creationTimestamp: '2026-01-31T12:00:00Z' }),
    { createdAt: Date.UTC(2026, 0, 31, 12) },
  ],
  ['creationTimestamp null is no time', ingress({}, { creationTimestamp: null }), { createdAt: undefined }],
  ['an annotation null is empty', ingress({}, { annotations: { a: null } }), { annotations: { a: '' } }],
  ['an Ingress without spec is empty', ingress(undefined), { rules: [], tls: [], defaultBackend: undefined }],
  [
    'a missing pathType is ImplementationSpecific',
    ingress(path(web)),
    { rules: [{ host: 'a.example.com', paths: [{ path: '/', pathType: 'ImplementationSpecific' }] }] },
  ],
  ['HOST-5: a rule without http has no paths', ingress({ rules: [{ host: 'a' }] }), { rules: [{ paths: undefined }] }],
  [
    'a backend by port name',
    ingress(path({ service: { name: 'web', port: { name: 'http' } } })),
    { rules: [{ paths: [{ backend: { kind: 'service', name: 'web', port: 'http' } }] }] },
  ],
  [
    'DEF-5: a resource backend',
    ingress(path({ resource: { apiGroup: 'x', kind: 'Bucket', name: 'b' } })),
    { rules: [{ paths: [{ backend: { kind: 'resource', name: 'b' } }] }] },
  ],
  ['a path without backend', ingress(path(undefined)), { rules: [{ paths: [{ backend: { kind: 'none' } }] }] }],
  [
    'a default backend',
    ingress({ defaultBackend: web }),
    { defaultBackend: { kind: 'service', name: 'web', port: 80 } },
  ],
  ['tls without hosts', ingress({ tls: [{ secretName: 's' }] }), { tls: [{ hosts: [], secretName: 's' }] }],
  [
    'a class has no namespace',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'nginx', namespace: 'x' },
      spec: { controller: 'k8s.io/ingress-nginx' },
    },
    { kind: 'IngressClass', namespace: '', name: 'nginx', controller: 'k8s.io/ingress-nginx' },
  ],
  [
    'a port without targetPort and protocol',
    service({ ports: [{ port: 80 }] }),
    { type: 'ClusterIP', ports: [{ name: '', port: 80, targetPort: 80, protocol: 'TCP' }] },
  ],
  [
    'a named targetPort',
    service({ ports: [{ port: 80, targetPort: 'http', protocol: 'UDP' }] }),
    { ports: [{ targetPort: 'http', protocol: 'UDP' }] },
  ],
  ['a headless Service', service({ clusterIP: 'None' }), { clusterIP: 'None' }],
  [
    'SVC-2: ready unset counts as ready',
    slice({
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080 }],
      endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['::1'], conditions: { ready: false } }],
    }),
    {
      service: 'web',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: [
        { addresses: ['10.0.0.1'], ready: true },
        { addresses: ['::1'], ready: false },
      ],
    },
  ],
  ['SVC-3: a slice port without number is left out', slice({ ports: [{ name: 'all' }] }), { ports: [] }],
  [
    'a slice of names has no endpoints',
    slice({ addressType: 'FQDN', endpoints: [{ addresses: ['a.b'] }] }),
    { endpoints: [] },
  ],
  [
    'stringData is written over data',
    secret({ data: { a: 'eA==', b: 'eQ==\n' }, stringData: { a: 'z' } }),
    { type: 'Opaque', data: { a: Buffer.from('z'), b: Buffer.from('y') } },
  ],
  ['the data of a ConfigMap', configMap({ a: 'b', __proto: 'c' }), { data: { a: 'b', __proto: 'c' } }],
]
test.each(passes)('taken: %s', (_fact, raw, expected) => {
  expect(parsed(raw)).toMatchObject(expected)
})

test('keys are own properties, whatever their name', () => {
  const raw: unknown = JSON.parse(
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"__proto__":"x"}}',
  )
  const object = parsed(raw)
  expect(object.kind === 'ConfigMap' && Object.entries(object.data)).toEqual([['__proto__', 'x']])
})

test('objects are frozen, down to their ends', () => {
  const object = parsed(ingress({ ...path(web), tls: [{ hosts: ['a'] }] }, { annotations: { a: 'b' } }))
  const check = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    expect(Object.isFrozen(value)).toBe(true)
    Object.values(value).forEach(check)
  }
  check(object)
})

const refused: [fact: string, raw: unknown, field: string, says: string][] = [
  ['rules that are a mapping', ingress({ rules: {} }), 'spec.rules', 'a mapping; expected a list'],
  [
    'a host that is a number',
    ingress({ rules: [{ host: 7 }] }),
    'spec.rules[0].host',
    'the number 7; expected a string',
  ],
  [
    'an annotation that is a boolean',
    ingress({}, { annotations: { 'a/b': true } }),
    'metadata.annotations["a/b"]',
    'true',
  ],
  [
    'a pathType nobody knows',
    ingress(path(web, { pathType: 'Regex' })),
    'spec.rules[0].http.paths[0].pathType',
    'Exact',
  ],
  [
    'a port number that is a text',
    ingress(path({ service: { name: 'web', port: { number: '80' } } })),
    'spec.rules[0].http.paths[0].backend.service.port.number',
    'the string "80"',
  ],
  [
    'a backend without port',
    ingress(path({ service: { name: 'web' } })),
    'spec.rules[0].http.paths[0].backend.service.port',
    'neither',
  ],
  [
    'a backend with two ports',
    ingress(path({ service: { name: 'web', port: { name: 'a', number: 1 } } })),
    'spec.rules[0].http.paths[0].backend.service.port',
    'both',
  ],
  [
    'a backend without name',
    ingress(path({ service: { port: { number: 1 } } })),
    'spec.rules[0].http.paths[0].backend.service.name',
    'missing',
  ],
  ['a time that is none', ingress({}, { creationTimestamp: 'yesterday' }), 'metadata.creationTimestamp', '"yesterday"'],
  ['a name with a slash', ingress({}, { name: 'a/b' }), 'metadata.name', '"a/b"'],
  ['a name with upper case', ingress({}, { name: 'A' }), 'metadata.name', '"A"'],
  ['a namespace with a dot', ingress({}, { namespace: 'a.b' }), 'metadata.namespace', '"a.b"'],
  ['a namespace that is a number', ingress({}, { namespace: 7 }), 'metadata.namespace', 'the number 7'],
  ['a port of 0', service({ ports: [{ port: 0 }] }), 'spec.ports[0].port', 'from 1 to 65535'],
  ['a port with a fraction', service({ ports: [{ port: 80.5 }] }), 'spec.ports[0].port', '80.5'],
  ['a Service of an unknown type', service({ type: 'Mesh' }), 'spec.type', 'ClusterIP'],
  [
    'ready that is a text',
    slice({ endpoints: [{ conditions: { ready: 'yes' } }] }),
    'endpoints[0].conditions.ready',
    'yes',
  ],
  [
    'a name as address',
    slice({ endpoints: [{ addresses: ['localhost'] }] }),
    'endpoints[0].addresses[0]',
    'an IP address',
  ],
  [
    'an octal address',
    slice({ endpoints: [{ addresses: ['010.0.0.1'] }] }),
    'endpoints[0].addresses[0]',
    'an IP address',
  ],
  ['data that is not base64', secret({ data: { 'tls.key': 'plain text' } }), 'data["tls.key"]', 'stringData'],
  ['base64 of the wrong length', secret({ data: { a: 'abc' } }), 'data["a"]', 'not base64'],
  ['ConfigMap data that is a number', configMap({ a: 1 }), 'data["a"]', 'the number 1'],
  [
    'a version that was retired',
    { apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata: { name: 'a' } },
    'apiVersion',
    'networking.k8s.io/v1',
  ],
]
test.each(refused)('object/invalid: %s', (_fact, raw, field, says) => {
  const { object, problems, about } = parseObject(raw, undefined)
  expect(object).toBeUndefined()
  expect(about).toBeDefined()
  expect(problems.map((problem) => [problem.code, problem.field])).toEqual([['object/invalid', field]])
  expect(problems[0]?.message).toContain(says)
})

test('a message about a Secret does not show what it holds', () => {
  const { problems } = parseObject(secret({ data: { 'tls.key': 'hunter 2' } }), undefined)
  expect(JSON.stringify(problems)).not.toContain('hunter')
})

test('all mistakes are reported at once', () => {
  const raw = ingress({ rules: 1, tls: 2, ingressClassName: 3 })
  expect(parseObject(raw, undefined).problems.map(({ field }) => field)).toEqual(
    expect.arrayContaining(['spec.rules', 'spec.tls', 'spec.ingressClassName']),
  )
})

const notObjects: [fact: string, raw: unknown, field: string][] = [
  ['a text', 'hello', ''],
  ['a list', [], ''],
  ['null', null, ''],
  ['no apiVersion', { kind: 'Ingress' }, 'apiVersion'],
  ['a kind that is a number', { apiVersion: 'v1', kind: 1 }, 'kind'],
  ['no metadata', { apiVersion: 'v1', kind: 'Service' }, 'metadata'],
  ['no name', { apiVersion: 'v1', kind: 'Service', metadata: {} }, 'metadata.name'],
]
test.each(notObjects)('file/not-an-object: %s', (_fact, raw, field) => {
  expect(parseObject(raw, undefined).problems).toMatchObject([{ code: 'file/not-an-object', field }])
})

test('kinds of others are left alone, also those that share a name', () => {
  for (const apiVersion of ['apps/v1', 'serving.knative.dev/v1'])
    expect(parseObject({ apiVersion, kind: 'Service', metadata: {} }, undefined)).toMatchObject({
      kind: 'Service',
      apiVersion,
      unknownKind: true,
      problems: [],
    })
})
