import { byteAt, fromByte, slice } from '#bytes'

const ROUNDS = 1000

/**
 * `$apr1$SALT$…` of a password: the MD5 of crypt(3) with another name in it, which libcrypt does not know. Source: Apache's
 * apr_md5_encode.
 *
 * @param salt at most 8 bytes
 */
export function apr1(password: string, salt: string): string {
  const inner = ngx.md5_bin(password + salt + password)
  let first = `${password}$apr1$${salt}`
  for (let left = password.length; left > 0; left -= 16) first = first + slice(inner, 0, Math.min(left, 16))
  for (let bits = password.length; bits > 0; bits = Math.floor(bits / 2))
    first = first + (bits % 2 === 1 ? '\0' : slice(password, 0, 1))
  let digest = ngx.md5_bin(first)
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1
    const middle = (round % 3 === 0 ? '' : salt) + (round % 7 === 0 ? '' : password)
    digest = ngx.md5_bin((odd ? password : digest) + middle + (odd ? digest : password))
  }
  return `$apr1$${salt}$${encode(digest)}`
}

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The 16 bytes in an order of their own, six bits a letter, the lowest first. */
function encode(digest: string): string {
  let text = ''
  for (let i = 0; i < 5; i++) {
    const last = i === 4 ? 5 : i + 12
    text = text + letters(byteAt(digest, i) * 65536 + byteAt(digest, i + 6) * 256 + byteAt(digest, last), 4)
  }
  return text + letters(byteAt(digest, 11), 2)
}

function letters(value: number, count: number): string {
  let text = ''
  let left = value
  for (let i = 0; i < count; i++) {
    text = text + fromByte(byteAt(ALPHABET, left % 64))
    left = Math.floor(left / 64)
  }
  return text
}
