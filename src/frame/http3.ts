import type { FrameSettings } from '../model/frame-settings.js'
import type { TextPart } from '../model/text-part.js'
import { variable, withVariables, type Argument, type Directive } from '../nginx/directive.js'
import { map } from './map.js'

/**
 * Where HTTP/3 differs, in frames that have it: NGINX makes no Host header of `:authority`, as it does for HTTP/2, and
 * takes for an upgrade what RFC 9114, 4.2, forbids. Other frames have no line of this.
 */

/** The variable that holds the Host header of a request, or what stands for it. */
export function hostVariable({ http3 }: FrameSettings): string {
  return http3 ? 'asked_host' : 'http_host'
}

/** The host as the client asked for it, with the port if it named one. NGINX has refused one that differs from `Host`. */
export function askedHost({ http3 }: FrameSettings): readonly Directive[] {
  if (!http3) return []
  const named = withVariables`${'host'}${'is_request_port'}${'request_port'}`
  return [map('http3', 'asked_host', variable('http_host'), [['h3', named]])]
}

export function askedUpgrade({ http3 }: FrameSettings): readonly Directive[] {
  return http3 ? [map('http3', 'asked_upgrade', variable('http_upgrade'), [['h3', '']])] : []
}

/** A text of users with variables. */
export function partsOf(parts: readonly TextPart[], settings: FrameSettings): Argument {
  return parts.map((part) => {
    if (part.kind === 'text') return part.text
    return { variable: part.name === 'http_host' ? hostVariable(settings) : part.name }
  })
}
