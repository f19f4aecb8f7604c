import type { Page, RouteRow } from '../../observe/shown.js'
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

/** Gives the routes of all hosts in order of host and path, a page at a time. What belongs to a host is made once for as long as it lives. */
export function createRouteList(): (from: Sources, question: PageQuestion) => Page<RouteRow> {
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

  return (from, question) => {
    if (from.hosts !== hosts) {
      hosts = from.hosts
      sources = [...hosts.values()].flatMap(sourcesOf)
    }
    return pageOf(
      sources,
      ({ text }) => text,
      question,
      (source) => rowOf(source, from),
    )
  }
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
    secure: cell.document.name !== DEFAULT_HOST && cell.input.secure,
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
