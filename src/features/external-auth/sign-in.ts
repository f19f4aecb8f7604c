import type { SignIn } from '../../model/auth-service.js'
import { parseVariables } from '../../request/variables.js'

/** EXT-3. A parameter without a value counts as none, as in ingress-nginx. */
export function signInOf(url: string, parameter: string): SignIn {
  const mark = url.indexOf('?')
  const query = mark < 0 ? '' : url.slice(mark + 1)
  const isGiven = query
    .split('&')
    .some((pair) => pair.startsWith(`${parameter}=`) && pair.length > parameter.length + 1)
  const separator = query === '' ? (mark < 0 ? '?' : '') : '&'
  return { to: parseVariables(url), ...(isGiven ? {} : { returnBy: `${separator}${parameter}=` }) }
}
