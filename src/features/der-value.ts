export interface DerValue {
  readonly tag: number
  /** Where its content begins, and where it ends. */
  readonly content: number
  readonly end: number
}

/** A value of DER (ITU-T X.690, 8.1) within the bytes up to `limit`. */
export function readValue(bytes: Buffer, at: number, limit: number): DerValue | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined) return undefined
  const more = first < 0x80 ? 0 : first & 0x7f
  // 0x80 alone is the indefinite length of BER; more than four bytes are more than a Secret can hold.
  if (first === 0x80 || more > 4 || at + 2 + more > limit) return undefined
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  const content = at + 2 + more
  return content + length > limit ? undefined : { tag, content, end: content + length }
}
