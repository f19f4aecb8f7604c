import * as ffi from 'ffi'
import { config } from './config.js'
import { openssl } from './openssl.js'
import { writeRaw } from './raw-variables.js'

ffi.cdef('unsigned char *ngx_hex_dump(unsigned char *dst, const unsigned char *src, size_t len);')

/** Of a pointer. */
declare const plus: LuaAddition<object, number, object>

/**
 * Ids are made so many at a time. The bytes of one cost OpenSSL a system call, by which it finds out whether it was
 * forked, and those of all of them hardly more.
 */
const AT_A_TIME = 128

/** As many as an id of NGINX's own has. */
const BYTES = 16
const HEX_DIGITS = 32

const bytes = ffi.new(`unsigned char[${AT_A_TIME * BYTES}]`)
const ids = ffi.new(`unsigned char[${AT_A_TIME * HEX_DIGITS}]`)

/** In this worker: nothing is made before there is one. */
let left = 0

/**
 * Gives the request an id of 32 hexadecimal digits of chance, as `$request_id` is, which is what requests have that are
 * not proxied. It is written as `ngx.var` does it, but without a text of Lua's own.
 */
export function makeRequestId(): void {
  if (!config().request_ids || (left === 0 && !makeIds())) return
  left--
  writeRaw('req_id', plus(ids, left * HEX_DIGITS), HEX_DIGITS)
}

/** Where the machine gives no chance NGINX makes the ids itself, as well as it can. */
function makeIds(): boolean {
  if (openssl.RAND_bytes(bytes, AT_A_TIME * BYTES) !== 1) return false
  ffi.C.ngx_hex_dump(ids, bytes, AT_A_TIME * BYTES)
  left = AT_A_TIME
  return true
}
