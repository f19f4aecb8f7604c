import { find, lower, slice } from '#bytes'
import type { UsersAttachment } from '../../model/attachment.js'
import type { ActingPort } from '../../request/port.js'
import { isSameText } from '../../request/same-text.js'
import type { Access, Verdict } from '../../request/step.js'
import { restOf } from './credentials.js'
import { readFields, type Fields } from './digest-fields.js'
import { isFresh, makeNonce } from './nonce.js'

/** A nonce may be used for so long, and so often. */
const NONCE_SECONDS = 300
const MOST_USES = 1_000_000

/**
 * Digest authentication with MD5 and qop=auth (RFC 2617, 3.2; RFC 7616 for how clients write it). Nonces are signed and not
 * kept; what is kept is how often one was used, so that a request that was overheard cannot be sent again.
 *
 * @param place what nonces are for: one for another Secret is none
 */
export function checkDigest(place: string, users: UsersAttachment['users'], realm: string, port: ActingPort): Access {
  const context = `${place} ${realm}`
  const rest = restOf(port.credentials(), 'digest ')
  const fields = rest === undefined ? undefined : readFields(rest)
  if (fields === undefined || !isAnswered(fields, users, realm, port)) return invite(context, realm, port, 'new')
  // Who has answered rightly to a nonce that is over knows the password, and need not ask its user again.
  const { nonce } = fields
  if (!isFresh(nonce, context, NONCE_SECONDS, port)) return invite(context, realm, port, 'stale')
  const count = readHex(fields.nc)
  if (count === 0 || count > MOST_USES) return invite(context, realm, port, 'stale')
  const use = port.useNonce(nonce, count, NONCE_SECONDS)
  if (use === 'first') return 'granted'
  return use === 'again' ? invite(context, realm, port, 'stale') : CLOSED
}

const CLOSED: Verdict = { kind: 'answer', status: 503 }

/** Whether the response is the one that only who knows the password can make, for this very request (RFC 2617, 3.2.2.1). */
function isAnswered(fields: Fields, users: UsersAttachment['users'], realm: string, port: ActingPort): boolean {
  const { username, nonce, uri, response, nc, cnonce } = fields
  // A colon would make a user and a realm of another user and another realm.
  const ha1 = find(username, ':', 0) < 0 ? users[`${username}:${realm}`] : undefined
  if (typeof ha1 !== 'string' || fields.realm !== realm || uri !== port.variable('request_uri')) return false
  const ha2 = port.md5(`${port.variable('request_method') ?? ''}:${uri}`)
  return isSameText(port.md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`), lower(response))
}

function invite(context: string, realm: string, port: ActingPort, which: 'new' | 'stale'): Verdict {
  const nonce = makeNonce(context, port)
  if (nonce === undefined) return CLOSED
  const stale = which === 'stale' ? ', stale=true' : ''
  const challenge = `Digest realm="${realm}", qop="auth", nonce="${nonce}", algorithm=MD5${stale}`
  return { kind: 'answer', status: 401, headers: [['WWW-Authenticate', challenge]] }
}

const DIGITS = '0123456789abcdef'

/** 8 hexadecimal digits, as `readFields` has seen. */
function readHex(text: string): number {
  const digits = lower(text)
  let value = 0
  for (let i = 0; i < digits.length; i++) value = value * 16 + find(DIGITS, slice(digits, i, i + 1), 0)
  return value
}
