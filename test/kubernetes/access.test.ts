import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findAccess } from '../../src/kubernetes/find-access.js'
import { createAuthority } from '../support/certificates.js'
import { temporaryFolder, writeFile } from './server.js'

const noFlags = { kubeconfig: '', apiserverHost: '', certificateAuthority: '' }
const authority = createAuthority('api')
const leaf = authority.issue({ names: ['user'] })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

function serviceAccount(): string {
  const folder = temporaryFolder()
  writeFile(folder, 'token', 'secret-token\n')
  writeFile(folder, 'ca.crt', authority.certificate)
  writeFile(folder, 'namespace', 'ingress-nginx')
  return folder
}
const pod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }

function inCluster(environment: Record<string, string>, folder: string, flags: object = {}) {
  return findAccess({ ...noFlags, ...flags }, { environment, serviceAccountFolder: folder })
}

test('in a pod: address, token, authority and namespace; IPv6 gets its brackets', async () => {
  const folder = serviceAccount()
  const found = inCluster(pod, folder)
  if (!found.ok) throw new Error(found.message)
  const { access } = found
  expect(access.server.href).toBe('https://10.96.0.1/')
  expect(access.namespace).toBe('ingress-nginx')
  expect(access.trust.authority()).toBe(authority.certificate.trim())
  expect(await access.credentials.current()).toMatchObject({ credential: { authorization: 'Bearer secret-token' } })
  rmSync(join(folder, 'token'))
  rmSync(join(folder, 'ca.crt'))
  expect(await access.credentials.renew()).toMatchObject({ credential: { authorization: 'Bearer secret-token' } })
  expect(access.trust.authority()).toBe(authority.certificate.trim())
  const six = inCluster({ ...pod, KUBERNETES_SERVICE_HOST: 'fd00::1' }, serviceAccount())
  expect(six.ok && six.access.server.href).toBe('https://[fd00::1]/')
})

test('in a pod: each mistake is a sentence', () => {
  const without = (name: string): string => {
    const folder = serviceAccount()
    rmSync(join(folder, name))
    return folder
  }
  const message = (environment: Record<string, string>, folder: string): string => {
    const found = inCluster(environment, folder)
    return found.ok ? '' : found.message
  }
  expect(message({}, serviceAccount())).toMatch(/no pod of a cluster.*--kubeconfig FILE or --apiserver-host URL/)
  expect(message({ ...pod, KUBERNETES_SERVICE_HOST: 'a b' }, serviceAccount())).toMatch(/is no address/)
  expect(message(pod, without('token'))).toMatch(/token.*ENOENT.*automountServiceAccountToken/)
  expect(message(pod, without('ca.crt'))).toMatch(/ca\.crt could not be read/)
  const folder = serviceAccount()
  writeFileSync(join(folder, 'ca.crt'), 'nonsense')
  expect(message(pod, folder)).toMatch(/holds no certificate in PEM form/)
})

interface Parts {
  readonly cluster?: object
  readonly user?: object
  readonly context?: object
  readonly current?: unknown
}

function kubeconfig({ cluster, user, context, current = 'one' }: Parts = {}): { folder: string; path: string } {
  const folder = temporaryFolder()
  writeFile(folder, 'ca.pem', authority.certificate)
  writeFile(folder, 'user.pem', leaf.chain)
  writeFile(folder, 'user.key', leaf.key)
  writeFile(folder, 'token', 'from-file')
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': current,
    contexts: [
      { name: 'zero', context: { cluster: 'missing' } },
      { name: 'one', context: { cluster: 'c', user: 'u', ...context } },
    ],
    clusters: [{ name: 'c', cluster: { server: 'https://api.example.com:6443', ...cluster } }],
    users: [{ name: 'u', user: user ?? {} }],
  })
  return { folder, path: writeFile(folder, 'config', text) }
}

function read(parts: Parts = {}, flags: object = {}) {
  const { path } = kubeconfig(parts)
  return findAccess({ ...noFlags, kubeconfig: path, ...flags }, { environment: {} })
}

