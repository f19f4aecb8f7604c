import type { Position } from '../../problems/problem.js'
import type { Source } from '../../snapshot/objects.js'
import { type FieldStep, parseFieldPath } from './field-path.js'
import { listItemOffsets, locateInJson } from './json.js'
import { inspect } from './folder.js'
import { findValues } from './documents.js'
import { createYamlFinder, type FindField, lineStarts, placeInLines } from './locate.js'
import { readFile, type Stamp } from './read-file.js'
import { readYaml } from './yaml.js'

/**
 * Where an object was read. Only the place is kept, not the syntax: a position is found by reading the file again, and
 * the few files read last are remembered for as long as memory allows. A file that changed meanwhile may give the place
 * of a neighbour until the change has been read.
 */
export function createFileSource(file: string, document: number, item: string): Source {
  return { file, locate: (field) => locate(file, document, item, field) }
}

interface RememberedFile {
  readonly file: string
  readonly stamp: Stamp
  readonly text: string
  readonly isJson: boolean
  /** Where each document lies. */
  readonly documents: readonly { readonly from: number; readonly to: number }[]
  readonly lines: readonly number[]
  /** Offsets of the items of lists in JSON, by the document and the field path of the list. */
  readonly lists: Map<string, readonly number[]>
  /** How to find fields in the YAML document asked about last; a long List is one document with many questions. */
  finder: { readonly document: number; readonly find: FindField } | undefined
}

/** The latest first. A duplicate is two places, often of the same two files again and again. */
let remembered: readonly WeakRef<RememberedFile>[] = []
const MAX_REMEMBERED = 4

function locate(file: string, document: number, item: string, field: string): Position {
  const found = recall(file)
  const place = found?.documents[document]
  if (found === undefined || place === undefined) return { file, line: 0, column: 0 }
  const inItem = parseFieldPath(field)
  const offset = found.isJson
    ? locateInJson(found.text, jsonItemOffset(found, document, item), inItem)
    : locateInYaml(found, document, [...parseFieldPath(item), ...inItem])
  return { file, ...placeInLines(found.lines, offset) }
}

function locateInYaml(file: RememberedFile, document: number, path: readonly FieldStep[]): number {
  if (file.finder?.document !== document) {
    const { from, to } = file.documents[document] ?? { from: 0, to: 0 }
    file.finder = { document, find: createYamlFinder(file.text, from, to) }
  }
  return file.finder.find(path)
}

function jsonItemOffset(found: RememberedFile, document: number, item: string): number {
  const from = found.documents[document]?.from ?? 0
  const last = /^(.*)\[(\d+)\]$/.exec(item)
  if (last === null) return from
  const [, list = '', index = '0'] = last
  const key = `${document} ${list}`
  let offsets = found.lists.get(key)
  if (offsets === undefined) {
    offsets = listItemOffsets(found.text, from, parseFieldPath(list))
    found.lists.set(key, offsets)
  }
  return offsets[Number(index)] ?? 0
}

function recall(file: string): RememberedFile | undefined {
  const known = remembered.find((entry) => entry.deref()?.file === file)?.deref()
  if (known !== undefined && known.stamp === inspect(file).stamp) return known
  const now = readFile(file)
  if (now.kind !== 'text') return undefined
  const { stamp, text } = now
  const fresh: RememberedFile = {
    file,
    stamp,
    text,
    ...placesOf(file, text),
    lines: lineStarts(text),
    lists: new Map(),
    finder: undefined,
  }
  const others = remembered.filter((entry) => (entry.deref()?.file ?? file) !== file)
  remembered = [new WeakRef(fresh), ...others].slice(0, MAX_REMEMBERED)
  return fresh
}

function placesOf(file: string, text: string): Pick<RememberedFile, 'isJson' | 'documents'> {
  const values = findValues(file, text)
  if (values !== undefined) return { isJson: true, documents: values }
  const yaml = readYaml(text)
  return { isJson: false, documents: yaml.ok ? yaml.documents : [] }
}
