import { isDeepStrictEqual } from 'node:util'
import type { OwnedHost } from '../configmap/host-owners.js'
import { keys, type Values } from '../configmap/index.js'
import { namedHeaders } from '../configmap/named-headers.js'
import { type KeyProblem, readKeys, unreadable } from '../configmap/read.js'
import type { SettingsDocument } from '../model/documents.js'
import type { AddressRanges } from '../model/address-ranges.js'
import { namesRoutes } from '../model/log-lines.js'
import type { FrameChoices } from '../model/global-settings.js'
import { NOTHING_TRIED, type TriedKeys } from '../model/tried-keys.js'
import type { ProblemCode } from '../problems/catalogue.js'
import type { Found, Problem } from '../problems/problem.js'
import type { ConfigMap, Secret } from '../snapshot/objects.js'
import type { EngineAbilities } from '../features/declare.js'
import { bodyLimitDirective, defaultBodyLimit } from '../features/body-limit.js'
import { areSameDefaults, defaultKeys, type Defaults, readDefaults } from '../features/defaults.js'
import { createProfile } from '../nginx/profile.js'
import type { Reading } from './annotations.js'
import { backendConnectionsOf } from './backend-connections.js'
import { blockedClientsOf } from './blocked-clients.js'
import { http3Of, type Http3Surroundings } from './http3.js'
import type { HttpsRedirects } from './https-redirect.js'
import { limitChoicesOf } from './limit-choices.js'
import { nearest } from './nearest.js'
import { toBytes } from './pathname.js'
import { dhParametersOf } from './dh-parameters.js'
import { digestOf } from './digest.js'
import { policyOf } from './policy.js'
import { problemOf } from './reference.js'
import { frameTexts, withoutRefused } from '../configmap/refused-keys.js'
import { statusReadersOf } from './status-readers.js'

/** The main ConfigMap (configmap.md) as far as this version understands it. */
export interface GlobalSettings {
  readonly document: SettingsDocument
  readonly frame: FrameChoices
  /** The same object while the ConfigMap says the same. */
  readonly httpsRedirects: HttpsRedirects
  /** Hosts that belong to namespaces, by name; the same object as well. */
  readonly hostOwners: ReadonlyMap<string, OwnedHost>
  /** Who may see NGINX's counters; the same object as well. */
  readonly statusReaders: AddressRanges
  /** OCSP responses are stapled. */
  readonly staples: boolean
  /** A line of the access log says whose a route is. */
  readonly namesRoutes: boolean
  /** What the global default backend answers is logged (DEF-6). */
  readonly logsDefault: boolean
  /** HTTP/3 is asked for, and nothing but its port may be in the way. */
  readonly wantsHttp3: boolean
  readonly reading: Reading
  /** Texts of the keys that `frame` depends on, by name, as they are used. */
  readonly frameTexts: ReadonlyMap<string, string>
}

/** What the ConfigMap is read with. */
export interface SettingsSurroundings {
  /** Other ConfigMaps, by key. */
  readonly others: ReadonlyMap<string, ConfigMap>
  readonly engine: Pick<EngineAbilities, 'debug'>
  readonly http3: Http3Surroundings
  readonly tried: TriedKeys
  secret(key: string): Secret | undefined
}

const NO_SURROUNDINGS: SettingsSurroundings = {
  others: new Map(),
  engine: { debug: true },
  http3: { engine: { http3: true }, httpsPort: 443, portRefusal: undefined },
  tried: NOTHING_TRIED,
  secret: () => undefined,
}

/**
 * Reads the ConfigMap; a value that cannot be read leaves its default in force and is said (CM-1..3). `before` is given
 * back where it still holds, so that no Ingress is read anew for keys that no annotation falls back to.
 */
export function readGlobalSettings(
  asWritten: ConfigMap | undefined,
  before?: GlobalSettings,
  surroundings: SettingsSurroundings = NO_SURROUNDINGS,
): Found<GlobalSettings> {
  const { used: configMap, problems: refused } = withoutRefused(asWritten, surroundings.tried)
  const { values, frame, problems } = withoutUnable(readKeys(configMap), surroundings.engine)
  const http3 = http3Of(values, frame, surroundings.http3)
  const exchange = dhParametersOf(values, (key) => surroundings.secret(key))
  const headers = namedHeaders(values, (key) => surroundings.others.get(key))
  const { defaults, bad } = readDefaults(configMap)
  const redirects: HttpsRedirects = {
    status: values['http-redirect-code'] ?? 308,
    exempt: (values['no-tls-redirect-locations'] ?? ['/.well-known/acme-challenge']).map(toBytes),
  }
  const value: GlobalSettings = {
    reading: keepReading({ defaults, policy: policyOf(values) }, before?.reading),
    document: {
      strictTransportSecurity: strictTransportSecurity(values),
      ...(http3.alternative === undefined ? {} : { alternative: http3.alternative }),
      ...proxySettings(defaults),
      ...limitChoicesOf(values),
      ...backendConnectionsOf(values),
      ...(values['ssl-reject-handshake'] === true ? { rejectsUnknownNames: true } : {}),
      ...blockedClientsOf(values),
      ...(headers.answers.length === 0 ? {} : { addedHeaders: headers.answers }),
    },
    frame: keepEqual({ ...http3.frame, ...headers.frame, ...exchange.frame }, before?.frame),
    httpsRedirects: keepEqual(redirects, before?.httpsRedirects),
    hostOwners: keepOwners(values['host-owners'] ?? [], before?.hostOwners),
    statusReaders: keepEqual(statusReadersOf(values), before?.statusReaders),
    staples: values['enable-ocsp'] === true,
    namesRoutes: headers.namesRoutes || namesRoutes(values['log-format-upstream']),
    logsDefault: values['enable-access-log-for-default-backend'] === true,
    wantsHttp3: http3.wanted,
    frameTexts: frameTexts(configMap),
  }
  if (configMap === undefined) return { value, problems: [] }
  const unreadableDefaults = bad.map(({ key, reason, instead }): KeyProblem => {
    return { key, kind: 'unreadable', message: unreadable(configMap.data[key] ?? '', reason, instead) }
  })
  return {
    value,
    problems: describe(
      [
        ...refused,
        ...problems,
        ...http3.problems,
        ...headers.problems,
        ...exchange.problems,
        ...unreadableDefaults,
        ...unknownKeys(configMap),
      ],
      configMap,
    ),
  }
}

