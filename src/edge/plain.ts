import { find } from '#bytes'
import { findRoute } from '../model/path.js'
import type { HostDocument, Route, SettingsDocument } from '../model/documents.js'
import { isTheSameForAll, type Decision } from '../request/decide.js'
import { usualWords } from './asked-words.js'
import { readingAt } from './cache.js'
import { settings, table, type LiveUpstream } from './table.js'

/**
 * What is decided about a plain route, which is the same for every request. All that a request needs of it stands in this one
 * object: with many hosts each further one is a wait for memory (docs/design/request-cost.md).
 */
export interface PlainRoute {
  /** Of the table in which host and upstream were last seen to be these. */
  revision: number
  /** Of that table. */
  settings: SettingsDocument
  /** Of the table in which nothing else was to be looked at (`usual.ts`). */
  usualAt?: number
  /** Where such requests went before the table said this, each Service once, the last one first. */
  before?: PlainRoute[] | undefined
  readonly host: HostDocument
  readonly route: Route
  readonly upstream: LiveUpstream
  readonly pool: string
  readonly label: string
  readonly unlogged: boolean
  readonly profile: string | undefined
  /**
   * What `$asked` says where there is nothing else to see to. undefined: requests have an object of their own all the
   * same, since NGINX may write an address of the upstream in another way than its EndpointSlice, and a second try
   * knows the first by that.
   */
  readonly usual: string | undefined
  /** All paths of the host have this route. */
  readonly isWhole: boolean
}

/** Kept on the route, and so gone with its document. */
interface KnownRoute extends Route {
  known?: PlainRoute
}

/** Likewise on the host, if all its paths have this route: the path need not be read then. */
interface KnownHost extends HostDocument {
  known?: PlainRoute
}

/** What is known of every path of a host; undefined: paths have to be looked at. */
export function recallHost({ known }: KnownHost): PlainRoute | undefined {
  return known !== undefined && isCurrent(known) ? known : undefined
}

/** undefined: has to be decided. */
export function recall(host: HostDocument, path: string): PlainRoute | undefined {
  if (host.paths.kind === 'regex') return undefined
  const { known }: KnownRoute = findRoute(host, host.paths, path)
  return known !== undefined && isCurrent(known) ? known : undefined
}

function isCurrent(known: PlainRoute): boolean {
  if (known.revision === readingAt()) return true
  if (table.upstream(known.upstream.key) !== known.upstream) return false
  known.revision = readingAt()
  known.settings = settings()
  return true
}

/** For the next request. */
export function remember(decision: Decision, name: string): void {
  if (!isTheSameForAll(decision)) return
  const { host, upstream, pool } = decision
  // A host for many names is not looked for by any of them.
  if (table.host(name) !== host) return
  const route: KnownRoute = decision.route
  const { profile, unlogged = false } = route
  const whole: KnownHost = host
  const isWhole = hasOneRoute(host)
  const known: PlainRoute = {
    revision: readingAt(),
    settings: settings(),
    host,
    route,
    upstream,
    pool,
    label: upstream.label,
    unlogged,
    profile,
    usual: hasIPv6(upstream) ? undefined : usualWords(name),
    isWhole,
  }
  route.known = known
  if (isWhole) whole.known = known
}

function hasIPv6({ addresses }: LiveUpstream): boolean {
  for (const address of addresses) if (find(address, ':', 0) >= 0) return true
  return false
}

/** Nothing but `/`. */
function hasOneRoute({ paths }: HostDocument): boolean {
  if (paths.kind === 'regex' || paths.lengths[0] !== undefined) return false
  for (const _ in paths.exact) return false
  return true
}
