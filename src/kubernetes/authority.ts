import { X509Certificate } from 'node:crypto'
import type { KeptFile } from './kept-file.js'

export type Authority =
  | { readonly ok: true; readonly current: () => string }
  | { readonly ok: false; readonly message: string }

/**
 * The certificates of a file, read anew each time they are asked for; a file that is away or half written leaves the
 * last good ones in force. Not ok when there are none to begin with.
 */
export function createAuthority(file: KeptFile): Authority {
  const first = file.readAgain()
  if (!first.ok) return first
  if (!isCertificates(first.text)) return { ok: false, message: `${file.path} holds no certificate in PEM form` }
  let last = first.text
  return {
    ok: true,
    current() {
      const found = file.readAgain()
      if (found.ok && found.text !== last && isCertificates(found.text)) last = found.text
      return last
    },
  }
}

/** Whether every PEM block of the text is a certificate, and there is at least one. */
export function isCertificates(text: string): boolean {
  const blocks = text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? []
  return blocks.length > 0 && blocks.every(isCertificate)
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0
  } catch {
    return false
  }
}
