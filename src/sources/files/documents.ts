import { createHash } from 'node:crypto'
import { isMapping } from '../../snapshot/fields.js'
import { findJsonValues } from './json.js'
import { countLines, lineAndColumn } from './locate.js'
import { readYaml } from './yaml.js'

/** One piece of data of a file that should be an object: a document, or an item of a list. */
export interface FileItem {
  readonly value: unknown
  /** Which document of the file, from 0; empty ones are not counted. */
  readonly document: number
  /** Field path of the item in its document, such as `items[3]`; empty for the document itself. */
  readonly item: string
  /** Equal for equal text at the same line: the object read from it need not be made again. */
  readonly digest: string
}

/** A mistake in the text; line and column count from 1. */
export interface PlacedMistake {
  readonly message: string
  readonly line: number
  readonly column: number
}

export type FileItems =
  | { readonly ok: true; readonly items: readonly FileItem[] }
  | { readonly ok: false; readonly errors: readonly PlacedMistake[] }

/** One mistake brings others with it, so only the first ones of a file are told. */
const MAX_MISTAKES = 3

/** The items of a file's text; `name` decides by its ending whether it is JSON. A byte order mark is passed over. */
export function readItems(name: string, text: string): FileItems {
  try {
    if (isJson(name)) return readJsonItems(text)
    const values = jsonValuesInYaml(text)
    return values === undefined ? readYamlItems(text) : readValues(text, values)
  } catch (error) {
    // Reading, and what follows it, goes down into the data by recursion; only data made for it is so deep.
    if (!(error instanceof RangeError)) throw error
    return { ok: false, errors: [{ message: 'The data is nested too deeply', line: 1, column: 1 }] }
  }
}

/** Where the values of a file lie that is read as JSON; undefined: it is not. */
export function findValues(name: string, text: string): readonly Span[] | undefined {
  if (!isJson(name)) return jsonValuesInYaml(text)
  const values = findJsonValues(text)
  return typeof values === 'number' ? [{ from: 0, to: text.length }] : values
}

interface Span {
  readonly from: number
  readonly to: number
}

function isJson(name: string): boolean {
  return name.endsWith('.json')
}

/** One JSON value is YAML as well, but several without `---` between them are not; kubectl reads them all the same. */
function jsonValuesInYaml(text: string): readonly Span[] | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  const values = findJsonValues(text)
  return typeof values === 'number' || values.length === 1 ? undefined : values
}

function readYamlItems(text: string): FileItems {
  const file = readYaml(text)
  if (!file.ok)
    return {
      ok: false,
      errors: file.mistakes
        .slice(0, MAX_MISTAKES)
        .map(({ message, offset }) => ({ message, ...lineAndColumn(text, offset) })),
    }
  let line = 0
  let counted = 0
  const items = file.documents.flatMap(({ value, from, to }, document) => {
    line += countLines(text, counted, from)
    counted = from
    return expand(value, document, '', `${line} ${digest(text.slice(from, to))}`)
  })
  return { ok: true, items }
}

function readJsonItems(text: string): FileItems {
  if (text.trim() === '') return { ok: true, items: [] }
  try {
    // Nearly always there is one value, which need not be looked through for its end.
    const value: unknown = JSON.parse(text)
    return { ok: true, items: expand(value, 0, '', digest(text)) }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const values = findJsonValues(text)
    if (typeof values !== 'number') return readValues(text, values)
    const what =
      values >= text.length ? 'the text ends too early' : `${JSON.stringify(text[values])} does not belong here`
    return { ok: false, errors: [{ message: `Not JSON: ${what}`, ...lineAndColumn(text, values) }] }
  }
}

function readValues(text: string, values: readonly Span[]): FileItems {
  let line = 0
  let counted = 0
  const items = values.flatMap(({ from, to }, document) => {
    line += countLines(text, counted, from)
    counted = from
    const own = text.slice(from, to)
    const value: unknown = JSON.parse(own)
    return expand(value, document, '', `${line} ${digest(own)}`)
  })
  return { ok: true, items }
}

/** Lists, also lists in lists, become their items. */
function expand(value: unknown, document: number, item: string, ownDigest: string): FileItem[] {
  const items = isMapping(value) ? listOf(value) : undefined
  if (items === undefined) return [{ value, document, item, digest: `${document} ${item} ${ownDigest}` }]
  const field = item === '' ? 'items' : `${item}.items`
  return items.flatMap((entry, index) =>
    expand(entry, document, `${field}[${index}]`, digest(JSON.stringify(entry) ?? '')),
  )
}

/**
 * The items of a `List` or of a list of one kind (`IngressList`), whose items may leave out their kind; undefined for
 * anything else. A List without items is empty.
 */
function listOf(value: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  const { kind, apiVersion, items } = value
  if (typeof kind !== 'string' || !kind.endsWith('List') || (isMapping(value.metadata) && 'name' in value.metadata))
    return undefined
  if (items === undefined || items === null) return kind === 'List' ? [] : undefined
  if (!Array.isArray(items)) return undefined
  const entries: readonly unknown[] = items
  if (kind === 'List') return entries
  const common = { apiVersion, kind: kind.slice(0, -'List'.length) }
  return entries.map((entry) => (isMapping(entry) ? { ...common, ...entry } : entry))
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('base64')
}
