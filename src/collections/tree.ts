/** A node of a balanced tree in order of its keys; `size` counts the entries of the whole subtree. Never changed. */
export interface Node<V> {
  readonly key: string
  readonly value: V
  readonly size: number
  readonly left: Tree<V>
  readonly right: Tree<V>
}

export type Tree<V> = Node<V> | undefined

export type Entry<V> = readonly [key: string, value: V]

export function sizeOf<V>(tree: Tree<V>): number {
  return tree === undefined ? 0 : tree.size
}

export function find<V>(tree: Tree<V>, key: string): Tree<V> {
  let node = tree
  while (node !== undefined && node.key !== key) node = key < node.key ? node.left : node.right
  return node
}

/** The same tree where the value stands there already. */
export function insert<V>(tree: Tree<V>, key: string, value: V): Node<V> {
  if (tree === undefined) return { key, value, size: 1, left: undefined, right: undefined }
  if (key === tree.key) return value === tree.value ? tree : { ...tree, key, value }
  if (key < tree.key) {
    const left = insert(tree.left, key, value)
    return left === tree.left ? tree : join(tree, left, tree.right)
  }
  const right = insert(tree.right, key, value)
  return right === tree.right ? tree : join(tree, tree.left, right)
}

/** The same tree where there is no such key. */
export function remove<V>(tree: Tree<V>, key: string): Tree<V> {
  if (tree === undefined) return undefined
  if (key === tree.key) return glue(tree.left, tree.right)
  if (key < tree.key) {
    const left = remove(tree.left, key)
    return left === tree.left ? tree : join(tree, left, tree.right)
  }
  const right = remove(tree.right, key)
  return right === tree.right ? tree : join(tree, tree.left, right)
}

/** A tree of entries that are in order, without comparing them: `entries[from]` to before `entries[to]`. */
export function build<V>(entries: readonly Entry<V>[], from = 0, to = entries.length): Tree<V> {
  const middle = (from + to) >>> 1
  const entry = entries[middle]
  if (from >= to || entry === undefined) return undefined
  return node(entry[0], entry[1], build(entries, from, middle), build(entries, middle + 1, to))
}

/** The entries in order of their keys, from `first` on. */
export function* walk<V>(tree: Tree<V>, first = ''): Generator<Node<V>, undefined> {
  const above: Node<V>[] = []
  let at = tree
  while (at !== undefined || above.length > 0) {
    while (at !== undefined) {
      if (at.key < first) at = at.right
      else {
        above.push(at)
        at = at.left
      }
    }
    const next = above.pop()
    if (next === undefined) return undefined
    yield next
    at = next.right
  }
  return undefined
}

/** One side may be this many times as large as the other. With 3 and 2, one rotation is always enough. */
const HEAVIER = 3
const SINGLE = 2

function node<V>(key: string, value: V, left: Tree<V>, right: Tree<V>): Node<V> {
  return { key, value, size: sizeOf(left) + sizeOf(right) + 1, left, right }
}

/** The entry of `middle` between two trees, one of which may have gained or lost one entry since they were in balance. */
function join<V>(middle: Node<V>, left: Tree<V>, right: Tree<V>): Node<V> {
  const { key, value } = middle
  const [lefts, rights] = [sizeOf(left), sizeOf(right)]
  if (lefts + rights > 1) {
    if (right !== undefined && rights > HEAVIER * lefts) return leanLeft(middle, left, right)
    if (left !== undefined && lefts > HEAVIER * rights) return leanRight(middle, left, right)
  }
  return node(key, value, left, right)
}

function leanLeft<V>({ key, value }: Node<V>, left: Tree<V>, right: Node<V>): Node<V> {
  const inner = right.left
  if (inner === undefined || inner.size < SINGLE * sizeOf(right.right)) {
    return node(right.key, right.value, node(key, value, left, inner), right.right)
  }
  const outer = node(right.key, right.value, inner.right, right.right)
  return node(inner.key, inner.value, node(key, value, left, inner.left), outer)
}

function leanRight<V>({ key, value }: Node<V>, left: Node<V>, right: Tree<V>): Node<V> {
  const inner = left.right
  if (inner === undefined || inner.size < SINGLE * sizeOf(left.left)) {
    return node(left.key, left.value, left.left, node(key, value, inner, right))
  }
  const outer = node(left.key, left.value, left.left, inner.left)
  return node(inner.key, inner.value, outer, node(key, value, inner.right, right))
}

/** One tree of two whose keys do not overlap. */
function glue<V>(left: Tree<V>, right: Tree<V>): Tree<V> {
  if (left === undefined) return right
  if (right === undefined) return left
  let middle = right
  while (middle.left !== undefined) middle = middle.left
  return join(middle, left, remove(right, middle.key))
}
