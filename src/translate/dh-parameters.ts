import type { Values } from '../configmap/index.js'
import type { KeyProblem } from '../configmap/read.js'
import { readValue } from '../features/der-value.js'
import type { FrameFile } from '../model/frame-settings.js'
import type { FrameChoices } from '../model/global-settings.js'
import type { Secret } from '../snapshot/objects.js'
import { digestOf } from './digest.js'

/** What `ssl-dh-param` of the main ConfigMap comes to. */
export function dhParametersOf(
  { 'ssl-dh-param': key }: Values,
  secret: (key: string) => Secret | undefined,
): { readonly frame: FrameChoices; readonly problems: readonly KeyProblem[] } {
  if (key === undefined) return { frame: {}, problems: [] }
  const found = secret(key)
  const read = found === undefined ? `There is no Secret ${key}` : readParameters(found)
  if (typeof read !== 'string') return { frame: { sslDhParam: read }, problems: [] }
  const message = `${read}; ciphers with DHE are not agreed on.`
  return { frame: {}, problems: [{ key: 'ssl-dh-param', kind: 'unreadable', message }] }
}

const BLOCK = /-----BEGIN DH PARAMETERS-----([A-Za-z0-9+/=\s]{1,10000})-----END DH PARAMETERS-----/

/** OpenSSL takes no smaller ones for its level of security, and NGINX would not start. */
const LEAST_BITS = 2048
const MOST_BITS = 8192

/** PKCS #3: a sequence of the prime and the base. Printed anew; a sentence says what is wrong. */
function readParameters({ namespace, name, data }: Secret): FrameFile | string {
  const which = `Secret ${namespace}/${name}`
  const bytes = Buffer.from(BLOCK.exec(data['dhparam.pem']?.toString('latin1') ?? '')?.[1] ?? '', 'base64')
  const whole = readValue(bytes, 0, bytes.length)
  const prime = whole === undefined ? undefined : readValue(bytes, whole.content, whole.end)
  const base = prime === undefined ? undefined : readValue(bytes, prime.end, bytes.length)
  if (whole?.end !== bytes.length || whole.tag !== 0x30 || prime?.tag !== 0x02 || base?.tag !== 0x02)
    return `${which} has no dhparam.pem with parameters in PEM form that can be read`
  const number = BigInt(`0x0${bytes.subarray(prime.content, prime.end).toString('hex')}`)
  const bits = number.toString(2).length
  if (bits < LEAST_BITS || bits > MOST_BITS || number % 2n === 0n)
    return `The dhparam.pem of ${which} has no prime of ${LEAST_BITS} to ${MOST_BITS} bits`
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  const text = ['-----BEGIN DH PARAMETERS-----', ...lines, '-----END DH PARAMETERS-----', ''].join('\n')
  return { name: `${digestOf(text)}.pem`, base64: Buffer.from(text).toString('base64') }
}
