import { createHash } from 'node:crypto'
import { createAuthority } from '../support/certificates.js'

/** What one feature puts on the Ingress of the path `/x`, and beside it. `host` is the host of the Ingress. */
export interface Part {
  readonly name: string
  readonly annotations: (host: string) => Readonly<Record<string, string>>
  /** Other names by which the host is reached. */
  readonly names?: (host: string) => readonly string[]
  /** A canary Ingress stands beside it. */
  readonly canary?: true
  /** What a friend has to send, if anything; the address of friends is 127.0.0.9, that of strangers 127.0.0.1. */
  readonly friend?: Readonly<Record<string, string>>
  /** What a friend makes of the challenge for `/x`, in Authorization. */
  readonly answersChallenge?: (challenge: string) => string
  /** Plain HTTP is open (MTLS-6). */
  readonly tlsOnly?: true
  /** What a friend shows in the handshake. */
  readonly certificate?: { readonly chain: string; readonly key: string }
  /** What a friend gets instead of the protected backend. */
  readonly answers?: number
}

const fixed =
  (annotations: Readonly<Record<string, string>>): Part['annotations'] =>
  () =>
    annotations

const authority = createAuthority('Friends')
const identity = authority.issue({ names: [], commonName: 'friend', purpose: 'client' })
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
const ha1 = md5('friend:Friends:secret')

/** RFC 2617, 3.2.2. */
function digestOf(challenge: string): string {
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? ''
  const response = md5(`${ha1}:${nonce}:00000001:0a4f113b:auth:${md5('GET:/x')}`)
  return `Digest username="friend", realm="Friends", nonce="${nonce}", uri="/x", qop=auth, nc=00000001, cnonce="0a4f113b", response="${response}"`
}

/** Features that keep strangers out. */
export const protectors: readonly Part[] = [
  { name: 'allow', annotations: fixed({ 'allowlist-source-range': '127.0.0.9' }) },
  { name: 'deny', annotations: fixed({ 'denylist-source-range': '127.0.0.1,::1' }) },
  {
    name: 'basic',
    annotations: fixed({ 'auth-type': 'basic', 'auth-secret': 'friends' }),
    friend: { authorization: `Basic ${Buffer.from('friend:secret').toString('base64')}` },
  },
  { name: 'external', annotations: fixed({ 'auth-url': 'AUTH:' }), friend: { 'x-friend': 'yes' } },
  {
    name: 'mtls',
    annotations: fixed({ 'auth-tls-secret': 'test/authority', 'auth-tls-match-cn': 'CN=friend' }),
    certificate: identity,
  },
  {
    name: 'mtls-of-anybody',
    annotations: fixed({ 'auth-tls-secret': 'test/authority' }),
    certificate: identity,
    tlsOnly: true,
  },
  {
    name: 'digest',
    annotations: fixed({ 'auth-type': 'digest', 'auth-secret': 'digests', 'auth-realm': 'Friends' }),
    answersChallenge: digestOf,
  },
]

/** What the protectors name. */
export const secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  digests: { auth: `friend:Friends:${ha1}` },
  friends: { auth: 'friend:$1$saltsalt$9xy1btjgzLYfb7hivXtC//' },
  authority: { 'ca.crt': authority.certificate },
}

/** Features that stand beside them. */
export const companions: readonly Part[] = [
  ...protectors,
  { name: 'satisfy', annotations: fixed({ satisfy: 'any' }) },
  { name: 'limit', annotations: fixed({ 'limit-rps': '100000' }) },
  { name: 'redirect', annotations: fixed({ 'permanent-redirect': 'http://elsewhere.test/' }), answers: 301 },
  { name: 'cors', annotations: fixed({ 'enable-cors': 'true', 'cors-allow-origin': 'http://origin.test' }) },
  { name: 'canary', annotations: fixed({}), canary: true },
  { name: 'rewrite', annotations: fixed({ 'rewrite-target': '/y' }) },
  { name: 'regex', annotations: fixed({ 'use-regex': 'true' }) },
  { name: 'www', annotations: fixed({ 'from-to-www-redirect': 'true' }), names: (host) => [`www.${host}`] },
  {
    name: 'alias',
    annotations: (host) => ({ 'server-alias': `alias-${host}` }),
    names: (host) => [`alias-${host}`],
  },
  {
    name: 'pattern-alias',
    annotations: (host) => ({ 'server-alias': `~^any.*-${host.replaceAll('.', '\\.')}$` }),
    names: (host) => [`any1-${host}`],
  },
  { name: 'errors', annotations: fixed({ 'custom-http-errors': '401,403,404,503', 'default-backend': 'open' }) },
  { name: 'stand-in', annotations: fixed({ 'default-backend': 'open' }) },
  { name: 'mirror', annotations: fixed({ 'mirror-target': 'http://127.0.0.1:1/' }) },
  { name: 'buffering', annotations: fixed({ 'proxy-buffering': 'on' }) },
  { name: 'connections', annotations: fixed({ 'limit-connections': '1000' }) },
  { name: 'affinity', annotations: fixed({ affinity: 'cookie' }) },
]
