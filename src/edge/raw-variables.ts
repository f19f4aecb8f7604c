import * as ffi from 'ffi'
import { get_request } from 'resty.core.base'

/**
 * Variables as the Lua module reads and writes them, for what every request asks for: `ngx.var` does the same behind a
 * table that has to be asked first, and makes a text of what is written (docs/design/request-cost.md).
 */

const NGX_OK = 0
/** Room for the longest name, in which the module writes it in small letters; it writes why it failed there too. */
const SCRATCH_BYTES = 256
const NO_CAPTURE = 0

const { C, string: toText } = ffi
const scratch = ffi.new(`unsigned char[${SCRATCH_BYTES}]`)
const lengths = ffi.new('size_t[1]') as Record<number, number> // as it is declared in the text
const values = ffi.new('unsigned char *[1]') as { readonly 0: object } // likewise
const errors = ffi.new('char *[1]')

/** undefined: it has no value. */
export function readRaw(name: string): string | undefined {
  const found = C.ngx_http_lua_ffi_var_get(
    get_request(),
    name,
    name.length,
    scratch,
    NO_CAPTURE,
    values,
    lengths,
    errors,
  )
  return found === NGX_OK ? toText(values[0], lengths[0]) : undefined
}

/** @param value copied by NGINX: a text, or a pointer to its bytes */
export function writeRaw(name: string, value: string | object, length: number): void {
  lengths[0] = SCRATCH_BYTES
  C.ngx_http_lua_ffi_var_set(get_request(), name, name.length, scratch, value, length, scratch, lengths)
}
