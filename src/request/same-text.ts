import { byteAt } from '#bytes'

/** Whether two texts are the same, in a time that depends on their lengths alone: one of them is a secret. */
export function isSameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) {
    const step = byteAt(a, i) - byteAt(b, i)
    difference = difference + step * step
  }
  return difference === 0
}
