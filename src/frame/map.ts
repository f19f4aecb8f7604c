import { variable, type Argument, type Directive } from '../nginx/directive.js'

/** `$to` by what `$from` holds. */
export function map(
  from: string,
  to: string,
  otherwise: Argument,
  cases: readonly (readonly [from: string, to: Argument])[],
): Directive {
  return { name: 'map', args: [variable(from), variable(to)], block: { otherwise, cases } }
}
