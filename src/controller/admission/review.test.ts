import { describe, expect, test } from 'vitest'
import type { Ingress } from '../../snapshot/objects.js'
import { parseObject } from '../../snapshot/parse.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import { createStore } from '../../snapshot/store.js'
import { defaultTranslateOptions, type TranslateOptions } from '../../translate/options.js'
import { reviewIngress, type Verdict } from './review.js'

interface Written {
  readonly name?: string
  readonly namespace?: string
  readonly host?: string
  readonly paths?: readonly (readonly [path: string, pathType: string])[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly uid?: string
  readonly spec?: object
}

const UID = '0f8b1e5c-1d5e-4a5f-9a53-3f7f0b1c2d3e'
const PREFIX = 'nginx.ingress.kubernetes.io'

function ingress({
  name = 'new',
  namespace = 'test',
  host = 'a.test',
  paths = [['/', 'Prefix']],
  annotations = {},
  uid = UID,
  spec = {},
}: Written): Ingress {
  const backend = { service: { name: 'app', port: { number: 80 } } }
  const rules = [{ host, http: { paths: paths.map(([path, pathType]) => ({ path, pathType, backend })) } }]
  const parsed = parseObject(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name, namespace, uid, annotations },
      spec: { ingressClassName: 'nginx', rules, ...spec },
    },
    undefined,
  )
  if (parsed.object?.kind !== 'Ingress') throw new Error(JSON.stringify(parsed.problems))
  return parsed.object
}

function snapshotOf(others: readonly Ingress[], settings: Readonly<Record<string, string>> = {}): Snapshot {
  const store = createStore()
  const raw = [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'nginx' },
      spec: { controller: 'k8s.io/ingress-nginx' },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
      data: settings,
    },
  ]
  for (const one of raw) {
    const { object } = parseObject(one, undefined)
    if (object === undefined) throw new Error('the test wrote nonsense')
    store.set(object)
  }
  for (const other of others) store.set(other)
  return store.snapshot()
}

interface Around {
  readonly others?: readonly Ingress[]
  readonly settings?: Readonly<Record<string, string>>
  readonly options?: Partial<TranslateOptions>
  readonly isBeingDeleted?: boolean
}

function review(
  written: Written,
  { others = [], settings = {}, options = {}, isBeingDeleted = false }: Around = {},
): Verdict {
  const candidate = { ingress: ingress(written), isBeingDeleted }
  return reviewIngress(candidate, snapshotOf(others, settings), { ...defaultTranslateOptions, ...options })
}

test('an Ingress like any other is admitted without a word', () => {
  expect(review({})).toEqual({ denial: undefined, warnings: [] })
})

const UNCOUNTED = [
  'SEL-7 text in a path',
  'SEL-7 text comes before the class',
  'a uid that is none',
  'other characters in a Prefix path',
  'a blocked word (GEN-11)',
  'a snippet (GEN-10)',
  'a snippet without the prefix (GEN-10)',
]

describe('ADM-2: a denial names field and rule', () => {
  const snippet = { [`${PREFIX}/configuration-snippet`]: 'return 200;' }
  const rows: readonly (readonly [string, Written, Around, string])[] = [
    [
      'SEL-7 text in a path',
      { paths: [['/x_by_lua', 'Prefix']] },
      {},
      'spec.rules[0].http.paths[0].path: this field holds text',
    ],
    [
      'SEL-7 text comes before the class',
      { host: 'a.test', paths: [['/etc/passwd', 'Prefix']], spec: { ingressClassName: 'other' } },
      {},
      '--deep-inspect',
    ],
    [
      'a default backend under --disable-catch-all (SEL-6)',
      { spec: { defaultBackend: { service: { name: 'app', port: { number: 80 } } } } },
      { options: { disableCatchAll: true } },
      'spec.defaultBackend: this controller runs with --disable-catch-all',
    ],
    [
      'a host that belongs to another namespace',
      {},
      { settings: { 'host-owners': '*.test: shop' } },
      'spec.rules[0].host: Host a.test belongs to namespace shop',
    ],
    [
      'an alias that does',
      { annotations: { [`${PREFIX}/server-alias`]: 'b.test' } },
      { settings: { 'host-owners': 'b.test: shop' } },
      'Host b.test belongs to namespace shop',
    ],
    ['a uid that is none', { uid: 'x' }, {}, 'metadata.uid: "x" is no UUID'],
    [
      'other characters in a Prefix path',
      { paths: [['/a$', 'Prefix']] },
      {},
      'spec.rules[0].http.paths[0].path: the path "/a$"',
    ],
    [
      'the standard prefix beside another one (GEN-12)',
      { annotations: { [`${PREFIX}/app-root`]: '/x' } },
      { options: { annotationsPrefix: 'example.com' } },
      `metadata.annotations["${PREFIX}/app-root"]: this controller reads annotations that begin with example.com/`,
    ],
    [
      'a blocked word (GEN-11)',
      { annotations: { [`${PREFIX}/app-root`]: 'a load_module b' } },
      { settings: { 'annotation-value-word-blocklist': 'proxy_pass, load_module' } },
      'the value holds the word "load_module"',
    ],
    [
      'a value that is not allowed (GEN-1)',
      { annotations: { [`${PREFIX}/permanent-redirect`]: '{x}' } },
      {},
      `annotation ${PREFIX}/permanent-redirect contains invalid value: metadata.annotations`,
    ],
    ['a snippet (GEN-10)', { annotations: snippet }, {}, 'snippets are not allowed'],
    [
      'a snippet without the prefix (GEN-10)',
      { annotations: { 'x.io/server-snippet': 'y' } },
      {},
      'snippets are not allowed',
    ],
    [
      'a host and path that another declared',
      { paths: [['/a', 'Exact']] },
      { others: [ingress({ name: 'old', host: 'A.test', paths: [['/a', 'Prefix']] })] },
      'host "A.test" and path "/a" are declared by Ingress test/old already',
    ],
    [
      'the slash form of a Prefix path of another',
      { paths: [['/a/', 'Prefix']] },
      { others: [ingress({ name: 'old', paths: [['/a', 'Prefix']] })] },
      'path "/a/" are declared by Ingress test/old',
    ],
    [
      'two canaries',
      { annotations: { [`${PREFIX}/canary`]: 'true' } },
      { others: [ingress({ name: 'old', annotations: { [`${PREFIX}/canary`]: 'true' } })] },
      'declared by Ingress test/old',
    ],
    ['a host that is none', { host: 'a.*.test' }, {}, 'spec.rules[0].host: '],
  ]
  test.each(rows)('%s', (_, written, around, expected) => {
    expect(review(written, around).denial).toContain(expected)
  })

  test('check_errors counts no denial for text and form that are never allowed', () => {
    const uncounted = rows.filter(([, written, around]) => review(written, around).isUncounted === true)
    expect(uncounted.map(([fact]) => fact)).toEqual(UNCOUNTED)
  })
})