async function credentialOf(user: object): Promise<unknown> {
  const found = read({ user })
  if (!found.ok) throw new Error(found.message)
  const result = await found.access.credentials.current()
  return result.ok ? result.credential : result.message
}

test('a kubeconfig: server, namespace, authority by file or data, server name, no verification', () => {
  const plain = read()
  expect(plain).toMatchObject({ ok: true, warnings: [], access: { namespace: 'default' } })
  expect(plain.ok && plain.access.server.href).toBe('https://api.example.com:6443/')
  expect(read({ context: { namespace: 'shop' } })).toMatchObject({ access: { namespace: 'shop' } })
  const pem = authority.certificate.trim()
  const byFile = read({ cluster: { 'certificate-authority': 'ca.pem', 'tls-server-name': 'kubernetes' } })
  expect(byFile.ok && byFile.access.trust.authority()).toBe(pem)
  expect(byFile).toMatchObject({ access: { trust: { serverName: 'kubernetes', insecure: false } } })
  const byData = read({ cluster: { 'certificate-authority-data': base64(authority.certificate) } })
  expect(byData.ok && byData.access.trust.authority()?.trim()).toBe(pem)
  expect(read({ cluster: { 'insecure-skip-tls-verify': true } })).toMatchObject({
    warnings: [expect.stringContaining('insecure-skip-tls-verify')],
    access: { trust: { insecure: true } },
  })
})

test('a kubeconfig: what the user is known by', async () => {
  expect(await credentialOf({ token: 'abc' })).toMatchObject({ authorization: 'Bearer abc' })
  expect(await credentialOf({ token: 'abc', tokenFile: 'token' })).toMatchObject({ authorization: 'Bearer from-file' })
  expect(await credentialOf({ username: 'me', password: 'é' })).toMatchObject({
    authorization: `Basic ${base64('me:é')}`,
  })
  const pair = { certificate: leaf.chain, key: leaf.key }
  expect(await credentialOf({ 'client-certificate': 'user.pem', 'client-key': 'user.key' })).toMatchObject(pair)
  const data = { 'client-certificate-data': base64(leaf.chain), 'client-key-data': base64(leaf.key) }
  expect(await credentialOf(data)).toMatchObject(pair)
  expect(await credentialOf({ ...data, tokenFile: 'token' })).toMatchObject({
    ...pair,
    authorization: 'Bearer from-file',
  })
  expect(await credentialOf({})).toEqual({ authorization: undefined, certificate: undefined, key: undefined })
})

