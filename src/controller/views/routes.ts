import type { HostDetail, LiveTraffic, Page, RouteOrder, RouteRow } from '../../observe/shown.js'
import type { Traffic } from '../../observe/metrics/traffic.js'
import type { Action, HostDocument, Route } from '../../model/documents.js'
import { DEFAULT_HOST } from '../../model/keys.js'
import type { HostCell } from '../../translate/host.js'
import type { Translation } from '../../translate/translate.js'
import { pageOf, type PageQuestion } from './page.js'

type Sources = Pick<Translation, 'hosts' | 'upstreams' | 'canaries'>

interface Source {
  readonly cell: HostCell
  readonly route: Route
  /** What a search looks at, in lower case. */
  readonly text: string
}

/** A page of routes, and by what they are ordered. */
export interface RouteQuestion extends PageQuestion {
  readonly order: RouteOrder
}

export interface RouteList {
  page(from: Sources, question: RouteQuestion): Page<RouteRow>
  /** undefined: nobody declares that host. */
  host(from: Sources, name: string): HostDetail | undefined
}

/** What is read of what was counted; `looks` says when it is other than before. */
export type RouteTraffic = Pick<Traffic, 'ofRoute' | 'ofHost' | 'looks'>

const MOST_OF_A_HOST = 200

/**
 * Gives the routes of all hosts, a page at a time, in order of host and path, or those with most requests, errors or
 * latency first. What belongs to a host is made once for as long as it lives. `traffic` undefined: requests are not
 * counted.
 */
export function createRouteList(traffic: RouteTraffic | undefined): RouteList {
  const known = new WeakMap<HostCell, readonly Source[]>()
  let hosts: Sources['hosts'] | undefined
  let sources: readonly Source[] = []

  const sourcesOf = (cell: HostCell): readonly Source[] => {
    const before = known.get(cell)
    if (before !== undefined) return before
    const made = routesOf(cell.document).map((route) => ({ cell, route, text: textOf(cell, route) }))
    known.set(cell, made)
    return made
  }

  const look = (from: Sources): readonly Source[] => {
    if (from.hosts !== hosts) {
      hosts = from.hosts
      sources = [...hosts.values()].flatMap(sourcesOf)
    }
    return sources
  }
  const inOrder = createOrder(traffic)
  const row = (source: Source, from: Sources): RouteRow => {
    const live = liveOf(source, traffic)
    return { ...rowOf(source, from), ...(live === undefined ? {} : { live }) }
  }

  return {
    page: (from, question) =>
      pageOf(
        inOrder(look(from), question.order),
        ({ text }) => text,
        question,
        (source) => row(source, from),
      ),
    host(from, name) {
      const own = look(from).filter(({ cell }) => plainName(cell) === name)
      const [first] = own
      if (first === undefined) return undefined
      const live = traffic?.ofHost(name)
      return {
        host: name,
        secure: isSecure(first.cell),
        ...(live === undefined ? {} : { live }),
        routes: own.slice(0, MOST_OF_A_HOST).map((source) => row(source, from)),
        more: Math.max(0, own.length - MOST_OF_A_HOST),
      }
    },
  }
}

/** Sorted once for each look at the counters, however many ask for however many pages. */
function createOrder(
  traffic: RouteTraffic | undefined,
): (of: readonly Source[], order: RouteOrder) => readonly Source[] {
  const kept = new Map<
    RouteOrder,
    { readonly of: readonly Source[]; readonly looks: number; readonly sorted: readonly Source[] }
  >()
  return (of, order) => {
    if (order === 'host' || traffic === undefined) return of
    const before = kept.get(order)
    if (before !== undefined && before.of === of && before.looks === traffic.looks()) return before.sorted
    const busy: { readonly source: Source; readonly live: LiveTraffic }[] = []
    const quiet: Source[] = []
    for (const source of of) {
      const live = liveOf(source, traffic)
      if (live === undefined) quiet.push(source)
      else busy.push({ source, live })
    }
    const weight = WEIGHTS[order]
    const rate = WEIGHTS.rate
    busy.sort((a, b) => weight(b.live) - weight(a.live) || rate(b.live) - rate(a.live))
    const sorted = [...busy.map(({ source }) => source), ...quiet]
    kept.set(order, { of, looks: traffic.looks(), sorted })
    return sorted
  }
}

const WEIGHTS: Readonly<Record<Exclude<RouteOrder, 'host'>, (live: LiveTraffic) => number>> = {
  rate: ({ requestsPerSecond }) => requestsPerSecond,
  errors: ({ serverErrorShare, requestsPerSecond }) => (serverErrorShare ?? 0) * requestsPerSecond,
  latency: ({ latencyAverage }) => latencyAverage ?? 0,
}

/** Names that nobody declares are not counted by route (MET-1). */
function liveOf({ cell, route }: Source, traffic: RouteTraffic | undefined): LiveTraffic | undefined {
  return cell.document.name === DEFAULT_HOST ? undefined : traffic?.ofRoute(plainName(cell), route.path)
}

function textOf(cell: HostCell, route: Route): string {
  const ingress = cell.origins.get(route)?.ingress
  const from = ingress === undefined ? '' : `${ingress.namespace}/${ingress.name}`
  return `${nameOf(cell)}${route.path} ${nameOf(cell)} ${route.path} ${goalOf(route.action)} ${from}`.toLowerCase()
}

/** `~` marks the twin of a host that answers to the names its patterns match. */
function nameOf({ document: { name } }: HostCell): string {
  return name
}

/** The host that an Ingress declares, also for the twin. */
function plainName({ document: { name } }: HostCell): string {
  return name.replace(/^~/, '')
}

function isSecure({ document, input }: HostCell): boolean {
  return document.name !== DEFAULT_HOST && input.secure
}

function routesOf({ paths, root }: HostDocument): readonly Route[] {
  const declared =
    paths.kind === 'regex'
      ? paths.patterns.map(({ route }) => route)
      : [...Object.values(paths.exact), ...Object.values(paths.prefix)].sort((a, b) => (a.path < b.path ? -1 : 1))
  return [root, ...declared.filter((route) => route !== root)]
}

function rowOf({ cell, route }: Source, { upstreams, canaries }: Sources): RouteRow {
  const { action, path, match } = route
  const ingress = cell.origins.get(route)?.ingress
  const upstream = action.kind === 'proxy' ? upstreams.get(action.upstream) : undefined
  const canary = action.kind === 'proxy' ? canaries.get(action.upstream)?.split.upstream : undefined
  return {
    host: nameOf(cell),
    path,
    match,
    to: goalOf(action),
    ...(upstream === undefined ? {} : { endpoints: upstream.document.addresses.length }),
    ...(ingress === undefined ? {} : { ingress: `${ingress.namespace}/${ingress.name}` }),
    secure: isSecure(cell),
    ...(canary === undefined ? {} : { canary }),
  }
}

function goalOf(action: Action): string {
  switch (action.kind) {
    case 'proxy':
      return action.upstream
    case 'answer':
      return `answer ${action.status}`
    case 'redirect':
      return `redirect ${action.status} to ${action.path}`
    case 'status':
      return "NGINX's counters"
  }
}
