import { build, type Entry, find, insert, remove, sizeOf, type Tree, walk } from './tree.js'

/** What becomes of a key; undefined takes it out. */
export type Change<V> = readonly [key: string, value: V | undefined]

/**
 * A map that never changes, in order of its keys (UTF-16 code units, as `<` has it). A changed one shares with the one
 * before all but a few nodes, so that it costs little time and memory, and `differences` finds what changed without
 * looking at the rest. The order of changes leaves no trace in what a reader sees. Values are not undefined.
 */
export class SortedMap<V> implements ReadonlyMap<string, V> {
  /** For the functions of this folder. */
  readonly root: Tree<V>

  private constructor(root: Tree<V>) {
    this.root = root
  }

  static empty<V>(): SortedMap<V> {
    return new SortedMap<V>(undefined)
  }

  static of<V>(entries: Iterable<Entry<V>>): SortedMap<V> {
    return SortedMap.empty<V>().with(entries)
  }

  get size(): number {
    return sizeOf(this.root)
  }

  get(key: string): V | undefined {
    return find(this.root, key)?.value
  }

  has(key: string): boolean {
    return find(this.root, key) !== undefined
  }

  /** With these changes, of which the last for a key counts; the same map if nothing is different. */
  with(changes: Iterable<Change<V>>): SortedMap<V> {
    const list = Array.isArray(changes) ? (changes as readonly Change<V>[]) : [...changes] // isArray says any[]
    const root = list.length * REBUILD > this.size ? rebuild(this.root, list) : list.reduce(change, this.root)
    return root === this.root ? this : new SortedMap(root)
  }

  *entries(): Generator<[string, V], undefined> {
    for (const { key, value } of walk(this.root)) yield [key, value]
    return undefined
  }

  *keys(): Generator<string, undefined> {
    for (const { key } of walk(this.root)) yield key
    return undefined
  }

  *values(): Generator<V, undefined> {
    for (const { value } of walk(this.root)) yield value
    return undefined
  }

  /** The keys that begin with `prefix`. */
  *keysFrom(prefix: string): Generator<string, undefined> {
    for (const { key } of walk(this.root, prefix)) {
      if (!key.startsWith(prefix)) return undefined
      yield key
    }
    return undefined
  }

  [Symbol.iterator](): Generator<[string, V], undefined> {
    return this.entries()
  }

  forEach(act: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const { key, value } of walk(this.root)) act(value, key, this)
  }
}

/** From one change to so many entries on, making all nodes anew is cheaper than changing one after the other. */
const REBUILD = 8

function change<V>(tree: Tree<V>, [key, value]: Change<V>): Tree<V> {
  return value === undefined ? remove(tree, key) : insert(tree, key, value)
}

function rebuild<V>(tree: Tree<V>, changes: readonly Change<V>[]): Tree<V> {
  const changed = new Map(changes)
  if ([...changed].every(([key, value]) => find(tree, key)?.value === value)) return tree
  const entries: Entry<V>[] = []
  for (const { key, value } of walk(tree)) if (!changed.has(key)) entries.push([key, value])
  for (const [key, value] of changed) if (value !== undefined) entries.push([key, value])
  return build(entries.sort(byKey))
}

function byKey<V>([a]: Entry<V>, [b]: Entry<V>): number {
  return a < b ? -1 : a > b ? 1 : 0
}
