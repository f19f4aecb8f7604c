import type { Problem } from '../problems/problem.js'
import type { Ingress } from '../snapshot/objects.js'
import { parseBoolean } from './boolean.js'
import { problemOf } from './reference.js'

/**
 * Annotations that protect something. Until a version understands one, its paths answer 503: a route must never go
 * unprotected because nobody read the sentence that protects it (architecture, fail closed).
 */
const PROTECTING = new Set([
  'allowlist-source-range',
  'auth-secret',
  'auth-secret-type',
  'auth-signin',
  'auth-tls-match-cn',
  'auth-tls-secret',
  'auth-tls-verify-client',
  'auth-tls-verify-depth',
  'auth-type',
  'auth-url',
  'denylist-source-range',
  'enable-global-auth',
  'enable-modsecurity',
  'enable-owasp-core-rules',
  'limit-connections',
  'limit-rpm',
  'limit-rps',
  'modsecurity-snippet',
  'auth-snippet',
  'satisfy',
  'whitelist-source-range',
])

/** What an Ingress's annotations come to. */
export interface Annotations {
  /** Its paths answer 503. */
  readonly closed: boolean
  /** It is a canary, which this version does not serve; its paths must not count as main ones. */
  readonly canary: boolean
  readonly problems: readonly Problem[]
}

/** Reads the annotations with our prefix; says which are not understood, and closes the paths of those that protect. */
export function readAnnotations(ingress: Ingress, prefix: string): Annotations {
  const problems: Problem[] = []
  let closed = false
  let canary = false
  for (const key of Object.keys(ingress.annotations).sort()) {
    if (!key.startsWith(`${prefix}/`)) continue
    const name = key.slice(prefix.length + 1)
    const value = ingress.annotations[key] ?? ''
    if (name === 'canary' && parseBoolean(value) === true) {
      canary = true
      problems.push(refuse(ingress, key, 'Canary Ingresses are not served by this version, so this one is left out.'))
    } else if (admitsEverybody(name, value)) {
      // Nothing is taken away and nothing has to be said: cert-manager writes it on each of its solvers.
    } else if (PROTECTING.has(name)) {
      closed = true
      const message = `This version does not understand ${name}. The paths of this Ingress answer 503 rather than go unprotected; remove the annotation only if they may be open to everyone.`
      problems.push(refuse(ingress, key, message))
    } else {
      const message = `Nothing in this version understands ${name}; it has no effect.`
      problems.push(problemOf('annotation/unknown', ingress, fieldOf(key), message))
    }
  }
  return { closed, canary, problems }
}

/** A list of admitted sources with all of IPv4 and all of IPv6 in it. */
function admitsEverybody(name: string, value: string): boolean {
  if (name !== 'allowlist-source-range' && name !== 'whitelist-source-range') return false
  const sources = value.split(',').map((source) => source.trim())
  return sources.includes('0.0.0.0/0') && sources.includes('::/0')
}

function refuse(ingress: Ingress, key: string, message: string): Problem {
  return problemOf('annotation/closed', ingress, fieldOf(key), message)
}

function fieldOf(key: string): string {
  return `metadata.annotations["${key}"]`
}
