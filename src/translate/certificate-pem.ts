/** A block of a PEM file (RFC 7468). */
export interface PemBlock {
  /** `CERTIFICATE`, `RSA PRIVATE KEY`, … */
  readonly label: string
  /** What stands between the two lines; undefined: the file ends, or another block begins, before the END line. */
  readonly body: string | undefined
}

const BEGIN = '-----BEGIN '
const DASHES = '-----'
const LABEL = /^[A-Z0-9 ]{1,40}$/

/**
 * The blocks of a PEM file in order. Text around them is skipped; line ends, indentation and a missing last line end do
 * not matter. Linear in the length of the text: what a Secret holds is not ours, and a regular expression would begin
 * again at every BEGIN line.
 */
export function readPemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  let begin = text.indexOf(BEGIN)
  while (begin >= 0) {
    const labelAt = begin + BEGIN.length
    const next = text.indexOf(BEGIN, labelAt)
    const piece = text.slice(labelAt, next < 0 ? text.length : next)
    const labelEnd = piece.indexOf(DASHES)
    const label = piece.slice(0, Math.max(labelEnd, 0))
    if (LABEL.test(label)) {
      const bodyAt = labelEnd + DASHES.length
      const end = piece.indexOf(`${DASHES}END ${label}${DASHES}`, bodyAt)
      blocks.push({ label, body: end < 0 ? undefined : piece.slice(bodyAt, end) })
    }
    begin = next
  }
  return blocks
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** The bytes of a block; undefined where the body is not base64. Node itself would skip whatever it does not know. */
export function decodePemBody(body: string): Buffer | undefined {
  const digits = body.replaceAll(/\s+/g, '')
  return digits.length % 4 === 0 && BASE64.test(digits) ? Buffer.from(digits, 'base64') : undefined
}
