import { type CredentialResult, type Credentials, noCredential } from './credentials.js'
import type { KeptFile, KeptText } from './kept-file.js'

/** A bearer token in a file, read again each minute and after a 401; the last one counts while the file is away. */
export function createTokenCredentials(file: KeptFile): Credentials {
  return {
    current: async () => bearer(file.read()),
    renew: async () => bearer(file.readAgain()),
  }
}

function bearer(found: KeptText): CredentialResult {
  if (!found.ok) return { ok: false, message: `no token: ${found.message}` }
  if (!isToken(found.text)) return { ok: false, message: 'the token has characters that no token has' }
  return { ok: true, credential: { ...noCredential, authorization: `Bearer ${found.text}` } }
}

/** Whether the text can stand in a header: visible ASCII, RFC 6750 section 2.1 and a little more. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}
