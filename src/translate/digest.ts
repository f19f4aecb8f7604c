import { createHash } from 'node:crypto'

/** 16 hexadecimal digits of SHA-256: enough to tell documents apart, and always of the same length. */
export function digestOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** 32 hexadecimal digits, of a text in bytes, as NGINX's own. */
export function md5Of(text: string): string {
  return createHash('md5').update(text, 'latin1').digest('hex')
}
