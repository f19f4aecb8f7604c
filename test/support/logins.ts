import { createHash } from 'node:crypto'
import type { PasswordCheck } from '../../src/request/port.js'
import { passwordVectors } from './password-vectors.js'

/** As NGINX does it: what follows the first `=` does not count. */
export function decodeBase64(text: string): string | undefined {
  const [letters = ''] = text.split('=')
  return /^[A-Za-z0-9+/]*$/.test(letters) && letters.length % 4 !== 1
    ? Buffer.from(letters, 'base64').toString('latin1')
    : undefined
}

/** Knows the hashes of the vectors, and those that need no crypt(3). Passwords are bytes. */
export function checkPassword(_queue: string, _user: string, password: string, hash: string): PasswordCheck {
  const known = passwordVectors.find(([, , vector]) => vector === hash)
  if (known !== undefined) return Buffer.from(known[1], 'utf8').toString('latin1') === password ? 'right' : 'wrong'
  if (hash.startsWith('{PLAIN}')) return hash === `{PLAIN}${password}` ? 'right' : 'wrong'
  const sha = createHash('sha1').update(password, 'latin1').digest('base64')
  return hash === `{SHA}${sha}` ? 'right' : 'wrong'
}
