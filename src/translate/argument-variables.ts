import { queryOf } from '../request/query.js'

/** NGINX's `arg_NAME` for each argument of a target: as it was sent, of several the first. */
export function argumentVariables(target: string): Readonly<Record<string, string>> {
  const pairs = queryOf(target)
    .slice(1)
    .split('&')
    .flatMap((pair): readonly (readonly [string, string])[] => {
      const sign = pair.indexOf('=')
      return sign < 1 ? [] : [[`arg_${pair.slice(0, sign)}`, pair.slice(sign + 1)]]
    })
  return Object.fromEntries(pairs.toReversed())
}
