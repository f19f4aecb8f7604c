import { block, luaBlock, simple, type Directive } from '../nginx/directive.js'
import type { Profile, ProfileDirective } from '../nginx/profile.js'
import { proxyDefaults } from './proxy.js'
import { setRequestHeaders } from './request-headers.js'
import type { FrameSettings } from './settings.js'

/** The named location of a profile. Requests come here from the default location, by a ticket (docs/design/tickets.md). */
export function profileLocation(settings: FrameSettings, { name, directives }: Profile): Directive {
  return block(
    'location',
    [`@${name}`],
    [
      luaBlock('access_by_lua_block', 'fairlead.resume()'),
      ...withoutReplaced(proxyDefaults(settings), directives),
      ...setRequestHeaders(),
      simple('proxy_pass', 'http://dyn'),
    ],
  )
}

/** The directives for inside the profile's location. */
export function withoutReplaced(common: readonly Directive[], own: readonly ProfileDirective[]): readonly Directive[] {
  const names = new Set<string>(own.map(({ name }) => name))
  return [...common.filter(({ name }) => !names.has(name)), ...own]
}
