import type { Position } from '../../problems/problem.js'
import type { Source } from '../../snapshot/objects.js'
import { parseFieldPath } from './field-path.js'
import { listItemOffsets, locateInJson } from './json.js'
import { inspect } from './folder.js'
import { isJson } from './documents.js'
import { lineStarts, locateInYaml, placeInLines } from './locate.js'
import { readFile, type Stamp } from './read-file.js'
import { readYaml } from './yaml.js'

/**
 * Where an object was read. Only the place is kept, not the syntax: a position is found by reading the file again, and
 * the one file read last is remembered for as long as memory allows. A file that changed meanwhile may give the place
 * of a neighbour until the change has been read.
 */
export function createFileSource(file: string, document: number, item: string): Source {
  return { file, locate: (field) => locate(file, document, item, field) }
}

interface RememberedFile {
  readonly file: string
  readonly stamp: Stamp
  readonly text: string
  /** Where each document lies. */
  readonly documents: readonly { readonly from: number; readonly to: number }[]
  readonly lines: readonly number[]
  /** Offsets of the items of lists in JSON, by the field path of the list. */
  readonly lists: Map<string, readonly number[]>
}

let remembered: WeakRef<RememberedFile> | undefined

function locate(file: string, document: number, item: string, field: string): Position {
  const found = recall(file)
  const place = found?.documents[document]
  if (found === undefined || place === undefined) return { file, line: 0, column: 0 }
  const inItem = parseFieldPath(field)
  const offset = isJson(file)
    ? locateInJson(found.text, jsonItemOffset(found, item), inItem)
    : locateInYaml(found.text, place.from, place.to, [...parseFieldPath(item), ...inItem])
  return { file, ...placeInLines(found.lines, offset) }
}

function jsonItemOffset(found: RememberedFile, item: string): number {
  const last = /^(.*)\[(\d+)\]$/.exec(item)
  if (last === null) return Math.max(0, found.text.search(/\S/))
  const [, list = '', index = '0'] = last
  let offsets = found.lists.get(list)
  if (offsets === undefined) {
    offsets = listItemOffsets(found.text, parseFieldPath(list))
    found.lists.set(list, offsets)
  }
  return offsets[Number(index)] ?? 0
}

function recall(file: string): RememberedFile | undefined {
  const known = remembered?.deref()
  if (known?.file === file && known.stamp === inspect(file).stamp) return known
  const now = readFile(file)
  if (now.kind !== 'text') return undefined
  const { stamp, text } = now
  const fresh = { file, stamp, text, documents: placesOf(file, text), lines: lineStarts(text), lists: new Map() }
  remembered = new WeakRef(fresh)
  return fresh
}

function placesOf(file: string, text: string): RememberedFile['documents'] {
  if (isJson(file)) return [{ from: 0, to: text.length }]
  const yaml = readYaml(text)
  return yaml.ok ? yaml.documents : []
}
