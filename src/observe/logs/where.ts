import { dimensions, type Condition, type Dimension, type Operator } from '../analytics.js'

export type Where =
  | { readonly ok: true; readonly filter: readonly Condition[] }
  | { readonly ok: false; readonly message: string }

/** Conditions on numbers; the others are texts. */
const NUMBERS: ReadonlySet<Dimension> = new Set(['status', 'upstreamStatus'])

const OTHER_NAMES: Readonly<Record<string, Dimension>> = { 'upstream-status': 'upstreamStatus', upstream: 'service' }

/**
 * Reads conditions such as `status>=500 and host=shop.example.com and path~/api/*`: names of dimensions, an operator
 * (`=`, `!=`, `<`, `<=`, `>`, `>=`, `~` contains with `*` for any text, `!~`) and a value, in quotes if it has blanks;
 * joined by `and`, `&&` or a comma. A sentence where it cannot be read.
 */
export function parseWhere(text: string): Where {
  const filter: Condition[] = []
  let at = 0
  for (;;) {
    const found = CONDITION.exec(text.slice(at))
    if (found === null) return refused(text, at)
    const [whole, name = '', operator, double, single, bare = ''] = found
    const dimension = dimensionOf(name)
    if (dimension === undefined)
      return {
        ok: false,
        message: `There is no ${JSON.stringify(name)} to compare; there are ${dimensions.join(', ')}.`,
      }
    const value = double ?? single ?? bare
    const condition = { dimension, operator: operator === '==' ? '=' : (operator as Operator), value } // the expression has no others
    const wrong = checkCondition(condition)
    if (wrong !== undefined) return { ok: false, message: wrong }
    filter.push(condition)
    at += whole.length
    if (at >= text.length) return { ok: true, filter }
    const join = /^\s*(?:and\b|&&|,)\s*/i.exec(text.slice(at))
    if (join === null) return refused(text, at)
    at += join[0].length
  }
}

export function dimensionOf(name: string): Dimension | undefined {
  return dimensions.find((each) => each.toLowerCase() === name.toLowerCase()) ?? OTHER_NAMES[name.toLowerCase()]
}

/** A sentence if it makes no sense. */
export function checkCondition({ dimension, operator, value }: Condition): string | undefined {
  if (!/[<>]/.test(operator)) return undefined
  if (!NUMBERS.has(dimension))
    return `${dimension} is a text: ${operator} compares numbers, which ${[...NUMBERS].join(' and ')} are.`
  return /^\d{1,3}$/.test(value)
    ? undefined
    : `${dimension}${operator} needs a status such as 500, not ${JSON.stringify(value)}.`
}

const CONDITION = /^\s*([A-Za-z-]+)\s*(>=|<=|!=|!~|==|=|<|>|~)\s*(?:"([^"]*)"|'([^']*)'|([^\s,&"']+))\s*/

function refused(text: string, at: number): Where {
  const rest = text.slice(at)
  const where = rest.trim() === '' ? 'at its end' : `at ${JSON.stringify(rest.slice(0, 40))}`
  return {
    ok: false,
    message: `The conditions cannot be read ${where}; write them like status>=500 and host=shop.example.com and path~/api/*.`,
  }
}
