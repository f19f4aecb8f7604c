import { isMapping } from '../snapshot/fields.js'

/** Readers for what an API server has checked: a field of another type than expected counts as absent. */
type Fields = Readonly<Record<string, unknown>>

export function fieldsOf(raw: unknown): Fields {
  return isMapping(raw) ? raw : {}
}

export function listOf(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? (raw as readonly unknown[]) : [] // Array.isArray says any[]
}

export function textOf(raw: unknown): string {
  return typeof raw === 'string' ? raw : ''
}

export function numberOf(raw: unknown): number {
  return typeof raw === 'number' && Number.isFinite(raw) ? raw : 0
}

export function textsOf(raw: unknown): readonly string[] {
  return listOf(raw).map(textOf)
}

/** A mapping of texts; entries of another type are left out. */
export function textMapOf(raw: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(raw)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** One of a few words; anything else is the first. */
export function wordOf<const Word extends string>(raw: unknown, words: readonly [Word, ...Word[]]): Word {
  return words.find((word) => word === raw) ?? words[0]
}
