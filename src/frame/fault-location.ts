import { block, luaBlock, simple, type Directive } from '../nginx/directive.js'
import { END } from './profile-location.js'

/**
 * Where a request goes whose phase failed in Lua, which NGINX answers with 500. A location that has an `error_page` of
 * its own does not inherit this one: with `proxy_intercept_errors` the 500 of a backend would come here too.
 */
export const FAULTS = simple('error_page', 500, '@fault')

/** A log phase like that of awaited requests: what was held for the request is given back. */
export function faultLocation(logs: readonly Directive[]): Directive {
  return block('location', ['@fault'], [luaBlock('access_by_lua_block', 'fairlead.refuse_fault()'), END, ...logs])
}
