import { Refusal } from './refusal.js'
import { unescapeBytes } from './verify.js'

/** What an action was given: dotted names, as they came. */
export class Parameters {
  readonly #flat: ReadonlyMap<string, string>

  constructor(flat: ReadonlyMap<string, string>) {
    this.#flat = flat
  }

  /** From a query or the body of a form, or both. */
  static read(...texts: readonly string[]): Parameters {
    const flat = new Map<string, string>()
    for (const text of texts)
      for (const piece of text.split('&')) {
        if (piece === '') continue
        const [name = '', value = ''] = piece.split('=', 2)
        flat.set(unescapeBytes(name).toString('utf8'), unescapeBytes(value).toString('utf8'))
      }
    return new Parameters(flat)
  }

  text(name: string): string {
    return this.#flat.get(name) ?? ''
  }
  has(name: string): boolean {
    return this.#flat.has(name)
  }
  need(name: string): string {
    const value = this.#flat.get(name)
    if (value === undefined || value === '')
      throw new Refusal(400, `MissingParameter`, `The parameter ${name} is missing.`)
    return value
  }
  number(name: string, otherwise: number): number {
    const value = this.#flat.get(name)
    return value === undefined ? otherwise : Number(value)
  }
  /** `Name.1`, `Name.2`, … */
  list(name: string): readonly string[] {
    const found: string[] = []
    for (let at = 1; this.#flat.has(`${name}.${at}`); at++) found.push(this.text(`${name}.${at}`))
    return found
  }
  /** `Name.1.Key`, … as mappings. */
  items(name: string): readonly Readonly<Record<string, string>>[] {
    const found: Record<string, string>[] = []
    for (let at = 1; ; at++) {
      const item = this.group(`${name}.${at}`)
      if (Object.keys(item).length === 0) return found
      found.push(item)
    }
  }
  /** `Name.Key` as a mapping. */
  group(name: string): Record<string, string> {
    const found: Record<string, string> = {}
    for (const [key, value] of this.#flat) if (key.startsWith(`${name}.`)) found[key.slice(name.length + 1)] = value
    return found
  }
  all(): Record<string, string> {
    return Object.fromEntries(this.#flat)
  }
}
