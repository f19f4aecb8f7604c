import type { Secret } from '../../snapshot/objects.js'
import { whyUncheckable } from './password-hashes.js'

/** How a Secret holds users: a file of htpasswd or htdigest under the key `auth`, or a key for each user. */
export type SecretForm = 'auth-file' | 'auth-map'

export type LoginKind = 'basic' | 'digest'

export type UsersReading =
  | {
      readonly ok: true
      /** As in `UsersAttachment`. */
      readonly users: Readonly<Record<string, string>>
      /** What says of whom that they cannot log in: "line 3 has …"; never a part of a hash, or of what could be one. */
      readonly faults: readonly string[]
    }
  | { readonly ok: false; readonly fault: string }

/** NGINX decodes it in every worker. A Secret of a cluster is smaller. */
const MOST_BYTES = 4 * 1024 * 1024

/** BAS-2, BAS-3, BAS-7. The first line of a user counts, as in NGINX; everything is bytes. */
export function readUsers({ data }: Pick<Secret, 'data'>, form: SecretForm, kind: LoginKind): UsersReading {
  const file = Object.hasOwn(data, 'auth') ? data['auth'] : undefined
  if (form === 'auth-file' && file === undefined)
    return { ok: false, fault: 'It has no key auth; one key for each user is auth-secret-type auth-map.' }
  const bytes = form === 'auth-file' ? (file?.length ?? 0) : sizeOf(data)
  if (bytes > MOST_BYTES) return { ok: false, fault: `It is larger than ${MOST_BYTES / 1024 / 1024} MiB.` }
  const lines = form === 'auth-file' ? linesOfFile(file) : linesOfMap(data)
  const users = new Map<string, string>()
  const faults: string[] = []
  for (const { where, text } of lines) {
    const entry = kind === 'basic' ? readEntry(text) : readDigestEntry(text)
    if (typeof entry === 'string') faults.push(`${where} ${entry}`)
    // A user without a usable hash never logs in, whatever a later line says.
    const name = typeof entry === 'string' ? nameOf(text, kind) : entry.name
    if (name !== undefined && !users.has(name)) users.set(name, typeof entry === 'string' ? '' : entry.hash)
  }
  const usable = [...users].filter(([, hash]) => hash !== '').sort(([a], [b]) => (a < b ? -1 : 1))
  return { ok: true, users: Object.fromEntries(usable), faults }
}

interface Line {
  readonly where: string
  readonly text: string
}

function sizeOf(data: Secret['data']): number {
  return Object.values(data).reduce((sum, value) => sum + value.length, 0)
}

function linesOfFile(file: Buffer | undefined): readonly Line[] {
  const lines = (file?.toString('latin1') ?? '').split(/\r\n|\r|\n/)
  return lines
    .map((text, index) => ({ where: `line ${index + 1}`, text }))
    .filter(({ text }) => text.trim() !== '' && !text.startsWith('#'))
}

function linesOfMap(data: Secret['data']): readonly Line[] {
  return Object.entries(data)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => {
      const [first = ''] = value.toString('latin1').split(/\r\n|\r|\n/)
      return { where: `key ${name}`, text: `${Buffer.from(name, 'utf8').toString('latin1')}:${first}` }
    })
}

/** `user:hash`; what follows another colon is a comment. A sentence's rest where it is none. */
function readEntry(text: string): { readonly name: string; readonly hash: string } | string {
  const [name = '', hash] = text.split(':')
  if (name === '' || hash === undefined) return 'is not of the form user:hash'
  return whyUncheckable(hash) ?? { name, hash }
}

/** `user:realm:HA1`, as htdigest makes it (RFC 2617, 3.2.2.2). */
function readDigestEntry(text: string): { readonly name: string; readonly hash: string } | string {
  const [user = '', realm, ha1 = ''] = text.split(':')
  if (user === '' || realm === undefined) return 'is not of the form user:realm:HA1'
  if (!/^[0-9a-f]{32}$/i.test(ha1)) return 'has no HA1 of 32 hexadecimal digits behind its realm'
  return { name: `${user}:${realm}`, hash: ha1.toLowerCase() }
}

function nameOf(text: string, kind: LoginKind): string | undefined {
  const [user = '', second, third] = text.split(':')
  if (user === '' || second === undefined) return undefined
  return kind === 'basic' ? user : third === undefined ? undefined : `${user}:${second}`
}
