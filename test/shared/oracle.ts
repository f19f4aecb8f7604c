import { DEFAULT_HOST } from '../../src/model/keys.js'
import { escapePath } from '../../src/request/escape.js'
import type { Asked, HostRules, Rule, World } from './world.js'

/** Where a request should go, found by reading the rules from top to bottom; the words are those of `describe`. */
export function expected(world: World, asked: Asked): string {
  const host = hostFor(world, asked.name)
  if (host === undefined) return 'answer|-|-|503|'
  if (host.name === DEFAULT_HOST && asked.path.startsWith('/healthz')) return 'answer|_|-|200|'
  if (host.name === DEFAULT_HOST && asked.path.startsWith('/nginx_status')) return 'status|_|7f0000017f000001'
  const rule = ruleFor(host, asked.path)
  if (rule === undefined) {
    const slash = host.rules.find(({ type, path }) => type === 'prefix' && path === `${asked.path}/`)
    if (slash !== undefined && asked.path !== '') {
      const query = asked.target.includes('?') ? asked.target.slice(asked.target.indexOf('?')) : ''
      const location = `${asked.scheme}://${asked.name}${escapePath(slash.path)}${query}`
      return `redirect|${host.name}|slash ${slash.path}|301|${location}|`
    }
  }
  const chosen = rule ?? host.rules.find(({ type, path }) => type === 'prefix' && path === '/')
  const backend = chosen === undefined ? host.fallback : chosen.backend
  const route = `${host.name}|${chosen === undefined ? 'implicit /' : `${chosen.type} ${chosen.path}`}`
  return outcome(world, asked, host, route, backend)
}

/** HOST-2, HOST-3. */
function hostFor(world: World, name: string): HostRules | undefined {
  const named = (wanted: string): HostRules | undefined => world.hosts.find((host) => host.name === wanted)
  const [label = '', ...others] = name.split('.')
  const parent = /^[A-Za-z0-9_-]+$/.test(label) && others.length > 0 ? others.join('.') : undefined
  const exact = name.startsWith('*.') ? undefined : named(name)
  return exact ?? (parent === undefined ? undefined : named(`*.${parent}`)) ?? named(DEFAULT_HOST)
}

/** PATH-1, PATH-4; the Prefix `/` and the redirect of PATH-2 come after this. */
function ruleFor(host: HostRules, path: string): Rule | undefined {
  const exact = host.rules.find((rule) => rule.type === 'exact' && rule.path === path)
  if (exact !== undefined) return exact
  const slash = host.rules.some(({ type, path: prefix }) => type === 'prefix' && prefix === `${path}/`)
  const declared = host.rules.some((rule) => rule.type === 'prefix' && rule.path === path)
  if (slash && !declared) return undefined
  return host.rules
    .filter((rule) => rule.type === 'prefix' && rule.path !== '/' && isBelow(rule.path, path))
    .toSorted((a, b) => b.path.length - a.path.length)[0]
}

function isBelow(prefix: string, path: string): boolean {
  if (prefix.endsWith('/')) return path.startsWith(prefix)
  return path === prefix || path.startsWith(`${prefix}/`)
}

/** SSL-1, SSL-4, SVC-5. */
function outcome(
  world: World,
  { scheme, name, target }: Asked,
  { httpsRedirect }: HostRules,
  route: string,
  index: number | undefined,
): string {
  const backend = index === undefined ? undefined : world.backends[index]
  const endpoints = backend?.endpoints
  const known = index === undefined ? 'upstream-default-backend' : `default-svc${index}-80`
  const label = index !== undefined && endpoints === undefined ? '' : known
  if (scheme === 'http' && httpsRedirect !== undefined) {
    return `redirect|${route}|${httpsRedirect}|https://${name}${target.replace(/\/$/, '')}|${label}`
  }
  if (index === undefined) return `answer|${route}|404|${label}`
  if (endpoints === undefined) return `answer|${route}|503|`
  if (endpoints === 0) return `answer|${route}|${backend?.emptyStatus ?? 503}|${label}`
  return `proxy|${route}|${index}|http/1`
}
