import { simple, type Directive } from '../nginx/directive.js'
import { firewallRules } from '../nginx/firewall.js'
import type { Profile } from '../nginx/profile.js'
import type { FrameInput } from './input.js'

/** Whether requests of the profile are inspected by ModSecurity. */
export function isInspected({ directives }: Pick<Profile, 'directives'>): boolean {
  return directives.some(({ name }) => name === 'modsecurity')
}

/** Who has no firewall pays nothing: no module is loaded. */
export function firewallModule({ engine: { firewall }, profiles }: FrameInput): readonly string[] {
  return firewall?.module !== undefined && profiles.some(isInspected) ? [firewall.module] : []
}

/**
 * The rules that all profiles share, once in memory; they inspect nothing by themselves.
 *
 * `rewrite_by_lua_no_postpone`: Lua takes up what was decided about a request before ModSecurity may refuse it, so that
 * the refusal is counted and has the headers of its route. Nothing in the frame is for NGINX's own rewrite module,
 * which would be its turn then.
 */
export function sharedRules({ engine: { firewall }, profiles }: FrameInput): readonly Directive[] {
  if (firewall === undefined || !profiles.some(isInspected)) return []
  return [simple('rewrite_by_lua_no_postpone', 'on'), simple('modsecurity_rules', firewallRules(firewall))]
}

/** ModSecurity tells on the level `info` which rules a request met, and on `error` that it was refused. */
export function inspectionLog({ paths, settings }: FrameInput): readonly Directive[] {
  return [simple('error_log', paths.errorLog, settings.errorLogLevel === 'debug' ? 'debug' : 'info')]
}
