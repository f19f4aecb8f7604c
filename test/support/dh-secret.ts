import { getDiffieHellman } from 'node:crypto'
import * as der from '../../src/controller/der.js'

/** A Secret with the parameters of RFC 3526's group of 2,048 bits, for `ssl-dh-param`. */
export function dhSecret(namespace: string, name: string): object {
  const prime = getDiffieHellman('modp14').getPrime()
  const parameters = der.sequence(der.integer(prime), der.integer(Buffer.from([2]))).toString('base64')
  const text = `-----BEGIN DH PARAMETERS-----\n${parameters.replaceAll(/.{64}/g, '$&\n')}\n-----END DH PARAMETERS-----\n`
  const data = { 'dhparam.pem': Buffer.from(text).toString('base64') }
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data }
}
