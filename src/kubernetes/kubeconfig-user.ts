import { createPrivateKey } from 'node:crypto'
import type { Trust } from './access.js'
import { isCertificates } from './authority.js'
import { type Credential, type Credentials, fixedCredentials, noCredential } from './credentials.js'
import { createExecCredentials } from './exec-credentials.js'
import { readExecPlugin } from './exec-plugin.js'
import { keepFile } from './kept-file.js'
import { KubeconfigError, type Mapping, type Reader } from './kubeconfig-reader.js'
import { createTokenCredentials, isToken } from './token.js'

/** What the credentials of a user depend on beside the user itself. */
export interface UserSurroundings {
  readonly server: URL
  readonly trust: Trust
  readonly now: () => number
}

/**
 * The credentials of a user of a kubeconfig, in the order in which kubectl prefers them: a client certificate goes with
 * any of tokenFile, token, or username and password; without these, an exec plugin.
 */
export function readUser(reader: Reader, user: Mapping, where: string, surroundings: UserSurroundings): Credentials {
  refuseUnsupported(user, where)
  const pair = readPair(reader, user, where)
  const tokenFile = reader.text(user['tokenFile'], `${where}: tokenFile`)
  if (tokenFile !== '') {
    const file = keepFile(reader.path(tokenFile), surroundings.now)
    const first = file.read()
    if (!first.ok) throw new KubeconfigError(`${where}: tokenFile: ${first.message}.`)
    return withPair(createTokenCredentials(file), pair)
  }
  const token = reader.text(user['token'], `${where}: token`).trim()
  if (token !== '') {
    if (!isToken(token)) throw new KubeconfigError(`${where}: token has characters that no token has.`)
    return fixedCredentials({ ...pair, authorization: `Bearer ${token}` })
  }
  const name = reader.text(user['username'], `${where}: username`)
  if (name !== '') {
    const password = reader.text(user['password'], `${where}: password`)
    const authorization = `Basic ${Buffer.from(`${name}:${password}`, 'utf8').toString('base64')}`
    return fixedCredentials({ ...pair, authorization })
  }
  if (user['exec'] === undefined || user['exec'] === null) return fixedCredentials(pair)
  const plugin = readExecPlugin(reader, reader.mapping(user['exec'], `${where}: exec`), `${where}: exec`, surroundings)
  return withPair(createExecCredentials(plugin, surroundings.now), pair)
}

function refuseUnsupported(user: Mapping, where: string): void {
  for (const field of ['as', 'as-uid', 'as-groups', 'as-user-extra'])
    if (user[field] !== undefined && user[field] !== null)
      throw new KubeconfigError(`${where}: ${field} (impersonation) is not supported; take it out.`)
  if (user['auth-provider'] !== undefined && user['auth-provider'] !== null)
    throw new KubeconfigError(`${where}: auth-provider was taken out of Kubernetes 1.26; use an exec plugin.`)
}

function readPair(reader: Reader, user: Mapping, where: string): Credential {
  const certificate = reader.pem(user, 'client-certificate', where)
  const key = reader.pem(user, 'client-key', where)
  if (certificate === '' && key === '') return noCredential
  if (certificate === '' || key === '') {
    const missing = certificate === '' ? 'client-certificate' : 'client-key'
    throw new KubeconfigError(`${where} has only one of client-certificate and client-key; ${missing} is missing.`)
  }
  if (!isCertificates(certificate))
    throw new KubeconfigError(`${where}: client-certificate holds no certificate in PEM form.`)
  if (!isPrivateKey(key)) throw new KubeconfigError(`${where}: client-key holds no private key in PEM form.`)
  return { authorization: undefined, certificate, key }
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private'
  } catch {
    return false
  }
}

/** The client certificate goes with whatever else there is, unless that brings one of its own. */
function withPair(credentials: Credentials, { certificate, key }: Credential): Credentials {
  if (certificate === undefined) return credentials
  const add = async (found: ReturnType<Credentials['current']>): ReturnType<Credentials['current']> => {
    const result = await found
    if (!result.ok || result.credential.certificate !== undefined) return result
    return { ok: true, credential: { ...result.credential, certificate, key } }
  }
  return { current: () => add(credentials.current()), renew: () => add(credentials.renew()) }
}
