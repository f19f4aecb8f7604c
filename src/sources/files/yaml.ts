import { Composer, type CST, type Document, isScalar, Lexer, Parser, type ScalarTag, type Tags, visit } from 'yaml'
import { readPlainYaml } from './plain-yaml.js'
import { MAX_FILE_BYTES } from './read-file.js'

/** One document of a file: its value as plain data, and where it stands. Offsets count UTF-16 units. */
export interface YamlDocument {
  readonly value: unknown
  readonly from: number
  readonly to: number
}

/** A mistake and where it is. */
export interface SyntaxMistake {
  readonly message: string
  readonly offset: number
}

export type YamlFile =
  | { readonly ok: true; readonly documents: readonly YamlDocument[] }
  | { readonly ok: false; readonly mistakes: readonly SyntaxMistake[] }

/** YAML 1.2's octal; kubectl takes it beside YAML 1.1's `012`. */
const octal: ScalarTag = {
  identify: (value) => typeof value === 'number' && Number.isInteger(value),
  default: true,
  tag: 'tag:yaml.org,2002:int',
  format: 'OCT12',
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text) => Number.parseInt(text.replace('0o', ''), 8),
}

/**
 * kubectl's dialect: YAML 1.1 (`yes` and `on` are true, 012 is ten) with `0o14` as well, but without times: dates and
 * `1:20` stay texts.
 */
const dialect = {
  version: '1.1',
  customTags: (tags: Tags): Tags => [octal, ...tags.filter((tag) => !isTime(tag))],
  prettyErrors: false,
  logLevel: 'silent',
  // The parser compares every key with every other; `repeatedKeys` takes one look at each.
  uniqueKeys: false,
} as const

/**
 * Reads the documents of a YAML text. Empty documents are left out. All documents are read even when one has a mistake,
 * so that every mistake is reported at once.
 */
export function readYaml(text: string): YamlFile {
  const parts = splitDocuments(text)
  const results = parts === undefined ? [readWhole(text)] : parts.map(({ from, to }) => readPart(text, from, to))
  return join(results)
}

function join(results: readonly YamlFile[]): YamlFile {
  const mistakes = results.flatMap((result) => (result.ok ? [] : result.mistakes))
  if (mistakes.length > 0) return { ok: false, mistakes }
  return { ok: true, documents: results.flatMap((result) => (result.ok ? result.documents : [])) }
}

/** The syntax tree of the document between two offsets; offsets in it count from `from`. undefined: nested too deeply. */
export function parseTree(text: string, from: number, to: number): Document | undefined {
  const composed = compose(text.slice(from, to))
  return composed.ok ? composed.documents[0] : undefined
}

/** Levels of mappings and lists. Manifests have about ten; the parser's stack holds one or two entries for each. */
const MAX_DEPTH = 200

type Composed =
  | { readonly ok: true; readonly documents: readonly Document.Parsed[] }
  | { readonly ok: false; readonly mistake: SyntaxMistake }

/**
 * Everything behind the tokens calls itself once per level, and a stack that runs out inside a regular expression ends
 * the process, which no handler can prevent. So the depth is measured on the tokens, whose parser keeps its own stack.
 */
function compose(text: string): Composed {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > MAX_DEPTH)
      return { ok: false, mistake: { message: `Nested more than ${MAX_DEPTH} levels deep`, offset: parser.offset } }
  }
  tokens.push(...parser.end())
  return { ok: true, documents: [...new Composer(dialect).compose(tokens, true, text.length)] }
}

function readWhole(text: string): YamlFile {
  const composed = compose(text)
  if (!composed.ok) return { ok: false, mistakes: [composed.mistake] }
  return join(
    composed.documents.map((document) => {
      const [from, , to] = document.range
      return finish(document, 0, from, to)
    }),
  )
}

function readPart(text: string, from: number, to: number): YamlFile {
  const plain = readPlainYaml(text, from, to)
  if (plain !== undefined)
    return { ok: true, documents: plain.value === null ? [] : [{ value: plain.value, from, to }] }
  const composed = compose(text.slice(from, to))
  if (composed.ok) return join(composed.documents.map((document) => finish(document, from, from, to)))
  const { message, offset } = composed.mistake
  return { ok: false, mistakes: [{ message, offset: from + offset }] }
}