const exec = (fields: object): object => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', ...fields },
})
const mistakes: [fact: string, parts: Parts, says: RegExp][] = [
  ['no context is chosen', { current: '' }, /current-context is not set; choose one with `kubectl config use-context/],
  ['a context that is a number', { current: 7 }, /current-context is not a string/],
  ['no such context', { current: 'two' }, /there is no context two; there is zero, one/],
  ['no such cluster', { current: 'zero' }, /there is no cluster missing; there is c/],
  ['no such user', { context: { user: 'v' } }, /there is no user v; there is u/],
  ['no cluster', { context: { cluster: '' } }, /context one names no cluster/],
  ['a server that is none', { cluster: { server: 'ftp://x' } }, /server is "ftp:\/\/x"; expected a URL such as/],
  ['a proxy', { cluster: { 'proxy-url': 'http://p' } }, /proxy-url is not supported; name an address/],
  ['an authority that is not there', { cluster: { 'certificate-authority': 'x' } }, /certificate-authority: .*ENOENT/],
  ['an authority that is none', { cluster: { 'certificate-authority': 'token' } }, /holds no certificate in PEM/],
  ['data that is not base64', { cluster: { 'certificate-authority-data': 'a.pem' } }, /is not base64; a file name/],
  ['data that is no certificate', { cluster: { 'certificate-authority-data': 'YQ==' } }, /holds no certificate/],
  [
    'an authority and no verification',
    { cluster: { 'certificate-authority': 'ca.pem', 'insecure-skip-tls-verify': true } },
    /take one of them out/,
  ],
  ['verification that is a word', { cluster: { 'insecure-skip-tls-verify': 'yes' } }, /neither true nor false/],
  ['a certificate without key', { user: { 'client-certificate': 'user.pem' } }, /client-key is missing/],
  ['a key that is none', { user: { 'client-certificate': 'user.pem', 'client-key': 'ca.pem' } }, /no private key/],
  [
    'a certificate that is none',
    { user: { 'client-certificate': 'token', 'client-key': 'user.key' } },
    /no certificate/,
  ],
  [
    'a key that is not there',
    { user: { 'client-certificate': 'user.pem', 'client-key': 'x' } },
    /names .*x, which could/,
  ],
  ['a token file that is not there', { user: { tokenFile: 'x' } }, /tokenFile: .*ENOENT/],
  ['a token of two lines', { user: { token: 'a\nb' } }, /characters that no token has/],
  ['impersonation', { user: { as: 'root' } }, /as \(impersonation\) is not supported/],
  ['an auth-provider', { user: { 'auth-provider': {} } }, /use an exec plugin/],
  [
    'an old plugin',
    { user: exec({ apiVersion: 'client.authentication.k8s.io/v1alpha1' }) },
    /expected .*v1 or .*v1beta1/,
  ],
  ['a plugin without command', { user: exec({ command: '' }) }, /command is missing/],
  ['a plugin that asks', { user: exec({ interactiveMode: 'Always' }) }, /nobody to ask/],
  ['a plugin with wrong arguments', { user: exec({ args: 'x' }) }, /args is not a list of strings/],
]
test.each(mistakes)('a mistake in a kubeconfig is a sentence: %s', (_fact, parts, says) => {
  const { path } = kubeconfig(parts)
  const found = findAccess({ ...noFlags, kubeconfig: path }, { environment: {} })
  if (found.ok) throw new Error('it was taken')
  expect(found.message).toMatch(says)
  expect(found.message.startsWith(`The kubeconfig ${path}: `)).toBe(true)
})

test('a kubeconfig that is not there, or not YAML, or no mapping', () => {
  const folder = temporaryFolder()
  const message = (path: string): string => {
    const found = findAccess({ ...noFlags, kubeconfig: path }, { environment: {} })
    return found.ok ? '' : found.message
  }
  expect(message(join(folder, 'none'))).toMatch(/it could not be read \(ENOENT/)
  expect(message(writeFile(folder, 'a', 'a: [b'))).toMatch(/it is not valid YAML/)
  expect(message(writeFile(folder, 'b', '- a'))).toMatch(/the file is not a mapping/)
  expect(message(writeFile(folder, 'c', ''))).toMatch(/current-context is not set/)
})

test('--apiserver-host: alone, with an authority, and over a kubeconfig; each mistake is a sentence', async () => {
  const folder = temporaryFolder()
  const file = writeFile(folder, 'ca.pem', authority.certificate)
  const flags = (more: object) => findAccess({ ...noFlags, ...more }, { environment: {} })
  const alone = flags({ apiserverHost: 'http://127.0.0.1:8001' })
  expect(alone.ok && alone.access.server.href).toBe('http://127.0.0.1:8001/')
  const trusting = flags({ apiserverHost: '10.0.0.1:6443', certificateAuthority: file })
  expect(trusting.ok && trusting.access.server.href).toBe('https://10.0.0.1:6443/')
  expect(trusting.ok && trusting.access.trust.authority()).toBe(authority.certificate.trim())
  const over = read({ user: { token: 'abc' } }, { apiserverHost: 'https://10.0.0.2:6443' })
  if (!over.ok) throw new Error(over.message)
  expect(over.access.server.href).toBe('https://10.0.0.2:6443/')
  expect(await over.access.credentials.current()).toMatchObject({ credential: { authorization: 'Bearer abc' } })
  expect(flags({ apiserverHost: 'ftp://x' })).toMatchObject({ message: expect.stringContaining('expected a URL') })
  expect(flags({ apiserverHost: '10.0.0.1', certificateAuthority: '/nowhere/ca' })).toMatchObject({
    message: expect.stringContaining('--certificate-authority: /nowhere/ca could not be read'),
  })
})
