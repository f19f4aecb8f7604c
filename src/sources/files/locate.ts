import { isMap, isNode, isScalar, isSeq } from 'yaml'
import type { FieldStep } from './field-path.js'
import { type Marks, readPlainYaml } from './plain-yaml.js'
import { parseTree } from './yaml.js'

/** Line and column from 1 of an offset. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset)
  return { line: countLines(text, 0, offset) + 1, column: offset - before.lastIndexOf('\n') }
}

/** Offsets at which the lines of a text begin, for `placeInLines`. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Line and column from 1 of an offset, when many are asked for in one text. */
export function placeInLines(
  starts: readonly number[],
  offset: number,
): { readonly line: number; readonly column: number } {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}

/** How many lines end between two offsets. */
export function countLines(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}

/** Finds a field in one YAML document: its key, or the item; the nearest part that exists. */
export type FindField = (path: readonly FieldStep[]) => number

/** Reads the document between two offsets once, for as many questions as may come. */
export function createYamlFinder(text: string, from: number, to: number): FindField {
  const start = skipToContent(text, from, to)
  const marks: Marks = new Map()
  const plain = readPlainYaml(text, from, to, marks)
  if (plain !== undefined) return (path) => followMarks(plain.value, marks, path, start)
  const root: unknown = parseTree(text, from, to)?.contents
  return (path) => followTree(root, from, path, start)
}

function followMarks(value: unknown, marks: Marks, path: readonly FieldStep[], start: number): number {
  let found = start
  let holder = value
  for (const step of path) {
    if (typeof holder !== 'object' || holder === null) return found
    const mark = marks.get(holder)?.get(step)
    if (mark === undefined) return found
    found = mark
    holder = partOf(holder, step)
  }
  return found
}

function partOf(holder: object, step: FieldStep): unknown {
  return Object.getOwnPropertyDescriptor(holder, step)?.value
}

function followTree(root: unknown, from: number, path: readonly FieldStep[], start: number): number {
  let found = start
  let node = root
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      if (pair === undefined) return found
      found = isNode(pair.key) ? from + (pair.key.range?.[0] ?? 0) : found
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step]
      if (node === undefined) return found
      found = isNode(node) ? from + (node.range?.[0] ?? 0) : found
    } else return found
  }
  return found
}

function skipToContent(text: string, from: number, to: number): number {
  const lead = /(?:[ \t]*(?:#[^\n]*)?\r?\n)*/y
  lead.lastIndex = from
  return lead.test(text) && lead.lastIndex < to ? lead.lastIndex : from
}
