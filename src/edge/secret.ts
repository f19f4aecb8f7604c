import * as ffi from 'ffi'

ffi.cdef('int RAND_bytes(unsigned char *buf, int num);')

const NAME = 'secret'
const BYTES = 32

/** In the master, before there are workers: a random key that this NGINX keeps as long as its memory, through reloads. */
export function makeSecret(): void {
  const bytes = ffi.new('unsigned char[32]')
  if (ffi.C.RAND_bytes(bytes, BYTES) !== 1) return ngx.log(ngx.ERR, 'there is no key to sign with: RAND_bytes failed')
  const [ok, problem] = ngx.shared.fairlead_state.safe_add(NAME, ffi.string(bytes, BYTES))
  if (ok !== true && problem !== 'exists') ngx.log(ngx.ERR, 'there is no key to sign with: ', problem ?? 'unknown')
}

let known: string | undefined

/** 20 bytes that only this NGINX can make of a text (HMAC-SHA-1); undefined: it has no key. */
export function authenticate(text: string): string | undefined {
  known = known ?? (ngx.shared.fairlead_state.get(NAME) as string | undefined) // only makeSecret writes it
  return known === undefined ? undefined : ngx.hmac_sha1(known, text)
}

/** The same as 32 hexadecimal digits. */
export function sign(text: string): string | undefined {
  const made = authenticate(text)
  return made === undefined ? undefined : ngx.md5(made)
}
