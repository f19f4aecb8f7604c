/** Whether labels fit a selector. */
export type LabelMatch = (labels: Readonly<Record<string, string>>) => boolean

export type LabelSelectorResult =
  | { readonly ok: true; readonly matches: LabelMatch }
  | { readonly ok: false; readonly message: string }

const prefix = String.raw`(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?`
const word = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?`
const key = `(${prefix}${word})`
const value = `(${word})?`
const forms: readonly [form: RegExp, match: (key: string, rest: string) => LabelMatch][] = [
  [full(key), (name) => (labels) => Object.hasOwn(labels, name)],
  [full(String.raw`!\s*${key}`), (name) => (labels) => !Object.hasOwn(labels, name)],
  [full(String.raw`${key}\s*==?\s*${value}`), (name, wanted) => (labels) => get(labels, name) === wanted],
  [full(String.raw`${key}\s*!=\s*${value}`), (name, wanted) => (labels) => get(labels, name) !== wanted],
  [full(String.raw`${key}\s+in\s*\(([^()]*)\)`), (name, list) => isIn(name, list, true)],
  [full(String.raw`${key}\s+notin\s*\(([^()]*)\)`), (name, list) => isIn(name, list, false)],
  [full(String.raw`${key}\s*>\s*(-?\d{1,15})`), (name, bound) => (labels) => numberOf(labels, name) > Number(bound)],
  [full(String.raw`${key}\s*<\s*(-?\d{1,15})`), (name, bound) => (labels) => numberOf(labels, name) < Number(bound)],
]

/**
 * Reads a label selector: requirements joined by commas, all of which must hold: `a=b`, `a==b`, `a!=b`, `a in (b, c)`,
 * `a notin (b, c)`, `a`, `!a`, `a>1`, `a<1`. An empty one fits everything.
 * Source: Kubernetes, "Labels and Selectors".
 */
export function parseLabelSelector(text: string): LabelSelectorResult {
  if (text.trim() === '') return { ok: true, matches: () => true }
  const matches: LabelMatch[] = []
  for (const requirement of splitOutsideBrackets(text)) {
    const match = parseRequirement(requirement.trim())
    if (match === undefined) {
      const message = `${JSON.stringify(requirement.trim())} is no requirement of a label selector; expected a=b, a!=b, a in (b, c), a notin (b, c), a or !a`
      return { ok: false, message }
    }
    matches.push(match)
  }
  return { ok: true, matches: (labels) => matches.every((match) => match(labels)) }
}

function parseRequirement(text: string): LabelMatch | undefined {
  for (const [form, make] of forms) {
    const [, name, rest = ''] = form.exec(text) ?? []
    if (name === undefined) continue
    const isList = text.endsWith(')')
    return isList && !rest.split(',').every(isValue) ? undefined : make(name, rest)
  }
  return undefined
}

function full(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`)
}

const oneValue = full(value)

function isValue(text: string): boolean {
  return oneValue.test(text.trim())
}

function splitOutsideBrackets(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/)
}

function get(labels: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined
}

/** Not a number: neither greater nor less. */
function numberOf(labels: Readonly<Record<string, string>>, name: string): number {
  const text = get(labels, name) ?? ''
  return /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
}

/** A label that is absent is in no list, and fits `notin`. */
function isIn(name: string, list: string, wanted: boolean): LabelMatch {
  const values = new Set(list.split(',').map((text) => text.trim()))
  return (labels) => {
    const found = get(labels, name)
    return (found !== undefined && values.has(found)) === wanted
  }
}
