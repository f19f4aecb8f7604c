/**
 * A quick reader for the plain YAML that manifests are written in: block mappings and lists, one-line scalars, one-line
 * flow lists and mappings, `|` texts, comments. It takes a fraction of the time that the full parser takes, and whatever
 * it is not sure of (tags, anchors, escapes, folded or continued texts, odd numbers, tabs, mistakes) it leaves to the
 * full parser by giving undefined, so there is one judge of what YAML means. A property test holds the two together.
 */
export function readPlainYaml(
  text: string,
  from: number,
  to: number,
  marks?: Marks,
): { readonly value: unknown } | undefined {
  if (unusual.test(text.slice(from, to))) return undefined
  const reader = new PlainReader(text, from, to, marks)
  try {
    return { value: reader.document() }
  } catch (error) {
    // Data nested so deeply that the stack ends is the full parser's to refuse.
    if (error === notPlain || error instanceof RangeError) return undefined
    throw error
  }
}

/** More levels than manifests have, and far from exhausting the stack; what is deeper is left to the full parser. */
const MAX_DEPTH = 100

/** Where each key or item of a mapping or list stands: an offset into the text. */
export type Marks = Map<object, Map<string | number, number>>

/** Tabs, carriage returns, control characters, surrogates, other line breaks: all left to the full parser. */
const unusual = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/

/** Thrown to leave the reader from any depth, and caught above; made once, because making one costs a stack trace. */
const notPlain = new Error('not plain YAML')

