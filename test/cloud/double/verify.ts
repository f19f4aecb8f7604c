import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Refusal } from './refusal.js'

const FIFTEEN_MINUTES = 15 * 60_000

export interface Received {
  readonly method: string
  /** As it came, with the query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** What the cloud knows of an access key. */
export interface KnownKey {
  readonly secret: string
  /** That has to come with it. */
  readonly token?: string
  /** Milliseconds since the epoch. */
  readonly expires?: number
}

/**
 * Refuses what is not signed with a known key by signature version 3, too old, or sent twice. Written from the
 * description of the signature alone; it shares nothing with src/loadbalancer/alibaba/sign.ts.
 */
export function verify(
  request: Received,
  keys: Readonly<Record<string, KnownKey>>,
  nonces: Set<string>,
  now: number,
): void {
  const header = (name: string): string => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : ''
  }
  const parts = /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
    header('authorization'),
  )
  if (parts === null)
    throw new Refusal(400, 'IncompleteSignature', 'The request signature does not conform to standards.')
  const [, id = '', signedList = '', signature = ''] = parts
  const key = Object.hasOwn(keys, id) ? keys[id] : undefined
  if (key === undefined) throw new Refusal(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.')
  const stamp = Date.parse(header('x-acs-date'))
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(header('x-acs-date')) || Math.abs(stamp - now) > FIFTEEN_MINUTES)
    throw new Refusal(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.')
  if (header('x-acs-content-sha256') !== digest(request.body))
    throw new Refusal(400, 'SignatureDoesNotMatch', 'The digest of the body is another one.')
  const signed = signedList.split(';')
  for (const name of Object.keys(request.headers)) {
    const matters = name === 'host' || name === 'content-type' || name.startsWith('x-acs-')
    if (matters && !signed.includes(name))
      throw new Refusal(400, 'SignatureDoesNotMatch', `The header ${name} is not signed.`)
  }
  const question = request.url.indexOf('?')
  const path = question < 0 ? request.url : request.url.slice(0, question)
  const text = [
    `${request.method}\n${path}\n${canonicalQuery(question < 0 ? '' : request.url.slice(question + 1))}\n`,
    ...signed.map((name) => `${name}:${header(name).trim()}\n`),
    `\n${signedList}\n${header('x-acs-content-sha256')}`,
  ].join('')
  const expected = createHmac('sha256', key.secret)
  expected.update('ACS3-HMAC-SHA256')
  expected.update('\n')
  expected.update(digest(Buffer.from(text, 'utf8')))
  if (!timingSafeEqual(expected.digest(), Buffer.from(signature, 'hex')))
    throw new Refusal(400, 'SignatureDoesNotMatch', 'Specified signature is not matched with our calculation.')
  if ((key.token ?? '') !== header('x-acs-security-token'))
    throw new Refusal(400, 'InvalidSecurityToken.Malformed', 'The security token you provided is invalid.')
  if (key.expires !== undefined && key.expires <= now)
    throw new Refusal(400, 'InvalidSecurityToken.Expired', 'Specified SecurityToken is expired.')
  const nonce = header('x-acs-signature-nonce')
  if (nonce === '' || nonces.has(nonce))
    throw new Refusal(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.')
  nonces.add(nonce)
}

/** Pairs are taken as bytes, decoded, encoded in the one way that counts, and put in order. */
function canonicalQuery(raw: string): string {
  if (raw === '') return ''
  const pairs: [Buffer, string][] = []
  for (const piece of raw.split('&')) {
    const equals = piece.indexOf('=')
    const name = strict(unescapeBytes(equals < 0 ? piece : piece.slice(0, equals)))
    const value = strict(unescapeBytes(equals < 0 ? '' : piece.slice(equals + 1)))
    pairs.push([unescapeBytes(name), `${name}=${value}`])
  }
  pairs.sort(([a], [b]) => a.compare(b))
  return pairs.map(([, text]) => text).join('&')
}

export function unescapeBytes(text: string): Buffer {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '%' && /^[0-9A-Fa-f]{2}$/.test(text.slice(at + 1, at + 3))) {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16))
      at += 2
    } else bytes.push(...Buffer.from(text[at] ?? '', 'utf8'))
  }
  return Buffer.from(bytes)
}

/** RFC 3986: letters, digits and -_.~ stand for themselves. */
function strict(bytes: Buffer): string {
  let text = ''
  for (const byte of bytes) {
    const one = String.fromCharCode(byte)
    text += /[A-Za-z0-9\-_.~]/.test(one) ? one : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
