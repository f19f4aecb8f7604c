import type { FrameSettings } from '../model/frame-settings.js'
import { block, luaBlock, simple, type Directive } from '../nginx/directive.js'
import type { Profile, ProfileDirective } from '../nginx/profile.js'
import { isInspected } from './firewall.js'
import { fastcgiDefaults, grpcDefaults, spokenAs } from './protocols.js'
import { proxyDefaults } from './proxy.js'
import { http2RequestHeaders, requestHeaders, setHeaders } from './request-headers.js'

/**
 * The named locations of a profile. Requests come here from the default location, by a ticket (docs/design/tickets.md).
 * The second is the same with a log phase in Lua, for requests whose end somebody awaits: others are spared its cost.
 * It is printed though no route may need it yet: a route that begins to limit connections or to mirror would otherwise
 * wait for a reload, and these annotations have none.
 */
export function profileLocations(
  settings: FrameSettings,
  { name, directives }: Profile,
  logs: readonly Directive[] = [],
  inspection: readonly Directive[] = [],
): readonly Directive[] {
  const first = isInspected({ directives }) ? [FIRST_OF_ALL, ...inspection] : [RESUME]
  return [
    namedLocation(settings, `@${name}`, directives, first),
    namedLocation(settings, `@${name}_awaited`, directives, [...first, END, ...logs]),
  ]
}

/** The default location once more, with a log phase in Lua, and these logs. */
export function awaitedLocation(settings: FrameSettings, logs: readonly Directive[] = []): Directive {
  return namedLocation(settings, '@awaited', UNLIMITED, [RESUME, END, ...logs])
}

/**
 * The default location once more, for routes to whose answers Lua does something: the default one has no header filter
 * (`heads.ts`).
 */
export function headedLocation(settings: FrameSettings): Directive {
  return namedLocation(settings, '@headed', UNLIMITED, [RESUME])
}

/** NGINX would refuse a body before Lua knows its route. Lua measures it, or sends it to a profile that does (PRX-1). */
export const UNLIMITED: readonly ProfileDirective[] = [{ name: 'client_max_body_size', args: ['0'] }]

const RESUME = luaBlock('access_by_lua_block', 'fairlead.resume()')

/** In the phase in which ModSecurity may refuse a request for the first time, and before it (`sharedRules`). */
const FIRST_OF_ALL = luaBlock('rewrite_by_lua_block', 'fairlead.resume()')

/** The log phase of requests whose end somebody awaits. */
export const END = luaBlock('log_by_lua_block', 'fairlead.end_request()')

function namedLocation(
  settings: FrameSettings,
  name: string,
  directives: readonly ProfileDirective[],
  phases: readonly Directive[],
): Directive {
  return block('location', [name], [...phases, ...directivesFor(settings, directives)])
}

function isHttp2({ name, args }: ProfileDirective): boolean {
  return name === 'proxy_http_version' && args[0] === '2'
}

/** What is said of HTTP in a profile is said of its protocol, as far as that knows it (BP-2, BP-4, PRX-7). */
function directivesFor(settings: FrameSettings, own: readonly ProfileDirective[]): readonly Directive[] {
  const names = new Set<string>(own.map(({ name }) => name))
  if (names.has('grpc_pass')) return spokenAs('grpc', own, grpcDefaults(settings))
  if (names.has('fastcgi_pass')) return spokenAs('fastcgi', own, fastcgiDefaults(settings))
  const headers = own.some(isHttp2) ? http2RequestHeaders(settings) : requestHeaders(settings)
  return withoutReplaced([...proxyDefaults(settings), ...setHeaders(headers), simple('proxy_pass', 'http://dyn')], own)
}

/** The directives for inside the profile's location. */
export function withoutReplaced(common: readonly Directive[], own: readonly Directive[]): readonly Directive[] {
  const names = new Set<string>(own.map(({ name }) => name))
  return [...common.filter(({ name }) => !names.has(name)), ...own]
}