describe('ADM-2, ADM-4: admitted', () => {
  const rows: readonly (readonly [string, Written, Around])[] = [
    ['what is being deleted', { paths: [['/x_by_lua', 'Prefix']] }, { isBeingDeleted: true }],
    ['another class, whatever it says', { uid: 'x', spec: { ingressClassName: 'other' } }, {}],
    ['another namespace than --watch-namespace', { uid: 'x' }, { options: { watchNamespace: 'mine' } }],
    ['any characters with ImplementationSpecific', { paths: [['/a$', 'ImplementationSpecific']] }, {}],
    [
      'any characters without strict mode',
      { paths: [['/a$', 'Prefix']] },
      { settings: { 'strict-validate-path-type': 'false' } },
    ],
    ['itself, when it is updated', { name: 'old' }, { others: [ingress({ name: 'old' })] }],
    ['the same path on another host', { host: 'b.test' }, { others: [ingress({ name: 'old' })] }],
    [
      '/a beside the Prefix path /a/',
      { paths: [['/a', 'Prefix']] },
      { others: [ingress({ name: 'old', paths: [['/a/', 'Prefix']] })] },
    ],
    [
      'a canary of a path that is there',
      { annotations: { [`${PREFIX}/canary`]: 'true' } },
      { others: [ingress({ name: 'old' })] },
    ],
    [
      'a pair with an unclear canary annotation',
      {},
      { others: [ingress({ name: 'old', annotations: { [`${PREFIX}/canary`]: 'false' } })] },
    ],
    [
      'a path that an Ingress of another class has',
      {},
      { others: [ingress({ name: 'old', spec: { ingressClassName: 'other' } })] },
    ],
    ['a host of its own namespace', {}, { settings: { 'host-owners': '*: shop, test' } }],
    [
      'a host that its owner lends',
      {},
      {
        settings: { 'host-owners': 'a.test: shop' },
        others: [
          ingress({
            name: 'front',
            namespace: 'shop',
            annotations: { [`${PREFIX}/host-delegates`]: 'test' },
            paths: [],
          }),
        ],
      },
    ],
    ['a TLS Secret that is not there yet', { spec: { tls: [{ hosts: ['a.test'], secretName: 'later' }] } }, {}],
  ]
  test.each(rows)('%s', (_, written, around) => {
    expect(review(written, around).denial).toBeUndefined()
  })
})

describe('ADM-3: warnings', () => {
  test('of an annotation that nobody understands', () => {
    const { warnings } = review({ annotations: { [`${PREFIX}/enable-influxdb`]: 'true' } })
    expect(warnings).toEqual([expect.stringContaining('understands enable-influxdb; it has no effect')])
  })

  test('of a path that strict mode would refuse', () => {
    const { warnings } = review({ paths: [['/a$', 'Prefix']] }, { settings: { 'strict-validate-path-type': 'false' } })
    expect(warnings).toEqual([expect.stringContaining('the path "/a$" cannot be of type Prefix')])
  })
})
