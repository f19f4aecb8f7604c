import * as ffi from 'ffi'
import { byteAt, fromByte } from '#bytes'
import { openssl } from './openssl.js'

const NAME = 'secret'
const BYTES = 32

/** In the master, before there are workers: a random key that this NGINX keeps as long as its memory, through reloads. */
export function makeSecret(): void {
  const bytes = ffi.new('unsigned char[32]')
  if (openssl.RAND_bytes(bytes, BYTES) !== 1) return ngx.log(ngx.ERR, 'there is no key to sign with: RAND_bytes failed')
  const [ok, problem] = ngx.shared.fairlead_state.safe_add(NAME, ffi.string(bytes, BYTES))
  if (ok !== true && problem !== 'exists') ngx.log(ngx.ERR, 'there is no key to sign with: ', problem ?? 'unknown')
}

/** The key, and as HMAC begins with it (RFC 2104), for the inner and the outer digest. */
interface Key {
  readonly itself: string
  readonly inner: string
  readonly outer: string
}

let known: Key | undefined

/**
 * 20 bytes that only this NGINX can make of a text: HMAC-SHA-1; undefined: it has no key. `ngx.hmac_sha1` is the same
 * for more than twice the instructions, since OpenSSL looks its parts up anew each time.
 */
export function authenticate(text: string): string | undefined {
  known = known ?? readKey()
  return known === undefined ? undefined : ngx.sha1_bin(known.outer + ngx.sha1_bin(known.inner + text))
}

/**
 * 20 bytes under which something is kept, made of the key and a text in one go. For names that nobody is ever shown: of
 * those that are shown, names of longer texts could be made.
 */
export function secretName(text: string): string | undefined {
  known = known ?? readKey()
  return known === undefined ? undefined : ngx.sha1_bin(known.itself + text)
}

const BLOCK = 64
const INNER = 0x36
const OUTER = 0x5c

function readKey(): Key | undefined {
  const key = ngx.shared.fairlead_state.get(NAME) as string | undefined // only makeSecret writes it
  return key === undefined ? undefined : { itself: key, inner: pad(key, INNER), outer: pad(key, OUTER) }
}

/** @param key not longer than a block */
function pad(key: string, byte: number): string {
  let text = ''
  for (let i = 0; i < BLOCK; i++) text = text + fromByte((i < key.length ? byteAt(key, i) : 0) ^ byte)
  return text
}

/** The same as 32 hexadecimal digits. */
export function sign(text: string): string | undefined {
  const made = authenticate(text)
  return made === undefined ? undefined : ngx.md5(made)
}