/** `base` is added to the offsets of mistakes; the document's own text lies from `from` to `to`. */
function finish(document: Document.Parsed, base: number, from: number, to: number): YamlFile {
  if (document.errors.length > 0) {
    const mistakes = document.errors.map(({ message, pos }) => ({ message, offset: base + pos[0] }))
    return { ok: false, mistakes }
  }
  const repeated = repeatedKeys(document)
  if (repeated.length > 0) {
    const message = 'The same key stands in this mapping twice'
    return { ok: false, mistakes: repeated.map((offset) => ({ message, offset: base + offset })) }
  }
  const value = toPlainData(document)
  if (!value.ok) {
    const alias = danglingAlias(document)
    return { ok: false, mistakes: [{ message: value.message, offset: alias === undefined ? from : base + alias }] }
  }
  const isEmpty = value.data === null || value.data === undefined
  return { ok: true, documents: isEmpty ? [] : [{ value: value.data, from, to }] }
}

/** Offsets of keys that their mapping has already. */
function repeatedKeys(document: Document.Parsed): readonly number[] {
  const offsets: number[] = []
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        const text = `${typeof key.value} ${String(key.value)}`
        if (seen.has(text)) offsets.push(key.range?.[0] ?? 0)
        seen.add(text)
      }
    },
  })
  return offsets
}

/** Offset of the first alias that has no anchor. */
function danglingAlias(document: Document.Parsed): number | undefined {
  let found: number | undefined
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined
      found = alias.range?.[0]
      return visit.BREAK
    },
  })
  return found
}

type PlainData = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly message: string }

function toPlainData(document: Document): PlainData {
  try {
    // What an alias stands for is shared, so that reading costs nothing however often it is used.
    const data: unknown = document.toJS({ maxAliasCount: -1 })
    const size = measure(data)
    if (size === 'endless') return { ok: false, message: 'An anchor contains an alias of itself' }
    if (size <= MAX_FILE_BYTES) return { ok: true, data }
    return { ok: false, message: 'With its aliases written out this document would have more than 16 MiB' }
  } catch (error) {
    // The parser throws ReferenceError for aliases that lead nowhere.
    if (error instanceof ReferenceError) return { ok: false, message: error.message }
    throw error
  }
}

/** Characters and nodes, aliases counted at every use; not counted further than a file may be large ("a billion laughs"). */
function measure(data: unknown): number | 'endless' {
  const above = new Set<object>()
  let size = 0
  const walk = (value: unknown): 'finite' | 'endless' => {
    size += typeof value === 'string' ? value.length + 1 : 1
    if (typeof value !== 'object' || value === null || size > MAX_FILE_BYTES) return 'finite'
    if (above.has(value)) return 'endless'
    above.add(value)
    const isEndless = Object.values(value).some((part) => walk(part) === 'endless')
    above.delete(value)
    return isEndless ? 'endless' : 'finite'
  }
  return walk(data) === 'endless' ? 'endless' : size
}

function isTime(tag: Tags[number]): boolean {
  if (typeof tag === 'string') return tag === 'timestamp' || tag === 'intTime' || tag === 'floatTime'
  return tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME')
}

/**
 * Where the documents lie, by their `---` lines; undefined for a text with directives or document ends, which only the
 * full parser can divide. No scalar can hold such a line: each would have to be indented.
 */
function splitDocuments(text: string): { readonly from: number; readonly to: number }[] | undefined {
  if (/^(?:%|\.\.\.)/m.test(text)) return undefined
  const parts: { from: number; to: number }[] = []
  let from = 0
  for (const { index } of text.matchAll(/^---(?=[\s]|$)/gm)) {
    if (index > from) parts.push({ from, to: index })
    const rest = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y
    rest.lastIndex = index + 3
    // What follows on the line of the dashes belongs to the document; the full parser reads it with them.
    from = rest.test(text) ? rest.lastIndex : index
  }
  if (from < text.length) parts.push({ from, to: text.length })
  return parts
}
