import { families } from '../../src/features/index.js'
import type { Kind } from '../../src/features/kinds/kind.js'
import { keys } from '../../src/configmap/index.js'

/** Keys of the main ConfigMap that keep a client out, and a question of that client. */
export interface Guard {
  readonly name: string
  /** What they say while nothing is broken. */
  readonly data: Readonly<Record<string, string>>
  /** The keys that are broken, one at a time. */
  readonly breaks: readonly string[]
  /** The text of a broken key; default: the bad value alone. */
  readonly written?: (bad: string) => string
  /** Default: the host of the Ingress that only these keys protect, from 127.0.0.1. */
  readonly asks?: {
    readonly host?: string
    readonly path?: string
    readonly from?: string
    readonly headers?: Readonly<Record<string, string>>
  }
  /** What is answered, also where a key is broken that cannot be read; default: 503. */
  readonly status?: number
}

/** Annotations by which an Ingress keeps each family from having a say. */
const WITHOUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  auth: { 'enable-global-auth': 'false' },
  allow: { 'allowlist-source-range': '0.0.0.0/0,::/0' },
  deny: { 'denylist-source-range': '192.0.2.1' },
  waf: { 'enable-modsecurity': 'false' },
}

/** Of an Ingress that only the guard of this name protects; of one that nothing does, if there is no such name. */
export function annotationsFor(guard: string): Readonly<Record<string, string>> {
  const others = Object.entries(WITHOUT).filter(([name]) => name !== guard)
  const own = guard === 'forwarded' ? { 'allowlist-source-range': '203.0.113.0/24' } : {}
  return Object.assign({}, ...others.map(([, annotations]) => annotations), own) as Readonly<Record<string, string>>
}

const NOBODY = '192.0.2.1'
const free = 'free.cm.test'

/** `AUTH:` is an auth service that answers 401. */
export const guards: readonly Guard[] = [
  { name: 'auth', data: { 'global-auth-url': 'AUTH:' }, breaks: keysOf('external-auth', /^global-auth-/) },
  { name: 'allow', data: { 'whitelist-source-range': NOBODY }, breaks: ['whitelist-source-range'] },
  { name: 'deny', data: { 'denylist-source-range': '127.0.0.1,::1' }, breaks: ['denylist-source-range'] },
  {
    name: 'waf',
    data: {
      'enable-modsecurity': 'true',
      'enable-owasp-modsecurity-crs': 'true',
      'modsecurity-mode': 'On',
      'modsecurity-allowed-methods': 'POST',
    },
    breaks: keysOf('waf', /./),
  },
  // Good items hold beside bad ones.
  {
    name: 'addresses',
    data: { 'block-cidrs': '127.0.0.9' },
    breaks: ['block-cidrs'],
    written: (bad) => `127.0.0.9,${bad}`,
    asks: { host: free, from: '127.0.0.9' },
    status: 403,
  },
  {
    name: 'agents',
    data: { 'block-user-agents': 'Bad' },
    breaks: ['block-user-agents'],
    written: (bad) => `${bad},Bad`,
    asks: { host: free, headers: { 'user-agent': 'Bad' } },
    status: 403,
  },
  {
    name: 'referers',
    data: { 'block-referers': 'http://bad.test/' },
    breaks: ['block-referers'],
    written: (bad) => `${bad},http://bad.test/`,
    asks: { host: free, headers: { referer: 'http://bad.test/' } },
    status: 403,
  },
  {
    name: 'owners',
    data: { 'host-owners': 'owners.cm.test: other' },
    breaks: ['host-owners'],
    written: (bad) => `owners.cm.test: ${bad}\nowned.cm.test: ${bad}`,
    status: 404,
  },
  {
    name: 'forwarded',
    data: { 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': NOBODY },
    breaks: ['proxy-real-ip-cidr'],
    asks: { headers: { 'x-forwarded-for': '203.0.113.5' } },
    status: 403,
  },
  {
    name: 'counters',
    data: { 'nginx-status-ipv4-whitelist': NOBODY },
    breaks: ['nginx-status-ipv4-whitelist', 'nginx-status-ipv6-whitelist'],
    asks: { host: 'nobody.test', path: '/nginx_status' },
    status: 403,
  },
]

/**
 * Keys that close or hold strictly where they cannot be read, and keep no client out of a path; and two that would
 * stand in the way of the others here: test/serve/client-address.test.ts, test/configmap.
 */
export const NOT_ASKED_HERE: readonly string[] = [
  'annotations-risk-level',
  'bind-address',
  'hide-headers',
  'debug-connections',
  'forwarded-for-header',
  'ssl-reject-handshake',
]

/** Every key whose bad values do not fall back to its default. */
export const strictKeys: readonly string[] = [
  ...families.flatMap(({ annotations, settings = {} }) => [
    ...Object.values(annotations).flatMap(({ configMapKey, protects }) =>
      protects === true && configMapKey !== undefined ? [configMapKey] : [],
    ),
    ...Object.entries(settings).flatMap(([key, { protects }]) => (protects === true ? [key] : [])),
  ]),
  ...Object.entries(keys).flatMap(([key, declared]) =>
    'strict' in declared && declared.strict !== undefined ? [key] : [],
  ),
]

/** By which a key is read. */
export function kindOf(key: string): Kind<unknown> {
  for (const { annotations, settings = {} } of families) {
    const found = settings[key] ?? Object.values(annotations).find(({ configMapKey }) => configMapKey === key)
    if (found !== undefined) return found.kind
  }
  const declared = (keys as Readonly<Record<string, object>>)[key]
  if (declared === undefined || !('kind' in declared)) throw new Error(`there is no key ${key}`)
  return declared.kind as Kind<unknown> // `Key` has it
}

function keysOf(family: string, pattern: RegExp): readonly string[] {
  const found = families.find(({ name }) => name === family)
  const ofAnnotations = Object.values(found?.annotations ?? {}).flatMap(({ configMapKey }) => configMapKey ?? [])
  return [...ofAnnotations, ...Object.keys(found?.settings ?? {})].filter((key) => pattern.test(key))
}

/** Whether a value switches off what its key is for, by what it says. */
export function meansOpen(key: string, text: string): boolean {
  return ['enable-modsecurity', 'enable-owasp-modsecurity-crs'].includes(key) && kindOf(key).parse(text.trim()).ok
}
