import fc from 'fast-check'
import type { Document, HostDocument, Route, UpstreamDocument } from '../../src/model/documents.js'
import { DEFAULT_HOST, hostKey, upstreamKey, wildcardKey } from '../../src/model/keys.js'
import { createMemoryTable } from '../../src/model/memory-table.js'
import type { Table } from '../../src/model/table.js'
import { escapePath } from '../../src/request/escape.js'

/** Routing as users write it: what the oracle reads, and what the table is made from. */
export interface World {
  readonly hosts: readonly HostRules[]
  /** Endpoints of each backend; undefined: the upstream is not in the table. */
  readonly backends: readonly Backend[]
}

export interface HostRules {
  /** `_`, `*.a.test` or a name. */
  readonly name: string
  readonly rules: readonly Rule[]
  /** Backend of what no rule matches; undefined: a 404. */
  readonly fallback: number | undefined
  /** Status of the redirect to HTTPS. */
  readonly httpsRedirect: number | undefined
  readonly certificate: string | undefined
}

export interface Rule {
  readonly type: 'exact' | 'prefix'
  readonly path: string
  readonly backend: number
}

export interface Backend {
  readonly endpoints: number | undefined
  readonly emptyStatus: number | undefined
}

export interface Asked {
  readonly scheme: 'http' | 'https'
  readonly name: string
  readonly path: string
  readonly target: string
}

const hostNames = [
  'a.test',
  'b.a.test',
  'c.test',
  'x.a.test',
  '*.a.test',
  '*.b.a.test',
  '*.test',
  '*.c.test',
  DEFAULT_HOST,
]
const element = fc.constantFrom('a', 'b', 'aa', 'ab', 'a.b', '\xc3\xa4', 'A', 'a b', '%', 'cart')
const path = fc
  .tuple(fc.array(element, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '/'))
  .map(([elements, end]) => `/${elements.join('/')}${end}`)

const rule: fc.Arbitrary<Rule> = fc.record({
  type: fc.constantFrom('exact', 'prefix'),
  path: fc.oneof({ weight: 9, arbitrary: path }, { weight: 1, arbitrary: fc.constant('/') }),
  backend: fc.nat(4),
})

const host: fc.Arbitrary<HostRules> = fc.record({
  name: fc.constantFrom(...hostNames),
  rules: fc.uniqueArray(rule, {
    minLength: 4,
    maxLength: 10,
    size: 'max',
    selector: ({ type, path }) => `${type} ${path}`,
  }),
  fallback: fc.constantFrom(undefined, 0, 1, 2, 3, 4),
  httpsRedirect: fc.constantFrom(undefined, undefined, 308, 301),
  certificate: fc.constantFrom(undefined, 'shop/one', 'shop/two'),
})

const backend: fc.Arbitrary<Backend> = fc.record({
  endpoints: fc.constantFrom(0, 1, 2, 3, undefined),
  emptyStatus: fc.constantFrom(undefined, undefined, 404),
})

export const anyWorld: fc.Arbitrary<World> = fc.record({
  hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 9, size: 'max', selector: ({ name }) => name }),
  backends: fc.array(backend, { minLength: 5, maxLength: 5 }),
})

/** A request described by its distance from a world, so that it mostly hits something. */
interface Aim {
  readonly scheme: 'http' | 'https'
  readonly host: number
  readonly label: string
  readonly rule: number
  readonly after: string
  readonly query: string
  readonly elsewhere: string | undefined
}

const aim: fc.Arbitrary<Aim> = fc.record({
  scheme: fc.constantFrom('http', 'https'),
  host: fc.nat(),
  label: fc.constantFrom('', '', '', '', '', '', 'x.', 'a-_9.', 'b.', 'x.y.', '.', '*.', 'x!.', '\xff.'),
  rule: fc.nat(),
  after: fc.constantFrom('', '', '', '', '', '', '', '', '/', '/x', 'x', '/a/b', '/a/b/cart', '\x00', '//'),
  query: fc.constantFrom('', '', '?', '?a=b', '?a=/', '/'),
  elsewhere: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: path }),
})

