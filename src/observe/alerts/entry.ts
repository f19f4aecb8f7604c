import type { ConfigProblem } from './rule.js'

/** A mapping of the file while it is read: every field is asked for, and what is wrong is complained of. */
export interface Entry {
  /** undefined: it is not there, or wrong and complained of. `allowed` ends the sentence "… has to be". */
  read<T>(field: string, parse: (value: unknown) => T | undefined, allowed: string): T | undefined
  /** The same of a field that has to be there. */
  need<T>(field: string, parse: (value: unknown) => T | undefined, allowed: string): T | undefined
  has(field: string): boolean
  refuse(field: string, message: string): void
  /** Complains of fields that nobody asked for. Whether nothing was wrong. */
  end(): boolean
}

/** Adds the line of the file. */
export type Complain = (problem: Omit<ConfigProblem, 'line' | 'field'>, path: readonly (string | number)[]) => void

/** Values are never part of a complaint: they may be secrets. */
export function openEntry(
  map: ReadonlyMap<unknown, unknown>,
  subject: string,
  path: readonly (string | number)[],
  complain: Complain,
): Entry {
  const asked: string[] = []
  let isGood = true

  function refuse(field: string, message: string): void {
    isGood = false
    complain({ subject, message }, field === '' ? path : [...path, field])
  }

  const entry: Entry = {
    read(field, parse, allowed) {
      asked.push(field)
      if (!map.has(field)) return undefined
      const value = parse(map.get(field))
      if (value === undefined) refuse(field, `${field} has to be ${allowed}.`)
      return value
    },
    need(field, parse, allowed) {
      if (map.has(field)) return entry.read(field, parse, allowed)
      asked.push(field)
      refuse('', `${field} is missing; it has to be ${allowed}.`)
      return undefined
    },
    has: (field) => map.has(field),
    refuse,
    end() {
      for (const field of map.keys())
        if (!asked.includes(String(field)))
          refuse(String(field), `There is no field ${JSON.stringify(field)}; there are ${asked.join(', ')}.`)
      return isGood
    },
  }
  return entry
}

export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return value instanceof Map
}

const LONGEST_TEXT = 500
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/

/** A line of text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT && !CONTROLS.test(value)
    ? value
    : undefined
}

export const TEXT = `a text of one line, at most ${LONGEST_TEXT} characters`

export function wholeOf(from: number, to: number): (value: unknown) => number | undefined {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to ? value : undefined
}

export function oneOf<T extends string>(names: readonly T[]): (value: unknown) => T | undefined {
  return (value) => names.find((name) => name === value)
}

/** Texts, one or a list of them. */
export function textsOf(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const texts = list.flatMap((each) => textOf(each) ?? [])
  return texts.length === list.length && texts.length > 0 && texts.length <= 50 ? texts : undefined
}

const LABEL = /^[A-Za-z_][\w-]{0,62}$/

/** A mapping of labels. */
export function labelsOf(value: unknown): readonly (readonly [string, string])[] | undefined {
  if (!isMap(value) || value.size > 30) return undefined
  const labels = [...value].flatMap(([name, text]): (readonly [string, string])[] => {
    const said = textOf(typeof text === 'number' || typeof text === 'boolean' ? String(text) : text)
    return typeof name === 'string' && LABEL.test(name) && said !== undefined ? [[name, said]] : []
  })
  return labels.length === value.size ? labels : undefined
}

export const LABELS = 'a mapping of at most 30 names (letters, digits, _ and -) to texts'
