import { luaBlock, simple, variable, type Directive } from '../nginx/directive.js'
import type { FrameInput } from './input.js'

/**
 * Whose work the head of an answer is. Lua's header filter is a phase of its own, which costs a plain route more than
 * what it does there (docs/design/request-cost.md), and a location cannot take back what its server says. So the server
 * has none where NGINX can do without for what comes from the default location and those like it (`usual-location.ts`),
 * and each of the others has its own.
 */
export function headsAreBare({ engine, settings }: FrameInput): boolean {
  const { serverHeader, http3, addsHeaders } = settings
  return (serverHeader !== 'nobody' || engine.headersMoreModules !== undefined) && !http3 && !addsHeaders
}

/**
 * Whether requests whose backend gets another host than they ask for, or a word about the connection, leave the default
 * location too. Not where one in front may name the host in a header of each request.
 */
export function headersAreUsual(input: FrameInput): boolean {
  return headsAreBare(input) && !input.settings.clientAddress.forwarded
}

const HEADER_FILTER = luaBlock('header_filter_by_lua_block', 'fairlead.headers()')

/**
 * What stands in the server, for all its locations. Of what NGINX refuses before there is one nothing but `Server` is
 * taken where heads are bare.
 */
export function serverHeads(input: FrameInput): readonly Directive[] {
  if (!headsAreBare(input)) return [HEADER_FILTER]
  return input.settings.serverHeader === 'nobody' ? [simple('more_clear_headers', 'Server')] : []
}

export function headersMoreModules(input: FrameInput): readonly string[] {
  return headsAreBare(input) && input.settings.serverHeader === 'nobody' ? (input.engine.headersMoreModules ?? []) : []
}

/**
 * HTTPS-2 in the default location for TLS, and in those like it: the backend's own word would come beside it. An empty
 * one is none.
 */
export const TRANSPORT_SECURITY: readonly Directive[] = [
  simple('proxy_hide_header', 'Strict-Transport-Security'),
  simple('add_header', 'Strict-Transport-Security', variable('hsts'), 'always'),
]

/** A location whose answers pass the header filter wherever the server has none. */
export function filtered(input: FrameInput, location: Directive): Directive {
  const { block: inside } = location
  if (!headsAreBare(input) || inside === undefined || 'lua' in inside || 'cases' in inside) return location
  return { ...location, block: [HEADER_FILTER, ...inside] }
}
