import { readValue } from '../der-value.js'

const BEGIN = '-----BEGIN X509 CRL-----'
const END = '-----END X509 CRL-----'
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * The certificate revocation lists of a PEM file, printed anew; undefined where there is none, or one is not of the form
 * (RFC 5280, 5.1). Node has no reader for them: whether a signature is right is NGINX's to say, and it trusts none else.
 */
export function readRevocations(pem: string): string | undefined {
  const [, ...bodies] = pem.split(BEGIN)
  const lists = bodies.map(readList)
  return lists.length === 0 || lists.includes(undefined) ? undefined : lists.join('')
}

function readList(text: string): string | undefined {
  const end = text.indexOf(END)
  const digits = end < 0 ? '' : text.slice(0, end).replaceAll(/\s+/g, '')
  if (digits.length % 4 !== 0 || !BASE64.test(digits)) return undefined
  const bytes = Buffer.from(digits, 'base64')
  if (!isCertificateList(bytes)) return undefined
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `${[BEGIN, ...lines, END].join('\n')}\n`
}

const SEQUENCE = 0x30
const BIT_STRING = 0x03

/** A sequence of what is signed, the algorithm, and the signature. */
function isCertificateList(bytes: Buffer): boolean {
  const whole = readValue(bytes, 0, bytes.length)
  if (whole === undefined || whole.tag !== SEQUENCE || whole.end !== bytes.length) return false
  const tags: number[] = []
  for (let at = whole.content; at < whole.end; ) {
    const part = readValue(bytes, at, whole.end)
    if (part === undefined) return false
    tags.push(part.tag)
    at = part.end
  }
  return tags.join() === [SEQUENCE, SEQUENCE, BIT_STRING].join()
}
