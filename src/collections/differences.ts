import type { SortedMap } from './sorted-map.js'
import type { Node, Tree } from './tree.js'

/** A key whose value is another one; undefined: it is not there. */
export interface Difference<V> {
  readonly key: string
  readonly before: V | undefined
  readonly after: V | undefined
}

/**
 * What tells two maps apart, in order of the keys; values are compared by identity. Between a map and one made from it
 * this costs about as much as the changes did: subtrees that both have are passed over unseen.
 */
export function differences<V>(before: SortedMap<V>, after: SortedMap<V>): readonly Difference<V>[] {
  if (before.root === after.root) return []
  const found: Difference<V>[] = []
  const olds = startOf(before.root)
  const news = startOf(after.root)
  for (;;) {
    const a = olds.at(-1)
    const b = news.at(-1)
    if (a === undefined && b === undefined) return found
    if (a === b) {
      olds.pop()
      news.pop()
    } else if (a !== undefined && a.size > 1 && (b === undefined || a.size >= b.size)) open(olds)
    else if (b !== undefined && b.size > 1) open(news)
    else compare(olds, news, found)
  }
}

/** What is still to be looked at, the next on top. A node of size 1 stands for an entry, a larger one for a subtree. */
type Ahead<V> = Node<V>[]

function startOf<V>(tree: Tree<V>): Ahead<V> {
  return tree === undefined ? [] : [tree]
}

/** Puts the parts of the subtree on top in its place. */
function open<V>(ahead: Ahead<V>): void {
  const top = ahead.pop()
  if (top === undefined) return
  if (top.right !== undefined) ahead.push(top.right)
  ahead.push({ key: top.key, value: top.value, size: 1, left: undefined, right: undefined })
  if (top.left !== undefined) ahead.push(top.left)
}

function compare<V>(olds: Ahead<V>, news: Ahead<V>, found: Difference<V>[]): void {
  const a = olds.at(-1)
  const b = news.at(-1)
  if (a !== undefined && (b === undefined || a.key < b.key)) {
    found.push({ key: a.key, before: a.value, after: undefined })
    olds.pop()
  } else if (b !== undefined && (a === undefined || b.key < a.key)) {
    found.push({ key: b.key, before: undefined, after: b.value })
    news.pop()
  } else if (a !== undefined && b !== undefined) {
    if (a.value !== b.value) found.push({ key: a.key, before: a.value, after: b.value })
    olds.pop()
    news.pop()
  }
}
