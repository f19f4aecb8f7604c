import { families } from '../features/index.js'
import type { Keys } from './declare.js'
import { groups } from './index.js'

/** A key as the reference shows it. */
export interface KeyEntry {
  readonly key: string
  readonly doc: string
  readonly value: string
  readonly fallback: string
  readonly changes: string
  readonly example: string
}

export interface KeyGroup {
  readonly title: string
  readonly entries: readonly KeyEntry[]
  readonly withoutEffect: readonly (readonly [key: string, why: string])[]
}

/** Every key of the main ConfigMap: those of this folder by group, and those that give annotations their default. */
export function keyGroups(): readonly KeyGroup[] {
  const seen = new Set<string>()
  return [...Object.entries(groups).map(([title, keys]) => groupOf(title, keys)), ...families.flatMap(groupOfFamily)]
    .map((group) => ({ ...group, entries: group.entries.filter(({ key }) => isFirst(key, seen)) }))
    .filter(({ entries, withoutEffect }) => entries.length + withoutEffect.length > 0)
}

/** Families may look at the same key. */
function isFirst(key: string, seen: Set<string>): boolean {
  const size = seen.size
  return seen.add(key).size > size
}

function groupOf(title: string, keys: Keys): KeyGroup {
  const all = Object.entries(keys)
  return {
    title,
    entries: all.flatMap(([key, declared]) => {
      if ('withoutEffect' in declared) return []
      const { doc, kind, fallback, changes, example } = declared
      return [{ key, doc, value: kind.form, fallback, changes, example }]
    }),
    withoutEffect: all.flatMap(([key, declared]) =>
      'withoutEffect' in declared ? [[key, declared.withoutEffect] as const] : [],
    ),
  }
}

/** What is a default of annotations changes what they change. */
function groupOfFamily({ title, annotations, settings = {} }: (typeof families)[number]): readonly KeyGroup[] {
  const defaults = Object.entries(annotations).flatMap(([name, annotation]): KeyEntry[] => {
    const { configMapKey: key, kind, fallback, example, effect } = annotation
    if (key === undefined) return []
    const doc = `Default of the annotation ${name}. ${annotation.doc}`
    return [{ key, doc, value: kind.form, fallback, changes: `each ${effect}`, example }]
  })
  const others = Object.entries(settings).map(([key, { kind, fallback, doc, example }]): KeyEntry => {
    return {
      key,
      doc,
      value: kind.form,
      fallback,
      changes: 'table',
      example,
    }
  })
  const entries = [...defaults, ...others]
  return entries.length === 0 ? [] : [{ title, entries, withoutEffect: [] }]
}

/** `docs/configmap.md`. */
export function printKeys(): string {
  return [
    '# The main ConfigMap',
    '',
    'The keys that this version understands, produced from the declarations in `src/configmap/` and `src/features/`. The ConfigMap is the one that',
    '`--configmap` names; it is followed, and a change is live without a restart. A value that cannot be read costs only its own key: its default holds,',
    'and a problem says so; where it would keep somebody out, what depends on it is closed. A value that can be read and that NGINX itself refuses, such as',
    'an address that the machine does not have, costs only its own key too: the value before it holds, or the default (of bind-address 127.0.0.1 alone), and',
    'it is tried again after half a minute, then less often, every five minutes at last.',
    '',
    '**Changes** says how: *frame*: by a reload in which no request fails; *table*, *each path*, *each host*, *each upstream*: without one;',
    '*controller*: what Fairlead does itself.',
    '',
    ...keyGroups().flatMap(printGroup),
  ].join('\n')
}

function printGroup({ title, entries, withoutEffect }: KeyGroup): readonly string[] {
  const rows = entries.map(({ key, doc, value, fallback, changes, example }) =>
    row([`\`${key}\``, doc, value, fallback, changes, example === '' ? '' : `\`${example}\``]),
  )
  const table = [
    '| key | what it does | value | default | changes | example |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ]
  const none = [
    '| key without effect | why |',
    '|---|---|',
    ...withoutEffect.map(([key, why]) => row([`\`${key}\``, why])),
    '',
  ]
  return [`## ${title}`, '', ...(entries.length === 0 ? [] : table), ...(withoutEffect.length === 0 ? [] : none)]
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
