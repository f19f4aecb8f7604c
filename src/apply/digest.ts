import { createHash } from 'node:crypto'

/** 16 hexadecimal digits of SHA-256 over bytes given as one character each. */
export function digestBytes(bytes: string): string {
  return createHash('sha256').update(bytes, 'latin1').digest('hex').slice(0, 16)
}
