import type { ConfigMap } from '../snapshot/objects.js'
import type { Setting } from './declare.js'
import { families } from './index.js'
import { UNREADABLE } from './unreadable.js'

/**
 * Values that the main ConfigMap gives to annotations that an Ingress does not have, by annotation; and those of other
 * keys, by key.
 */
export type Defaults = ReadonlyMap<string, unknown>

/** A key whose value cannot be read: the built-in default holds. */
export interface BadDefault {
  readonly key: string
  readonly reason: string
  /** What happens instead, in words. */
  readonly instead: string
}

/** Keys that are read here. */
export const defaultKeys: readonly string[] = [...new Set(keysToRead().map(({ key }) => key))]

/** CM-1..3: a bad value costs only its own key. An empty value counts as none, unless its key says otherwise. */
export function readDefaults(configMap: ConfigMap | undefined): {
  readonly defaults: Defaults
  readonly bad: readonly BadDefault[]
} {
  const defaults = new Map<string, unknown>()
  const bad = new Map<string, BadDefault>()
  for (const { name, key, kind, fallback, protects, empty } of keysToRead()) {
    const text = configMap?.data[key]?.trim()
    if (text === '' && empty !== undefined) defaults.set(name, empty)
    if (text === undefined || text === '') continue
    const read = kind.parse(text)
    if (read.ok) {
      defaults.set(name, read.value)
      if (read.skipped !== undefined) bad.set(key, { key, reason: read.skipped, instead: 'the rest is used' })
    } else {
      bad.set(key, { key, reason: read.reason, instead: protects ? CLOSED : `${fallback} is used` })
      if (protects) defaults.set(name, UNREADABLE)
    }
  }
  return { defaults, bad: [...bad.values()] }
}

/** Whether two ConfigMaps come to the same for every annotation. */
export function areSameDefaults(a: Defaults, b: Defaults): boolean {
  return a.size === b.size && JSON.stringify(textsOf(a)) === JSON.stringify(textsOf(b))
}

const CLOSED = 'paths that it would hold for answer 503'

function textsOf(defaults: Defaults): readonly (readonly [string, unknown])[] {
  return [...defaults].map(([key, value]) => [key, value === UNREADABLE ? 'unreadable' : { value }] as const)
}

interface KeyToRead extends Pick<Setting, 'kind' | 'fallback' | 'empty'> {
  readonly name: string
  readonly key: string
  readonly protects: boolean
}

function keysToRead(): readonly KeyToRead[] {
  return families.flatMap(({ annotations, settings = {} }) => [
    ...Object.entries(annotations).flatMap(([name, { configMapKey: key, kind, fallback, protects }]) =>
      key === undefined ? [] : [{ name, key, kind, fallback, protects: protects === true }],
    ),
    ...Object.entries(settings).map(([key, setting]) => ({ name: key, key, protects: false, ...setting })),
  ])
}
