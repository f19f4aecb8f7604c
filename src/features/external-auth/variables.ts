import type { ExternalAuthSettings } from '../../model/features.js'
import type { TextPart } from '../../model/text-part.js'
import { escapeComponent } from '../../request/escape.js'
import type { Passage } from '../../request/passage.js'
import type { ActingPort } from '../../request/port.js'
import { expandParts } from '../../request/variables.js'
import { hostKnown } from './host-sent.js'

/** As `expandParts`, without a function that is made for the call: LuaJIT compiles no request that makes one. */
export function expandFor(
  parts: readonly TextPart[],
  settings: ExternalAuthSettings,
  passage: Passage,
  port: ActingPort,
): string {
  const [only, second] = parts
  if (only === undefined) return ''
  if (second === undefined) return only.kind === 'text' ? only.text : valueOf(only.name, settings, passage, port)
  let text = ''
  for (const part of parts)
    text = text + (part.kind === 'text' ? part.text : valueOf(part.name, settings, passage, port))
  return text
}

/** EXT-13: NGINX's, what ingress-nginx has besides, and what only the path knows. */
function valueOf(name: string, { variables }: ExternalAuthSettings, passage: Passage, port: ActingPort): string {
  if (name === 'escaped_request_uri') return escapeComponent(passage.asked.target())
  if (name === 'best_http_host') return hostKnown(passage, port.variable)
  if (name === 'pass_access_scheme') return passage.asked.scheme()
  const own = variables?.[name]
  return own === undefined ? (port.variable(name) ?? '') : expandParts(own, port.variable)
}
