import type { FieldStep } from './field-path.js'

/**
 * Goes through a JSON text without building anything: finds where a field stands, and where a text stops being JSON.
 * JSON.parse does the reading; this says the position that JSON.parse does not tell.
 */
class JsonScanner {
  at: number

  constructor(
    private readonly text: string,
    from: number,
  ) {
    this.at = from
  }

  skipSpace(): void {
    for (;;) {
      const character = this.text[this.at]
      if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t') return
      this.at += 1
    }
  }

  /** Passes one value; false leaves `at` where the mistake is. `visit` sees each key or item of the outermost value. */
  skipValue(depth: number, visit?: (step: FieldStep, keyAt: number) => boolean): boolean {
    this.skipSpace()
    const character = this.text[this.at]
    if (depth > MAX_DEPTH) return false
    if (character === '{') return this.skipMapping(depth, visit)
    if (character === '[') return this.skipList(depth, visit)
    return character === '"' ? this.match(stringToken) : this.match(otherToken)
  }

  private skipMapping(depth: number, visit?: (step: FieldStep, keyAt: number) => boolean): boolean {
    this.at += 1
    this.skipSpace()
    if (this.take('}')) return true
    for (;;) {
      this.skipSpace()
      const keyAt = this.at
      if (!this.match(stringToken)) return false
      const key: unknown = visit === undefined ? '' : JSON.parse(this.text.slice(keyAt, this.at))
      this.skipSpace()
      if (!this.take(':')) return false
      this.skipSpace()
      if (visit?.(typeof key === 'string' ? key : '', keyAt) === true) return true
      if (!this.skipValue(depth + 1)) return false
      this.skipSpace()
      if (this.take('}')) return true
      if (!this.take(',')) return false
    }
  }

  private skipList(depth: number, visit?: (step: FieldStep, keyAt: number) => boolean): boolean {
    this.at += 1
    this.skipSpace()
    if (this.take(']')) return true
    for (let index = 0; ; index += 1) {
      this.skipSpace()
      if (visit?.(index, this.at) === true) return true
      if (!this.skipValue(depth + 1)) return false
      this.skipSpace()
      if (this.take(']')) return true
      if (!this.take(',')) return false
    }
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false
    this.at += 1
    return true
  }

  private match(token: RegExp): boolean {
    token.lastIndex = this.at
    if (!token.test(this.text)) return false
    this.at = token.lastIndex
    return true
  }
}

const MAX_DEPTH = 1000
/** RFC 8259 section 7: anything from the space on except quote and backslash, and escapes. */
const stringToken = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const otherToken = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)/y

/** Where values lie that stand one after the other, as kubectl reads them; otherwise the offset of the first mistake. */
export function findJsonValues(text: string): readonly { readonly from: number; readonly to: number }[] | number {
  const scanner = new JsonScanner(text, 0)
  const values: { from: number; to: number }[] = []
  for (;;) {
    scanner.skipSpace()
    const from = scanner.at
    if (from >= text.length && values.length > 0) return values
    if (!scanner.skipValue(0)) return scanner.at
    values.push({ from, to: scanner.at })
  }
}

/** Offset of a field of the value that begins at `from`: of its key, or of the item; of the nearest part that exists. */
export function locateInJson(text: string, from: number, path: readonly FieldStep[]): number {
  let found = from
  let valueAt = from
  for (const wanted of path) {
    const scanner = new JsonScanner(text, valueAt)
    let seen: number | undefined
    scanner.skipValue(0, (step, keyAt) => {
      if (step !== wanted) return false
      seen = keyAt
      return true
    })
    if (seen === undefined) return found
    found = seen
    valueAt = scanner.at
  }
  return found
}

/**
 * Offsets of the items of the list at `path` of the value at `from`, in one pass, so that one item of a long list is
 * found at once.
 */
export function listItemOffsets(text: string, from: number, path: readonly FieldStep[]): readonly number[] {
  const last = path.at(-1)
  const listKey = locateInJson(text, from, path)
  const valueAt = typeof last === 'string' ? text.indexOf(':', listKey + JSON.stringify(last).length) + 1 : listKey
  const offsets: number[] = []
  new JsonScanner(text, valueAt).skipValue(0, (step, at) => {
    if (typeof step === 'number') offsets.push(at)
    return false
  })
  return offsets
}
