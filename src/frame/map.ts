import { variable, type Argument, type Directive, type MapCases } from '../nginx/directive.js'

/** `$to` by what `$from` holds. */
export function map(from: string, to: string, otherwise: Argument, cases: MapCases['cases']): Directive {
  return { name: 'map', args: [variable(from), variable(to)], block: { otherwise, cases } }
}
