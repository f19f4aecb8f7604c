import type { SettingsDocument } from '../model/documents.js'
import type { FrameChoices } from '../model/global-settings.js'
import type { Found, Problem } from '../problems/problem.js'
import type { ConfigMap } from '../snapshot/objects.js'
import { parseBoolean } from '../features/kinds/boolean.js'
import { bodyLimitDirective, defaultBodyLimit } from '../features/body-limit.js'
import { areSameDefaults, defaultKeys, type Defaults, readDefaults } from '../features/defaults.js'
import { createProfile } from '../nginx/profile.js'
import type { Reading } from './annotations.js'
import type { HttpsRedirects } from './https-redirect.js'
import { limitKeys, readLimitChoices } from './limit-choices.js'
import { toBytes } from './pathname.js'
import { digestOf } from './digest.js'
import { policyKeys, readPolicy, RISKS } from './policy.js'
import { problemOf } from './reference.js'

/** The main ConfigMap (configmap.md) as far as this version understands it. */
export interface GlobalSettings {
  readonly document: SettingsDocument
  readonly frame: FrameChoices
  /** The same object while the ConfigMap says the same. */
  readonly httpsRedirects: HttpsRedirects
  readonly reading: Reading
}

const KNOWN = new Set([
  ...policyKeys,
  ...defaultKeys,
  ...limitKeys,
  'hsts',
  'hsts-include-subdomains',
  'hsts-max-age',
  'hsts-preload',
  'http-redirect-code',
  'keep-alive',
  'keep-alive-requests',
  'no-tls-redirect-locations',
  'worker-processes',
  'worker-shutdown-timeout',
])

/**
 * Reads the ConfigMap; a value that cannot be read leaves its default in force and is said (CM-1..3). `before` is given
 * back where it still holds, so that no Ingress is read anew for keys that no annotation falls back to.
 */
export function readGlobalSettings(configMap: ConfigMap | undefined, before?: GlobalSettings): Found<GlobalSettings> {
  const reader = createReader(configMap)
  const strictTransportSecurity = reader.bool('hsts', true)
    ? [
        `max-age=${reader.int('hsts-max-age', 31536000, 0)}`,
        ...(reader.bool('hsts-include-subdomains', true) ? ['includeSubDomains'] : []),
        ...(reader.bool('hsts-preload', false) ? ['preload'] : []),
      ].join('; ')
    : ''
  const code = reader.int('http-redirect-code', 308, 0)
  if (![301, 302, 307, 308].includes(code)) reader.complain('http-redirect-code', 'one of 301, 302, 307, 308', '308')
  const frame: FrameChoices = {
    ...workerProcesses(reader),
    ...reader.optionalInt('worker-shutdown-timeout', 'workerShutdownTimeoutSeconds'),
    ...reader.optionalInt('keep-alive', 'keepAliveSeconds'),
    ...reader.optionalInt('keep-alive-requests', 'keepAliveRequests'),
  }
  reader.bool('allow-snippet-annotations', false)
  reader.bool('strict-validate-path-type', true)
  reader.word('annotations-risk-level', RISKS, 'high')
  const { defaults, bad } = readDefaults(configMap)
  for (const { key, reason, instead } of bad) reader.refuse(key, reason, instead)
  const value: GlobalSettings = {
    reading: keepReading({ defaults, policy: readPolicy(configMap) }, before?.reading),
    document: {
      strictTransportSecurity,
      ...proxySettings(defaults),
      ...readLimitChoices(reader),
    },
    frame,
    httpsRedirects: keepEqual(
      { status: [301, 302, 307].includes(code) ? code : 308, exempt: exemptLocations(reader) },
      before?.httpsRedirects,
    ),
  }
  return { value, problems: reader.finish() }
}

/** Beginnings of paths, separated by commas; written empty: none. */
function exemptLocations(reader: ReturnType<typeof createReader>): readonly string[] {
  const text = reader.text('no-tls-redirect-locations') ?? '/.well-known/acme-challenge'
  return text
    .split(',')
    .map((location) => toBytes(location.trim()))
    .filter((location) => location !== '')
}

function keepEqual<T>(value: T, before: T | undefined): T {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(value) ? before : value
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

/** More than NGINX can have (1024 processes of all kinds) would leave it without some, or without all. */
const MOST_WORKERS = 512

function workerProcesses(reader: ReturnType<typeof createReader>): Pick<FrameChoices, 'workerProcesses'> {
  const text = reader.text('worker-processes')?.trim()
  if (text === undefined) return {}
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_WORKERS)
    return { workerProcesses: Number(text) }
  if (text !== 'auto') reader.complain('worker-processes', `auto, or a whole number from 1 to ${MOST_WORKERS}`, 'auto')
  return { workerProcesses: 'auto' }
}

function createReader(configMap: ConfigMap | undefined) {
  const problems: Problem[] = []
  const text = (key: string): string | undefined => configMap?.data[key]
  const refuse = (key: string, reason: string, instead: string): void => {
    if (configMap === undefined) return
    const message = `The value ${JSON.stringify(text(key))} ${reason}; ${instead}.`
    problems.push(problemOf('configmap/invalid-value', configMap, `data["${key}"]`, message))
  }
  const complain = (key: string, wanted: string, used: string): void =>
    refuse(key, `is not ${wanted}`, `${used} is used`)
  const int = (key: string, standard: number, from: number): number => {
    const value = text(key)?.trim()
    if (value === undefined) return standard
    if (/^\d{1,9}$/.test(value) && Number(value) >= from) return Number(value)
    complain(key, `a whole number from ${from}`, String(standard))
    return standard
  }
  return {
    text,
    int,
    complain,
    refuse,
    /** One of some words in any case; only said, not given. */
    word(key: string, words: readonly string[], standard: string): void {
      const value = text(key)?.trim().toLowerCase() ?? ''
      if (value !== '' && !words.includes(value)) complain(key, `one of ${words.join(', ')}`, standard)
    },
    bool(key: string, standard: boolean): boolean {
      const value = text(key)
      if (value === undefined) return standard
      const parsed = value === '' ? false : parseBoolean(value)
      if (parsed !== undefined) return parsed
      complain(key, 'a boolean such as "true" or "false"', String(standard))
      return standard
    },
    /** The key only where it is set and valid, so that the frame keeps its own default otherwise. */
    optionalInt<Name extends keyof FrameChoices>(key: string, name: Name): Partial<Record<Name, number>> {
      const value = int(key, -1, 0)
      return value < 0 ? {} : ({ [name]: value } as Partial<Record<Name, number>>) // a computed key is typed as string
    },
    finish(): readonly Problem[] {
      if (configMap === undefined) return problems
      const unknown = Object.keys(configMap.data)
        .filter((key) => !KNOWN.has(key))
        .sort()
      return [
        ...problems,
        ...unknown.map((key) =>
          problemOf(
            'configmap/unknown-key',
            configMap,
            `data["${key}"]`,
            `Nothing in this version understands ${key}; it has no effect.`,
          ),
        ),
      ]
    },
  }
}
