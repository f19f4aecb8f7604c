import type { ConfigMap } from '../snapshot/objects.js'
import type { Setting } from './declare.js'
import { families } from './index.js'

/** Values that the main ConfigMap gives to annotations that an Ingress does not have, by annotation; and those of other keys, by key. */
export type Defaults = ReadonlyMap<string, unknown>

/** A key whose value cannot be read: the built-in default holds. */
export interface BadDefault {
  readonly key: string
  readonly reason: string
  readonly fallback: string
}

/** Keys that are read here. */
export const defaultKeys: readonly string[] = [...new Set(keysToRead().map(({ key }) => key))]

/** CM-1..3: a bad value costs only its own key. An empty value counts as none. */
export function readDefaults(configMap: ConfigMap | undefined): {
  readonly defaults: Defaults
  readonly bad: readonly BadDefault[]
} {
  const defaults = new Map<string, unknown>()
  const bad = new Map<string, BadDefault>()
  for (const { name, key, kind, fallback } of keysToRead()) {
    const text = configMap?.data[key]?.trim() ?? ''
    if (text === '') continue
    const read = kind.parse(text)
    if (read.ok) defaults.set(name, read.value)
    else bad.set(key, { key, reason: read.reason, fallback })
  }
  return { defaults, bad: [...bad.values()] }
}

/** Whether two ConfigMaps come to the same for every annotation. */
export function areSameDefaults(a: Defaults, b: Defaults): boolean {
  return a.size === b.size && JSON.stringify([...a]) === JSON.stringify([...b])
}

interface KeyToRead extends Setting {
  readonly name: string
  readonly key: string
}

function keysToRead(): readonly KeyToRead[] {
  return families.flatMap(({ annotations, settings = {} }) => [
    ...Object.entries(annotations).flatMap(([name, { configMapKey: key, kind, fallback }]) =>
      key === undefined ? [] : [{ name, key, kind, fallback }],
    ),
    ...Object.entries(settings).map(([key, setting]) => ({ name: key, key, ...setting })),
  ])
}
