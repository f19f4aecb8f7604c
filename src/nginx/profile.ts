import type { Argument } from './directive.js'
import { printConfig } from './print.js'

/**
 * The directives a profile may hold: those that NGINX reads only from its file, fixed for a location, and that a route may
 * want otherwise than the default.
 */
export const profileDirectives = [
  'client_body_buffer_size',
  'client_max_body_size',
  'error_page',
  'limit_rate_after',
  'modsecurity',
  'modsecurity_rules',
  'modsecurity_transaction_id',
  'fastcgi_param',
  'fastcgi_pass',
  'grpc_pass',
  'proxy_buffer_size',
  'proxy_buffering',
  'proxy_buffers',
  'proxy_busy_buffers_size',
  'proxy_http_version',
  'proxy_intercept_errors',
  'proxy_max_temp_file_size',
  'proxy_next_upstream',
  'proxy_pass',
  'proxy_request_buffering',
  'proxy_ssl_certificate',
  'proxy_ssl_certificate_key',
  'proxy_ssl_ciphers',
  'proxy_ssl_name',
  'proxy_ssl_protocols',
  'proxy_ssl_server_name',
  'proxy_ssl_session_reuse',
  'proxy_ssl_trusted_certificate',
  'proxy_ssl_verify',
  'proxy_ssl_verify_depth',
] as const

/** Folder of the files that directives of profiles name, beside the frame. */
export const PROFILE_FILES = 'files'

/** A directive of a profile; none has a block. */
export interface ProfileDirective {
  readonly name: (typeof profileDirectives)[number]
  readonly args: readonly Argument[]
  /** Text of the file that its argument names, by a path from the folder of the frame; the name follows from the text. */
  readonly file?: string
}

/** A set of directives under a name that follows from them, so that equal needs share one location. */
export interface Profile {
  readonly name: ProfileName
  /** Sorted by name, in each place at most one (`placeOf`). */
  readonly directives: readonly ProfileDirective[]
}

/** `p_` and 12 hexadecimal digits. */
type ProfileName = `p_${string}`

/**
 * Makes a profile.
 *
 * @param digest gives at least 12 lower-case hexadecimal digits for a text; the same for the same text
 * Throws when a directive is given twice: NGINX would refuse the frame, and the caller has not decided what it wants.
 */
export function createProfile(directives: readonly ProfileDirective[], digest: (text: string) => string): Profile {
  const sorted = [...directives].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
  const twice = sorted.find((directive, i) => placeOf(sorted[i + 1] ?? NONE) === placeOf(directive))
  if (twice !== undefined) throw new Error(`${twice.name} twice in one profile`)
  const hex = digest(printConfig(sorted)).slice(0, 12)
  if (!/^[0-9a-f]{12}$/.test(hex)) throw new Error('a profile is named by 12 hexadecimal digits')
  return { name: `p_${hex}`, directives: sorted }
}

const NONE = { name: '', args: [] }

/** What one directive of a location can hold: parameters of FastCGI are told apart by their names. */
export function placeOf({ name, args }: { readonly name: string; readonly args: readonly Argument[] }): string {
  return name === 'fastcgi_param' ? `${name} ${JSON.stringify(args[0])}` : name
}

/** Whether two directives say the same. */
export function isSameDirective(a: ProfileDirective, b: ProfileDirective): boolean {
  return printConfig([a]) === printConfig([b])
}
