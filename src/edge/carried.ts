import * as ffi from 'ffi'
import { get_request } from 'resty.core.base'
import { config } from './config.js'
import type { PlainRoute } from './plain.js'

/**
 * How a request brings what was decided about it to the balancer: in `ngx.ctx`. A usual one has no context, which NGINX
 * would have to take away with the request. It has no body to wait for, so that its first try begins in the turn of the
 * event loop in which it was decided about, and nothing is decided about another request in between: one variable is
 * enough.
 */
let handed: PlainRoute | undefined

const { C } = ffi

/** For the first try of this request. Where somebody after the balancer asks whose it is, that is in `ngx.ctx`. */
export function carry(known: PlainRoute): void {
  if (config().bare_heads && config().metrics === undefined) handed = known
  else ngx.ctx = known
}

/** undefined: nothing was decided about this request, or it is in `ngx.ctx`. */
export function takeCarried(): PlainRoute | undefined {
  const known = handed
  handed = undefined
  return known
}

/** Whether the request that is running has a context. One that is asked for is made. */
export function hasContext(): boolean {
  return C.ngx_http_lua_ffi_get_ctx_ref(get_request(), undefined, undefined) >= 0
}
