import type { Resource } from '../../kubernetes/resource.js'
import type { Track, TrackSurroundings } from './track.js'

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
export interface SecretReader {
  readonly tracks: readonly Track[]
  /** Single Secrets that could not be read. */
  failures(): readonly FetchFailure[]
  /** Nothing is under way that the first snapshot should wait for. */
  settled(): boolean
  start(): void
  /** A Secret is needed from now on, or not any more; `key` is `namespace/name`. */
  change(key: string, needed: 'needed' | 'not-needed'): void
  stop(): Promise<void>
}

export interface SecretParts extends TrackSurroundings {
  /** '' is every namespace. */
  readonly namespace: string
  readonly isNeeded: (key: string) => boolean
  readonly needed: () => Iterable<string>
  onSecret(raw: unknown): void
  onGone(namespace: string, name: string): void
}

/** SEL-8: releases of Helm are Secrets too, large ones, and nobody serves them. */
export function secretsOf(namespace: string): Resource {
  return { group: '', version: 'v1', plural: 'secrets', namespace, fieldSelector: 'type!=helm.sh/release.v1' }
}
