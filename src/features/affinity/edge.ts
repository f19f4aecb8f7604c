import { findOwnerOf } from '../../model/ring.js'
import type { AffinityPath, AffinitySettings, SessionCookie } from '../../model/features.js'
import { ringOf, type WorkedUpstream } from '../../model/worked-upstream.js'
import { readCookie, writeAttributes } from '../../request/cookie.js'
import { httpDate } from '../../request/http-date.js'
import type { Passage } from '../../request/passage.js'
import type { RequestPort, ResponsePort } from '../../request/port.js'
import { backendKeyOf, endpointKeyOf, parseSession } from '../../request/session.js'
import { type ChoiceStep, idleStep, type Tries } from '../../request/step.js'
import { understandsSameSiteNone } from './same-site.js'
import { pickBalanced, pickPersistent, type Pick } from './sticky.js'

/** What sessions need, worked out once. */
interface SessionUpstream extends WorkedUpstream {
  /** Keys of the endpoints, in persistent mode. */
  sessionKeys?: readonly string[]
  /** Where the endpoint of each key is. */
  sessionPositions?: Readonly<Record<string, number | undefined>>
  backendKey?: string
  /** Of session cookies, by path; there are as many as Ingresses use the upstream. */
  attributes?: Record<string, string | undefined>
  secureAttributes?: Record<string, string | undefined>
}

/** Goes before hashes and scores (AFF-11). */
export const affinity: ChoiceStep = {
  family: 'affinity',
  run: (upstream, passage, tries, port) => {
    const settings = upstream.features?.affinity
    return settings === undefined ? undefined : choose(settings, upstream, passage, tries, port)
  },
}

/** The endpoint of the session; or another, to which the client is bound (AFF-1, AFF-6, AFF-7). */
function choose(
  settings: AffinitySettings,
  upstream: SessionUpstream,
  passage: Passage,
  { failures, avoid }: Tries,
  request: RequestPort,
): number {
  const known = settings.changeOnFailure === true && failures > 0 ? undefined : find(settings, upstream, request)
  if (known !== undefined) return known
  const { position, key } = pick(settings, upstream, avoid, request)
  passage.sessionKey = key
  return position
}

function find(settings: AffinitySettings, upstream: SessionUpstream, request: RequestPort): number | undefined {
  const session = parseSession(readCookie(request.header('cookie'), settings.cookie.name))
  if (session === undefined) return undefined
  if (settings.mode === 'balanced') return findOwnerOf(ringOf(upstream), request.crc32(session.key))
  keysOf(upstream, request)
  return upstream.sessionPositions?.[session.key]
}

function pick(
  { mode }: AffinitySettings,
  upstream: SessionUpstream,
  avoid: Tries['avoid'],
  request: RequestPort,
): Pick {
  if (mode === 'persistent') return pickPersistent(keysOf(upstream, request), avoid, request.random)
  return pickBalanced(ringOf(upstream), avoid, makeKey, request)
}

/** As ingress-nginx makes them: a moment, a process and a number. */
function makeKey(attempt: number, request: RequestPort): string {
  const now = Math.floor(request.now())
  if (now !== second) {
    second = now
    // To write a number that large costs as much as all the rest of a key.
    front = `${now}.${request.variable('pid') ?? ''}.`
  }
  return `${front}${request.random(999_999) + attempt - 1}`
}

let second = -1
/** What all keys of the second have. */
let front = ''

function keysOf(upstream: SessionUpstream, { md5 }: RequestPort): readonly string[] {
  if (upstream.sessionKeys !== undefined) return upstream.sessionKeys
  const { label, addresses, ports } = upstream
  const keys: string[] = []
  const positions: Record<string, number | undefined> = {}
  for (let i = 0; i < addresses.length; i++) {
    const key = endpointKeyOf(label, addresses[i] ?? '', ports[i] ?? 0, md5)
    keys.push(key)
    positions[key] = i
  }
  upstream.sessionKeys = keys
  upstream.sessionPositions = positions
  return keys
}

/** Sets the cookie of a client that was bound in this request (AFF-1), on paths that asked for it (AFF-5). */
export const sessionCookie = idleStep('affinity', setCookie, keepsSession)

/**
 * Whether whatever endpoint it comes to the client keeps its cookie: each key has an owner, and failures do not change
 * it.
 */
function keepsSession({ upstream }: Passage, request: RequestPort): boolean {
  const settings = upstream?.features?.affinity
  if (settings === undefined) return true
  if (settings.mode !== 'balanced' || settings.changeOnFailure === true) return false
  return parseSession(readCookie(request.header('cookie'), settings.cookie.name)) !== undefined
}

function setCookie(place: AffinityPath, passage: Passage, response: ResponsePort): void {
  const { sessionKey } = passage
  const upstream: SessionUpstream | undefined = passage.upstream
  const cookie = upstream?.features?.affinity?.cookie
  if (sessionKey === undefined || upstream === undefined || cookie === undefined) return
  const backendKey = upstream.backendKey ?? backendKeyOf(upstream.label, response.md5)
  upstream.backendKey = backendKey
  const path = cookie.path ?? place.path
  const secure = cookie.secure === true || passage.asked.scheme() === 'https'
  const attributes = attributesOf(cookie, path, secure, upstream, response)
  // In one piece: it is long, and each part of it would be a text of its own.
  response.addAnswer('Set-Cookie', `${cookie.name}=${sessionKey}|${backendKey}${attributes}`)
}

/** Worked out once where they are the same for all clients. */
function attributesOf(
  cookie: SessionCookie,
  path: string,
  secure: boolean,
  upstream: SessionUpstream,
  request: RequestPort,
): string {
  if (cookie.expiresSeconds !== undefined || cookie.onlyIfUnderstood === true)
    return describe(cookie, path, secure, request)
  const known = (secure ? upstream.secureAttributes : upstream.attributes) ?? {}
  const attributes = known[path] ?? describe(cookie, path, secure, request)
  known[path] = attributes
  if (secure) upstream.secureAttributes = known
  else upstream.attributes = known
  return attributes
}

function describe(cookie: SessionCookie, path: string, secure: boolean, request: RequestPort): string {
  const { expiresSeconds, maxAgeSeconds, domain } = cookie
  return writeAttributes({
    expires: expiresSeconds === undefined ? undefined : httpDate(Math.max(0, request.now() + expiresSeconds)),
    maxAgeSeconds,
    domain,
    path,
    secure,
    httpOnly: true,
    sameSite: sameSiteFor(cookie, request),
  })
}

function sameSiteFor({ sameSite, onlyIfUnderstood }: SessionCookie, request: RequestPort): string | undefined {
  if (sameSite !== 'None' || onlyIfUnderstood !== true) return sameSite
  return understandsSameSiteNone(request.header('user-agent')) ? sameSite : undefined
}
