import { block, luaBlock, simple, type Directive } from '../nginx/directive.js'
import { END, UNLIMITED, withoutReplaced } from './profile-location.js'
import { proxyDefaults } from './proxy.js'
import { errorRequestHeaders, setHeaders } from './request-headers.js'
import type { FrameSettings } from '../model/frame-settings.js'

/** What Lua tells an error backend. */
export const ERROR_VARIABLES = ['error_code', 'error_namespace', 'error_ingress', 'error_service', 'error_port']

/**
 * Where another backend answers in place of a failed answer (ERR-2); `error_page` of profiles and Lua lead here. It replaces
 * no answer itself. The log phase is that of awaited requests, since NGINX runs only that of a request's last location.
 *
 * The body is not sent: it may be half read, or too large.
 */
export function errorLocation(settings: FrameSettings, logs: readonly Directive[] = []): Directive {
  return block(
    'location',
    ['@error'],
    [
      luaBlock('access_by_lua_block', 'fairlead.serve_error_page()'),
      END,
      ...logs,
      ...withoutReplaced(proxyDefaults(settings), UNLIMITED),
      ...setHeaders(errorRequestHeaders(settings)),
      simple('proxy_set_body', ''),
      simple('proxy_pass', 'http://dyn'),
    ],
  )
}
