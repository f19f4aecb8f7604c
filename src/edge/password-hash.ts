import * as ffi from 'ffi'
import { find, slice } from '#bytes'
import { isSameText } from '../request/same-text.js'
import { apr1 } from './apr1.js'

/**
 * Passwords against the hashes of BAS-3. This module also runs in the threads beside the workers, in a Lua of their
 * own, where of NGINX there is little but its digests.
 */

ffi.cdef('char *crypt_r(const char *phrase, const char *setting, void *data);')

/** As much as any libcrypt asks for (`struct crypt_data`); glibc's had 131,232 bytes. */
const work = ffi.new('char[262144]')

export type Verified = 'right' | 'wrong' | 'failed'

/** What takes a microsecond; undefined: it is a hash that takes long on purpose. */
export function verifyQuick(password: string, hash: string): Verified | undefined {
  if (slice(hash, 0, 1) !== '{') return undefined
  if (slice(hash, 0, 7) === '{PLAIN}') return answer(isSameText(password, slice(hash, 7, hash.length)))
  if (slice(hash, 0, 5) === '{SHA}') return verifySha(password, slice(hash, 5, hash.length))
  if (slice(hash, 0, 6) === '{SSHA}') return verifySha(password, slice(hash, 6, hash.length))
  return undefined
}

/** bcrypt, MD5, SHA-2 and DES of crypt(3), and $apr1$. `failed`: this engine's libcrypt does not know the hash. */
export function verifySlow(password: string, hash: string): Verified {
  if (slice(hash, 0, 6) === '$apr1$')
    return answer(isSameText(apr1(password, slice(hash, 6, find(hash, '$', 6))), hash))
  const made = ffi.C.crypt_r(password, hash, work)
  // A null pointer equals nil.
  if (made === undefined) return 'failed'
  const text = ffi.string(made)
  // What begins so is no hash but the mark of a failure (crypt(3)).
  return slice(text, 0, 1) === '*' ? 'failed' : answer(isSameText(text, hash))
}

/** `{SHA}`, and `{SSHA}` with a salt behind the 20 bytes. */
function verifySha(password: string, encoded: string): Verified {
  const bytes = ngx.decode_base64(encoded)
  if (bytes === undefined || bytes.length < 20) return 'failed'
  return answer(isSameText(ngx.sha1_bin(password + slice(bytes, 20, bytes.length)), slice(bytes, 0, 20)))
}

function answer(isRight: boolean): Verified {
  return isRight ? 'right' : 'wrong'
}
