import { createHash, createHmac } from 'node:crypto'

export interface Signable {
  readonly method: string
  /** As sent; `/` for every RPC action. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** All that are sent and may be signed, names in lower case; `host` among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface AccessKey {
  readonly id: string
  readonly secret: string
  /** Of temporary credentials. */
  readonly token?: string
}

const ALGORITHM = 'ACS3-HMAC-SHA256'

/**
 * Headers of a request, with the authorization that Alibaba Cloud's signature version 3 asks for.
 *
 * @param nonce never used before; the cloud refuses one that it has seen within 15 minutes
 * @param date the moment, in milliseconds since the epoch; more than 15 minutes off is refused
 * @source loadbalancer.md section 6.4
 */
export function signedHeaders(request: Signable, key: AccessKey, nonce: string, date: number): Record<string, string> {
  const headers: Record<string, string> = {
    ...request.headers,
    'x-acs-date': new Date(date).toISOString().replace(/\.\d+Z$/, 'Z'),
    'x-acs-signature-nonce': nonce,
    'x-acs-content-sha256': sha256(request.body),
    ...(key.token === undefined ? {} : { 'x-acs-security-token': key.token }),
  }
  return { ...headers, authorization: authorization({ ...request, headers }, key) }
}

/** The value of `authorization` for headers that are complete. */
export function authorization({ method, path, query, headers, body }: Signable, key: AccessKey): string {
  const names = Object.keys(headers)
    .filter((name) => name === 'host' || name === 'content-type' || name.startsWith('x-acs-'))
    .sort()
  const canonical = [
    method,
    path,
    encodeParameters(query),
    ...names.map((name) => `${name}:${headers[name]?.trim() ?? ''}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n')
  const signature = createHmac('sha256', key.secret)
    .update(`${ALGORITHM}\n${sha256(canonical)}`)
    .digest('hex')
  return `${ALGORITHM} Credential=${key.id},SignedHeaders=${names.join(';')},Signature=${signature}`
}

/** `name=value&…` in the order of names, percent-encoded as RFC 3986 has it: a query, or the body of a form. */
export function encodeParameters(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&')
}

/** encodeURIComponent leaves five characters that RFC 3986 reserves. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
