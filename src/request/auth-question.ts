import type { AuthService } from '../model/auth-service.js'
import type { Timeouts } from '../model/proxy-features.js'

/** A request to an auth service. It has no body, and the headers of the client's request but for those of `isForwarded`. */
export interface AuthQuestion {
  readonly to: AuthService
  /** Path and query, escaped. */
  readonly target: string
  /** The Host header. */
  readonly host: string
  /** Lines of its own headers, each with CR and LF at its end. */
  readonly lines: string
  /** Names in lower case of the client's headers that are left out besides those of `isForwarded`. */
  readonly replaced: Readonly<Record<string, boolean | undefined>>
  /** Absent: those of the settings. */
  readonly timeouts: Timeouts | undefined
}

/** Status, and headers by their name in lower case with the values of all their lines; its body is nobody's business. */
export interface AuthAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, readonly string[]>>
}

/** `none`: it did not answer, not in time, or not in HTTP. `busy`: too many wait for it already. */
export type Answered =
  | { readonly kind: 'answered'; readonly answer: AuthAnswer }
  | { readonly kind: 'none' }
  | { readonly kind: 'busy' }

/**
 * Whether a header of the client's request belongs into one made from it: not what concerns one connection, its body, or is
 * written anew. What a client lists in `Connection` is forwarded: NGINX sends it to the backend too, and the two should see
 * the same.
 *
 * @param name in lower case
 */
export function isForwarded(name: string): boolean {
  return NOT_FORWARDED[name] !== true
}

const NOT_FORWARDED: Readonly<Record<string, boolean | undefined>> = {
  connection: true,
  'content-length': true,
  expect: true,
  host: true,
  'keep-alive': true,
  'proxy-connection': true,
  te: true,
  trailer: true,
  'transfer-encoding': true,
  upgrade: true,
}
