import { find, lower, slice } from '#bytes'
import type { ActingPort } from '../../request/port.js'

export interface Credentials {
  readonly user: string
  readonly password: string
}

/**
 * What a client sent in `Authorization: Basic …` (RFC 7617), as bytes; undefined: nothing that can be read. crypt(3)
 * would read a password up to a NUL byte only, so that one with such a byte is none.
 */
export function readCredentials(port: ActingPort): Credentials | undefined {
  const rest = restOf(port.credentials(), 'basic ')
  const text = rest === undefined || !endsWithPadding(rest) ? undefined : port.decodeBase64(rest)
  if (text === undefined || find(text, '\0', 0) >= 0) return undefined
  const colon = find(text, ':', 0)
  return colon < 0 ? undefined : { user: slice(text, 0, colon), password: slice(text, colon + 1, text.length) }
}

/** NGINX does not look at what follows padding. */
function endsWithPadding(text: string): boolean {
  const padding = find(text, '=', 0)
  const rest = padding < 0 ? '' : slice(text, padding, text.length)
  return rest === '' || rest === '=' || rest === '=='
}

/** What stands behind the name of a scheme, which is written in any case; `scheme` in lower case, with a blank at its end. */
export function restOf(header: string | undefined, scheme: string): string | undefined {
  if (header === undefined || lower(slice(header, 0, scheme.length)) !== scheme) return undefined
  const rest = slice(header, scheme.length, header.length)
  // No loop where there is no need for one: LuaJIT would not compile what is around it.
  return slice(rest, 0, 1) === ' ' ? withoutBlanks(rest) : rest
}

function withoutBlanks(text: string): string {
  let from = 0
  while (slice(text, from, from + 1) === ' ') from++
  return slice(text, from, text.length)
}

/** What a client logged in with is not for the backend (BAS-6), whichever check let it in. */
export function stripCredentials(port: ActingPort, scheme: string): undefined {
  const shown = port.header('Authorization')
  if (shown !== undefined && restOf(shown, scheme) !== undefined) port.hideCredentials(shown)
  return undefined
}
