import type { CallFailure } from './client.js'
import type { Permission } from './permission.js'
import type { Resource } from './resource.js'

/** How a reflector is doing. `since`: milliseconds since the epoch, for people; `at`: the same moment by `Clock.now`. */
export type ReflectorState =
  | { readonly kind: 'listing' | 'watching' | 'stopped'; readonly since: number }
  | { readonly kind: 'failing'; readonly since: number; readonly at: number; readonly cause: Cause }

/** Why a reflector makes no progress; it goes on trying in each case. */
export type Cause =
  /** The API server says that we may not (403). */
  | { readonly kind: 'forbidden'; readonly permission: Permission; readonly message: string }
  /** Our credentials are refused, or there are none (401). */
  | { readonly kind: 'unauthorized'; readonly message: string }
  /** No answer, or a connection that broke. */
  | { readonly kind: 'unreachable'; readonly message: string }
  /** Any other answer that was no success; `status` is that of HTTP, 0 where there was none. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }

export function causeOf(failure: CallFailure, resource: Resource): Cause {
  const { status, message } = failure
  if (status === 401) return { kind: 'unauthorized', message }
  if (status === 403) return { kind: 'forbidden', permission: permissionFor(resource), message }
  return status === 0 ? { kind: 'unreachable', message } : { kind: 'refused', status, message }
}

/** What a reflector needs. A selector of one name is how the API server sees that a rule with that name applies. */
function permissionFor({ group, plural, namespace, fieldSelector = '' }: Resource): Permission {
  const name = /^metadata\.name=([^,]+)$/.exec(fieldSelector)?.[1]
  return { verbs: ['list', 'watch'], group, plural, namespace, names: name === undefined ? [] : [name] }
}

/** The version that was asked for is no longer there: only a new list helps. */
export function isExpired({ status, reason }: CallFailure): boolean {
  return status === 410 || reason === 'Expired' || reason === 'Gone'
}
