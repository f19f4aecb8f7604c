import * as ffi from 'ffi'
import { get_request } from 'resty.core.base'
import { config } from './config.js'

/** Bytes of chance in the ids of a worker: 16, as many as there are in an id of NGINX's own. */
const SECRET_BYTES = 16

/** What an id is the digest of. Written in place, since each text that is made is one that has to be collected. */
const source = ffi.new('struct { unsigned char secret[16]; double count; }') as { count: number } // as it is declared in the text
const SOURCE_BYTES = 24
const sourceBytes = ffi.cast('const unsigned char *', source)

const HEX_DIGITS = 32
const digest = ffi.new('unsigned char[32]')

const VARIABLE = 'made_id'
/** Where NGINX writes the name in small letters, and why it failed. */
const scratch = ffi.new('unsigned char[256]')
const SCRATCH_BYTES = 256
const scratchBytes = ffi.new('size_t[1]') as Record<number, number> // as it is declared in the text

let isPrepared = false

/** To be called in each worker: they are copies of one process. Where the machine gives no chance NGINX makes the ids itself; where nobody wants any, nobody does. */
export function prepareRequestIds(): void {
  if (!config().request_ids) return
  const [file] = io.open('/dev/urandom', 'rb')
  if (file === undefined) return
  const secret = file.read(SECRET_BYTES)
  file.close()
  if (secret === undefined || secret.length !== SECRET_BYTES) return
  ffi.copy(source, secret, SECRET_BYTES)
  isPrepared = true
}

/**
 * Gives the request an id of 32 hexadecimal digits, which nobody guesses who does not know the secret. NGINX's `$request_id`
 * costs a system call and three times as many instructions; it is what requests have that are not proxied.
 */
export function makeRequestId(): void {
  if (!isPrepared) return
  source.count++
  ffi.C.ngx_http_lua_ffi_md5(sourceBytes, SOURCE_BYTES, digest)
  scratchBytes[0] = SCRATCH_BYTES
  // As `ngx.var` does it, without a text of Lua's own for each id.
  ffi.C.ngx_http_lua_ffi_var_set(
    get_request(),
    VARIABLE,
    VARIABLE.length,
    scratch,
    digest,
    HEX_DIGITS,
    scratch,
    scratchBytes,
  )
}
