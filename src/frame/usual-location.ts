import { block, simple, type Directive } from '../nginx/directive.js'
import type { ProfileDirective } from '../nginx/profile.js'
import { headersAreUsual } from './heads.js'
import type { FrameInput } from './input.js'
import { withoutReplaced } from './profile-location.js'
import { proxyDefaults } from './proxy.js'
import { requestHeaders, setHeaders, usualRequestHeaders } from './request-headers.js'

/**
 * What the default location does to a request, and those that are like it. Usual requests of HTTP/2 have some of their
 * own: nobody knows whether there is a body, so that NGINX has to limit it where it reads one
 * (docs/design/usual-requests.md).
 */
export function usualProxy(
  input: FrameInput,
  own: readonly ProfileDirective[],
  heads: readonly Directive[],
): readonly Directive[] {
  const headers = headersAreUsual(input) ? usualRequestHeaders(input.settings) : requestHeaders(input.settings)
  return [...withoutReplaced(proxyDefaults(input.settings), own), ...setHeaders(headers), ...heads]
}

/**
 * One for each profile that is nothing but a limit of bodies. No phase of Lua is before the balancer, which takes the
 * ticket. None where the answer needs a header filter, or one in front may name the host.
 */
export function unsizedLocations(input: FrameInput, heads: readonly Directive[]): readonly Directive[] {
  if (!headersAreUsual(input)) return []
  return input.profiles
    .filter(({ directives }) => directives.every(({ name }) => name === 'client_max_body_size'))
    .map(({ name, directives }) =>
      block(
        'location',
        [`@${name}_usual`],
        [...usualProxy(input, directives, heads), simple('proxy_pass', 'http://dyn')],
      ),
    )
}