/** What NGINX was not built for is left out, and said. */
function withoutUnable(read: ReturnType<typeof readKeys>, { debug }: Pick<EngineAbilities, 'debug'>): typeof read {
  const { debugConnections = [], ...frame } = read.frame
  if (debug || debugConnections.length === 0) return read
  const message = 'It has no effect: this NGINX was built without --with-debug and writes no such messages.'
  return {
    ...read,
    frame,
    problems: [...read.problems, { key: 'debug-connections', kind: 'without effect', message }],
  }
}

/** HTTPS-2; empty: none. */
function strictTransportSecurity(values: Values): string {
  if (values.hsts === false) return ''
  return [
    `max-age=${values['hsts-max-age'] ?? 31_536_000}`,
    ...(values['hsts-include-subdomains'] === false ? [] : ['includeSubDomains']),
    ...(values['hsts-preload'] === true ? ['preload'] : []),
  ].join('; ')
}

const KNOWN: ReadonlySet<string> = new Set([...Object.keys(keys), ...defaultKeys])

function unknownKeys({ data }: ConfigMap): readonly KeyProblem[] {
  return Object.keys(data)
    .filter((key) => !KNOWN.has(key))
    .map((key) => {
      const known = nearest(key, KNOWN)
      const hint = known === undefined ? '' : ` Did you mean ${known}?`
      return { key, kind: 'unknown', message: `Nothing in this version understands ${key}; it has no effect.${hint}` }
    })
}

const CODES: Readonly<Record<KeyProblem['kind'], ProblemCode>> = {
  unreadable: 'configmap/invalid-value',
  'without effect': 'configmap/without-effect',
  unknown: 'configmap/unknown-key',
  'keeps nobody out': 'configmap/keeps-nobody-out',
}

function describe(problems: readonly KeyProblem[], configMap: ConfigMap): readonly Problem[] {
  return problems
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, kind, message }) => problemOf(CODES[kind], configMap, `data["${key}"]`, message))
}

function keepOwners(owned: readonly OwnedHost[], before: GlobalSettings['hostOwners'] = new Map()): typeof before {
  const isSame = JSON.stringify(owned) === JSON.stringify([...before.values()])
  return isSame ? before : new Map(owned.map((one) => [one.host, one]))
}

/** A member that is undefined is another one than none: it says that something is off. */
function keepEqual<T>(value: T, before: T | undefined): T {
  return isDeepStrictEqual(before, value) && before !== undefined ? before : value
}

/** What holds where an Ingress does not say otherwise; its keys are read by the families of the annotations. */
function proxySettings(defaults: Defaults): Omit<SettingsDocument, 'strictTransportSecurity'> {
  const number = (key: string): number | undefined => {
    const value = defaults.get(key)
    return typeof value === 'number' ? value : undefined
  }
  const maxBodyBytes = defaultBodyLimit(defaults)
  const [connect, send, read] = ['connect', 'send', 'read'].map((what) => number(`proxy-${what}-timeout`))
  const retrySeconds = number('proxy-next-upstream-timeout') ?? 0
  return {
    tries: number('proxy-next-upstream-tries') ?? 3,
    ...(retrySeconds === 0 ? {} : { retrySeconds }),
    ...(connect === undefined && send === undefined && read === undefined
      ? {}
      : { timeouts: { connect: connect ?? 5, send: send ?? 60, read: read ?? 60 } }),
    maxBodyBytes,
    ...(maxBodyBytes === 0 ? {} : { unsizedProfile: createProfile([bodyLimitDirective(maxBodyBytes)], digestOf).name }),
  }
}

function keepReading(reading: Reading, before: Reading | undefined): Reading {
  if (before === undefined || !areSameDefaults(before.defaults, reading.defaults)) return reading
  return JSON.stringify(before.policy) === JSON.stringify(reading.policy) ? before : reading
}
