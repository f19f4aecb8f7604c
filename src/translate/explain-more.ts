import type { LimitSettings } from '../model/features.js'
import { findCertified } from '../model/host.js'
import { DEFAULT_CERTIFICATE } from '../model/keys.js'
import type { Table } from '../model/table.js'
import type { Ingress } from '../snapshot/objects.js'
import { readCertificate } from './certificate.js'
import type { Translation } from './translate.js'

/** What a client that asks over TLS for the name of its Host header is shown. */
export interface CertificateExplanation {
  /** `namespace/name` of the Secret, or `default`. */
  readonly secret: string
  /** Others with other kinds of keys, of which the client's offer decides. */
  readonly others?: readonly string[]
  /** Names that it holds for, and its end in ISO 8601; absent for the default one. */
  readonly names?: readonly string[]
  readonly notAfter?: string
}

/** CERT-5. */
export function explainCertificate(translation: Translation, table: Table, name: string): CertificateExplanation {
  const host = findCertified(table, name)
  const key = host?.certificate
  if (host === undefined || key === undefined) return { secret: DEFAULT_CERTIFICATE }
  const others = host.otherCertificates ?? []
  const secret = translation.certificates.served.get(key)?.secret
  const reading = secret === undefined ? undefined : readCertificate(secret)
  return {
    secret: key,
    ...(others.length === 0 ? {} : { others }),
    ...(reading?.ok === true ? { names: reading.names, notAfter: new Date(reading.notAfter).toISOString() } : {}),
  }
}

/** Annotations of the Ingress of a route. */
export interface AnnotationsExplanation {
  /** Without their prefix. What is of a whole host or Service may still be decided by an older Ingress (ORD-3). */
  readonly understood: readonly string[]
  readonly ignored: readonly { readonly name: string; readonly why: string }[]
}

/** undefined: it has none that begin with our prefix. */
export function explainAnnotations(translation: Translation, ingress: Ingress): AnnotationsExplanation | undefined {
  const prefix = `${translation.options.annotationsPrefix}/`
  const names = Object.keys(ingress.annotations)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .sort()
  if (names.length === 0) return undefined
  const why = new Map<string, string>()
  for (const { about, field, message, code } of translation.problems) {
    if (about.kind !== 'Ingress' || about.namespace !== ingress.namespace || about.name !== ingress.name) continue
    // It is in force, or a part of it.
    if (code === 'annotation/used-in-part' || code === 'host/open-over-http') continue
    const name = names.find((one) => field === `metadata.annotations["${prefix}${one}"]`)
    if (name !== undefined && !why.has(name)) why.set(name, message)
  }
  return {
    understood: names.filter((name) => !why.has(name)),
    ignored: [...why].map(([name, message]) => ({ name, why: message })),
  }
}

/** How many requests a client may make, in words (LIM-1..4). */
export function describeLimits({ counter, rates = [], connections, exempt }: LimitSettings): readonly string[] {
  const words = [
    ...rates.map(
      ({ requests, seconds, burst }) => `${requests} requests in ${seconds} s, and ${burst} at once beyond it`,
    ),
    ...(connections === undefined ? [] : [`${connections} requests at a time`]),
  ]
  const who = `for each client, over all paths of Ingress ${counter}`
  const but = exempt === undefined ? '' : ', except for the addresses of limit-allowlist'
  return words.map((one) => `${one} ${who}${but}`)
}
