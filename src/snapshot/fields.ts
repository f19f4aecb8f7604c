import { createProblem } from '../problems/create.js'
import type { ObjectRef, Problem } from '../problems/problem.js'
import type { Source } from './objects.js'

/** What the readers below share while one object is read. */
export interface Reading {
  readonly about: ObjectRef
  readonly source: Source | undefined
  readonly problems: Problem[]
}

type Fields = Readonly<Record<string, unknown>>

const noFields: Fields = Object.freeze({})
const noItems: readonly never[] = Object.freeze([])
const noStrings: Readonly<Record<string, string>> = Object.freeze({})

/** True of a mapping: an object that is neither null nor a list nor bytes. */
export function isMapping(raw: unknown): raw is Fields {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !ArrayBuffer.isView(raw)
}

/** A mapping; absent and null count as empty, as they do for the API server. */
export function readMapping(reading: Reading, raw: unknown, field: string): Fields {
  if (raw === undefined || raw === null) return noFields
  return isMapping(raw) ? raw : refuse(reading, raw, field, 'a mapping', noFields)
}

/** A list; absent and null count as empty. */
export function readList(reading: Reading, raw: unknown, field: string): readonly unknown[] {
  if (raw === undefined || raw === null) return noItems
  return isList(raw) ? raw : refuse(reading, raw, field, 'a list', noItems)
}

/** A frozen list of what `read` makes of each item; its field is `field[index]`. */
export function readItems<T>(
  reading: Reading,
  raw: unknown,
  field: string,
  read: (item: unknown, field: string) => T,
): readonly T[] {
  const items = readList(reading, raw, field)
  return items.length === 0 ? noItems : Object.freeze(items.map((item, index) => read(item, `${field}[${index}]`)))
}

/** A string; absent and null count as `fallback`. A number or boolean is not a string, as for the API server. */
export function readString(reading: Reading, raw: unknown, field: string, fallback = ''): string {
  if (raw === undefined || raw === null) return fallback
  return typeof raw === 'string' ? raw : refuse(reading, raw, field, 'a string', fallback)
}

/** One of a few words; absent and null count as the first. */
export function readWord<const Word extends string>(
  reading: Reading,
  raw: unknown,
  field: string,
  words: readonly [Word, ...Word[]],
): Word {
  if (raw === undefined || raw === null) return words[0]
  const found = words.find((word) => word === raw)
  return found ?? refuse(reading, raw, field, `one of ${words.join(', ')}`, words[0])
}

export function readBoolean(reading: Reading, raw: unknown, field: string, fallback: boolean): boolean {
  if (raw === undefined || raw === null) return fallback
  return typeof raw === 'boolean' ? raw : refuse(reading, raw, field, 'true or false', fallback)
}

/** A port number from 1 to 65535. */
export function readPort(reading: Reading, raw: unknown, field: string): number {
  return isPort(raw) ? raw : refuse(reading, raw, field, 'a port number from 1 to 65535', 1)
}

/** A port by number, or by name. */
export function readPortOrName(reading: Reading, raw: unknown, field: string, fallback: number): number | string {
  if (raw === undefined || raw === null) return fallback
  if (isPort(raw) || (typeof raw === 'string' && raw !== '')) return raw
  return refuse(reading, raw, field, 'a port number from 1 to 65535 or a port name', fallback)
}

/** A frozen mapping of strings; a null value counts as the empty string, as for the API server. */
export function readStrings(reading: Reading, raw: unknown, field: string): Readonly<Record<string, string>> {
  const fields = readMapping(reading, raw, field)
  const entries = Object.entries(fields)
  if (entries.length === 0) return noStrings
  return Object.freeze(
    // fromEntries defines properties, so that a key called __proto__ stays a key.
    Object.fromEntries(entries.map(([key, value]) => [key, readString(reading, value, keyed(field, key))])),
  )
}

/** The path of a key that is a user's word: `metadata.annotations["a/b"]`. */
export function keyed(field: string, key: string): string {
  return `${field}[${JSON.stringify(key)}]`
}

/** Notes `object/invalid` with what was found and what belongs there, and gives the value to go on with. */
export function refuse<T>(reading: Reading, raw: unknown, field: string, expected: string, value: T): T {
  complain(reading, field, `${field} is ${describe(raw)}; expected ${expected}.`)
  return value
}

/** Notes `object/invalid` with a sentence of its own. */
export function complain(reading: Reading, field: string, sentence: string): void {
  const { about, source, problems } = reading
  const message = `${sentence} The object is left out, or stays as it was.`
  problems.push(createProblem('object/invalid', about, field, message, source?.locate(field)))
}

/** What stands there, in words, short enough for a message. */
export function describe(raw: unknown): string {
  if (raw === undefined || raw === null) return 'missing'
  if (Array.isArray(raw)) return 'a list'
  if (typeof raw === 'string') return raw === '' ? 'an empty string' : `the string ${JSON.stringify(shorten(raw))}`
  if (typeof raw === 'number' || typeof raw === 'bigint') return `the number ${raw}`
  if (typeof raw === 'boolean') return `the boolean ${raw}`
  return ArrayBuffer.isView(raw) ? 'bytes' : 'a mapping'
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}

function isPort(raw: unknown): raw is number {
  return typeof raw === 'number' && Number.isInteger(raw) && raw >= 1 && raw <= 65_535
}

function isList(raw: unknown): raw is readonly unknown[] {
  return Array.isArray(raw)
}