export const someAims = fc.array(aim, { minLength: 1, maxLength: 60, size: 'max' })

export function askOf(world: World, { scheme, host, label, rule, after, query, elsewhere }: Aim): Asked {
  const chosen = world.hosts[host % world.hosts.length]
  const name = chosen?.name ?? ''
  const parent = name.startsWith('*.') ? name.slice(2) : name
  const aimed = name.startsWith('*.') && label === '' ? `any.${parent}` : `${label}${parent}`
  const rules = chosen?.rules ?? []
  const from = elsewhere ?? rules[rule % Math.max(1, rules.length)]?.path ?? '/'
  const bare = from.endsWith('/') && from !== '/' && rule % 2 === 0 ? from.slice(0, -1) : from
  const path = `${bare === '/' && after.startsWith('/') ? '' : bare}${after}`
  return { scheme, name: aimed, path, target: `${path}${query}` }
}

/** The documents that the translation would make of a world (HOST-1, HOST-4, PATH-2). */
export function documentsOf(world: World): Map<string, Document> {
  const documents = new Map<string, Document>()
  for (const rules of world.hosts) {
    const key = rules.name.startsWith('*.') ? wildcardKey(rules.name.slice(2)) : hostKey(rules.name)
    documents.set(key, hostDocument(rules))
  }
  for (const [index, { endpoints, emptyStatus }] of world.backends.entries()) {
    if (endpoints !== undefined) documents.set(upstreamKey(`${index}`), upstreamDocument(index, endpoints, emptyStatus))
  }
  return documents
}

export function tableOf(world: World): Table {
  return createMemoryTable(documentsOf(world))
}

function hostDocument({ name, rules, fallback, httpsRedirect, certificate }: HostRules): HostDocument {
  const exact: Record<string, Route> = {}
  const prefix: Record<string, Route> = {}
  const redirect = httpsRedirect === undefined ? {} : { httpsRedirect }
  for (const { type, path, backend } of rules) {
    const action = { kind: 'proxy', upstream: `${backend}`, pool: 'http/1' } as const
    const of = type === 'exact' ? exact : prefix
    of[path] = { path, match: type, action, ...redirect }
  }
  const implicit: Route = {
    path: '/',
    match: 'implicit',
    action:
      fallback === undefined
        ? { kind: 'answer', status: 404, label: 'upstream-default-backend' }
        : { kind: 'proxy', upstream: `${fallback}`, pool: 'http/1' },
    ...redirect,
  }
  const { '/': root = implicit, ...others } = prefix
  for (const path of Object.keys(others).filter((key) => key.endsWith('/'))) {
    const bare = path.slice(0, -1)
    if (bare in exact || bare in others) continue
    exact[bare] = { path, match: 'slash', action: { kind: 'redirect', status: 301, path: escapePath(path) } }
  }
  const lengths = [...new Set(Object.keys(others).map(({ length }) => length))].sort((a, b) => b - a)
  const builtins = [
    { prefix: '/healthz', action: { kind: 'answer', status: 200, label: '' } },
    { prefix: '/nginx_status', action: { kind: 'status', allow: { v4: { first: ['7f000001'], last: ['7f000001'] } } } },
  ] as const
  return {
    name,
    paths: { kind: 'literal', exact, prefix: others, lengths },
    root,
    ...(certificate === undefined ? {} : { certificate }),
    ...(name === DEFAULT_HOST ? { builtins } : {}),
  }
}

function upstreamDocument(index: number, endpoints: number, emptyStatus: number | undefined): UpstreamDocument {
  const numbers = Array.from({ length: endpoints }, (_, i) => i + 1)
  return {
    key: `${index}`,
    label: `default-svc${index}-80`,
    addresses: numbers.map((n) => `10.0.${index}.${n}`),
    ports: numbers.map((n) => 8000 + n),
    ...(emptyStatus === undefined ? {} : { emptyStatus }),
  }
}