const plainKey = /([A-Za-z_][\w./-]*) *:(?= |\n|$)/y
const quotedKey = /(?:"([^"\\\n]*)"|'([^'\n]*)') *:(?= |\n|$)/y
const quotedText = /"([^"\\\n]*)"|'([^'\n]*)'(?!')/y
const flowText = /[A-Za-z0-9_/][^,[\]{}:#"'&*!|>%@`\n]*/y
const restOfLine = / *(?: #[^\n]*)?(?=\n|$)/y
const wholeNumber = /^(?:0|[1-9]\d{0,14})$/
/** IPv4 addresses and UTC times: texts that begin with a digit, often seen. */
const digitText = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/
const specialWord = /^(?:y|n|yes|no|on|off|true|false|null)$/i

type Fields = Record<string, unknown>

class PlainReader {
  /** First character of the line's content, and its column. */
  private at: number
  private indent = 0
  private ended = false
  private depth = 0

  constructor(
    private readonly text: string,
    from: number,
    private readonly end: number,
    private readonly marks: Marks | undefined,
  ) {
    this.at = from
  }

  document(): unknown {
    this.toContent()
    if (this.ended) return null
    const value = this.block()
    return this.ended ? value : stop()
  }

  private block(): unknown {
    return this.isItem() ? this.list(this.indent) : this.mapping(this.indent)
  }

  private mapping(indent: number): Fields {
    this.enter()
    const fields: Fields = {}
    while (!this.ended && this.indent >= indent) {
      if (this.indent > indent) stop()
      const mark = this.at
      const key = this.key()
      if (Object.hasOwn(fields, key)) stop()
      this.mark(fields, key, mark)
      this.skipSpaces()
      if (this.endLine()) fields[key] = this.nested(indent)
      else if (this.text[this.at] === '|') fields[key] = this.literal(indent)
      else fields[key] = this.lineValue(indent)
    }
    this.depth -= 1
    return fields
  }

  /** The value on the lines after `key:`; a list may stand in the column of its key. */
  private nested(indent: number): unknown {
    if (this.ended || this.indent < indent) return null
    if (this.indent > indent) return this.block()
    return this.isItem() ? this.list(indent) : null
  }

  private list(indent: number): unknown[] {
    this.enter()
    const items: unknown[] = []
    while (!this.ended && this.indent === indent && this.isItem()) {
      const dash = this.at
      this.at += 1
      this.skipSpaces()
      this.mark(items, items.length, this.at)
      const column = indent + this.at - dash
      if (this.text[this.at] === '-' || this.atLineEnd()) stop()
      if (this.startsWithKey()) {
        this.indent = column
        items.push(this.mapping(column))
      } else items.push(this.lineValue(indent))
    }
    this.depth -= 1
    return !this.ended && this.indent > indent ? stop() : items
  }

  /** A scalar or flow value that ends with its line; a deeper line after it would continue it. */
  private lineValue(indent: number): unknown {
    const first = this.text[this.at] ?? ''
    const value = first === '[' || first === '{' ? this.flow() : this.lineScalar(first)
    if (!this.endLine()) stop()
    if (!this.ended && this.indent > indent) stop()
    return value
  }

  private lineScalar(first: string): unknown {
    if (first === '"' || first === "'") return this.quoted()
    const line = this.text.slice(this.at, this.lineEnd())
    const comment = line.indexOf(' #')
    const written = (comment === -1 ? line : line.slice(0, comment)).trimEnd()
    if (written.includes(': ') || written.endsWith(':')) stop()
    this.at += written.length
    return resolve(written)
  }

  private quoted(): string {
    const found = this.match(quotedText) ?? stop()
    return found[1] ?? found[2] ?? ''
  }

  private flow(): unknown {
    const open = this.text[this.at]
    if (open === '"' || open === "'") return this.quoted()
    if (open !== '[' && open !== '{') return resolve((this.match(flowText) ?? stop())[0].replace(/ +$/, ''))
    this.enter()
    this.at += 1
    this.skipSpaces()
    const value = open === '[' ? this.flowList() : this.flowMapping()
    this.depth -= 1
    return value
  }

  private flowList(): unknown[] {
    const items: unknown[] = []
    if (this.take(']')) return items
    for (;;) {
      this.mark(items, items.length, this.at)
      items.push(this.flow())
      this.skipSpaces()
      if (this.take(']')) return items
      if (!this.take(',')) stop()
      this.skipSpaces()
    }
  }

  private flowMapping(): Fields {
    const fields: Fields = {}
    if (this.take('}')) return fields
    for (;;) {
      const mark = this.at
      const key = this.key()
      if (Object.hasOwn(fields, key)) stop()
      this.mark(fields, key, mark)
      this.skipSpaces()
      fields[key] = this.flow()
      this.skipSpaces()
      if (this.take('}')) return fields
      if (!this.take(',')) stop()
      this.skipSpaces()
    }
  }

  /** `|` and `|-`: the lines that stand deeper than the key, as they are. */
  private literal(indent: number): string {
    this.at += 1
    const chomp = this.take('-') ? 'strip' : 'clip'
    if (this.lineEnd() !== this.at) stop()
    this.at += 1
    const lines: string[] = []
    let column = 0
    while (this.at < this.end) {
      const lineEnd = this.lineEnd()
      let start = this.at
      while (start < lineEnd && this.text[start] === ' ') start += 1
      const depth = start - this.at
      if (start === lineEnd) {
        // A line of blanks could be part of the text or of its indentation.
        if (column === 0 || depth > column) stop()
        lines.push('')
      } else {
        if (depth <= indent) break
        if (column === 0) column = depth
        if (depth < column) stop()
        lines.push(this.text.slice(this.at + column, lineEnd))
      }
      if (lineEnd >= this.end) stop()
      this.at = lineEnd + 1
    }
    if (column === 0) stop()
    while (lines.at(-1) === '') lines.pop()
    this.toContent()
    return chomp === 'strip' ? lines.join('\n') : `${lines.join('\n')}\n`
  }

  private key(): string {
    const plain = this.match(plainKey)?.[1]
    if (plain !== undefined) return specialWord.test(plain) ? stop() : checkKey(plain)
    const quoted = this.match(quotedKey) ?? stop()
    return checkKey(quoted[1] ?? quoted[2] ?? '')
  }

  private startsWithKey(): boolean {
    const at = this.at
    const found = this.match(plainKey) ?? this.match(quotedKey)
    this.at = at
    return found !== undefined
  }

  private isItem(): boolean {
    const next = this.text[this.at + 1]
    return this.text[this.at] === '-' && (next === ' ' || next === '\n' || this.at + 1 >= this.end)
  }

  /** Leaves a line on which nothing but a comment follows; false, without moving, when something does. */
  private endLine(): boolean {
    // The blank before a comment may have been passed already.
    if (this.text[this.at] === '#' && this.text[this.at - 1] === ' ') this.at = this.lineEnd()
    else if (this.match(restOfLine) === undefined) return false
    this.toContent()
    return true
  }

  private atLineEnd(): boolean {
    return this.at >= this.end || this.text[this.at] === '\n' || this.text[this.at] === '#'
  }

  /** Goes to the content of the next line that has some. Stands at the end of a line, or at the start of one. */
  private toContent(): void {
    let { at } = this
    const { text, end } = this
    for (;;) {
      if (text[at] === '\n') at += 1
      const lineStart = at
      while (at < end && text[at] === ' ') at += 1
      if (at >= end) break
      if (text[at] === '#') {
        at = text.indexOf('\n', at)
        if (at === -1 || at >= end) break
      } else if (text[at] !== '\n') {
        this.at = at
        this.indent = at - lineStart
        return
      }
    }
    this.at = end
    this.indent = -1
    this.ended = true
  }

  private enter(): void {
    this.depth += 1
    if (this.depth > MAX_DEPTH) stop()
  }

  private lineEnd(): number {
    const at = this.text.indexOf('\n', this.at)
    return at === -1 || at > this.end ? this.end : at
  }

  private skipSpaces(): void {
    while (this.text[this.at] === ' ') this.at += 1
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false
    this.at += 1
    return true
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null || pattern.lastIndex > this.end) return undefined
    this.at = pattern.lastIndex
    return found
  }

  private mark(holder: object, key: string | number, offset: number): void {
    if (this.marks === undefined) return
    const known = this.marks.get(holder)
    if (known === undefined) this.marks.set(holder, new Map([[key, offset]]))
    else known.set(key, offset)
  }
}

function stop(): never {
  throw notPlain
}

/** A text without quotes, where it can only mean one thing. */
function resolve(written: string): unknown {
  const first = written.charCodeAt(0)
  const isLetter = (first >= 0x41 && first <= 0x5a) || (first >= 0x61 && first <= 0x7a)
  if (isLetter || first === 0x2f || first === 0x5f) {
    if (written.length > 5 || !specialWord.test(written)) return written
    if (written === 'true') return true
    if (written === 'false') return false
    return written === 'null' ? null : stop()
  }
  if (wholeNumber.test(written)) return Number(written)
  return digitText.test(written) ? written : stop()
}

/** Setting this key on an object would not define a property. */
function checkKey(key: string): string {
  return key === '__proto__' ? stop() : key
}
