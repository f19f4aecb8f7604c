import type { Resource } from '../../kubernetes/resource.js'
import type { NamedObjects, NamedParts } from './objects-by-name.js'

/**
 * How Secrets are read; each way reads the content of needed ones only (docs/design/secrets-by-need.md).
 * all: a watch of the metadata of all, and a GET of each needed one; needs get, list and watch of Secrets.
 * named: a watch per needed Secret; the rule may name them.
 * auto: all where that is allowed, else named.
 */
export type SecretsMode = 'auto' | 'all' | 'named'

/** A Secret whose content could not be read. */
export interface FetchFailure {
  /** `namespace/name` */
  readonly key: string
  readonly status: number
  readonly message: string
}

/** Reads the Secrets that are needed. */
export interface SecretReader extends NamedObjects {
  /** Single Secrets that could not be read. */
  failures(): readonly FetchFailure[]
}

export interface SecretParts extends NamedParts {
  readonly isNeeded: (key: string) => boolean
}

/** SEL-8: releases of Helm are Secrets too, large ones, and nobody serves them. */
export function secretsOf(namespace: string): Resource {
  return { group: '', version: 'v1', plural: 'secrets', namespace, fieldSelector: 'type!=helm.sh/release.v1' }
}
