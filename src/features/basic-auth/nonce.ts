import { byteAt, find, slice } from '#bytes'
import type { ActingPort } from '../../request/port.js'
import { isSameText } from '../../request/same-text.js'

/** `SECONDS.ID.SIGNATURE`: when it was made, for which request, and that this NGINX made it for that context. */
export function makeNonce(context: string, port: ActingPort): string | undefined {
  const head = `${Math.floor(port.now())}.${port.variable('request_id') ?? ''}`
  const signature = port.sign(`nonce ${head} ${context}`)
  return signature === undefined ? undefined : `${head}.${signature}`
}

/** Whether this NGINX made it for that context, at most so many seconds ago. */
export function isFresh(nonce: string, context: string, seconds: number, port: ActingPort): boolean {
  const first = find(nonce, '.', 0)
  const second = first < 0 ? -1 : find(nonce, '.', first + 1)
  if (second < 0) return false
  const made = readSeconds(slice(nonce, 0, first))
  if (made === undefined || port.now() - made > seconds) return false
  const signature = port.sign(`nonce ${slice(nonce, 0, second)} ${context}`)
  return signature !== undefined && isSameText(signature, slice(nonce, second + 1, nonce.length))
}

const ZERO = 48
const MOST_DIGITS = 12

function readSeconds(text: string): number | undefined {
  if (text.length === 0 || text.length > MOST_DIGITS) return undefined
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = byteAt(text, i) - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}
