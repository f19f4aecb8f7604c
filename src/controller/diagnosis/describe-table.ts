import type { Attachment } from '../../model/attachment.js'
import type {
  Action,
  Document,
  HostDocument,
  Route,
  SettingsDocument,
  UpstreamDocument,
} from '../../model/documents.js'
import { digestBytes } from '../../apply/digest.js'

/**
 * What the table has, for people who look for a mistake of ours: names, paths, goals and endpoints. Of everything else
 * only that it is there, since settings of a route may hold passwords (the URL of an auth service, a header), and
 * others always do.
 */
export function describeTable(documents: Iterable<readonly [key: string, document: Document]>): object {
  const hosts: object[] = []
  const upstreams: object[] = []
  const others: object[] = []
  for (const [key, document] of documents) {
    if ('kind' in document) others.push(describeAttachment(key, document))
    else if ('root' in document) hosts.push(describeHost(key, document))
    else if ('addresses' in document) upstreams.push(describeUpstream(document))
    else if ('strictTransportSecurity' in document) others.push({ key, ...describeSettings(document) })
    else if ('chain' in document) others.push({ key, stapled: document.staple !== undefined })
    else others.push({ key, patterns: document.patterns.length })
  }
  return { hosts, upstreams, others }
}

function describeHost(key: string, host: HostDocument): object {
  const { paths, root, features, tls } = host
  const routes =
    paths.kind === 'regex'
      ? paths.patterns.map(({ route }) => route)
      : [...Object.values(paths.exact), ...Object.values(paths.prefix)]
  return {
    key,
    name: host.name,
    certificates: [host.certificate, ...(host.otherCertificates ?? [])].filter((name) => name !== undefined),
    paths: paths.kind,
    ...(host.reserved === true ? { reserved: true } : {}),
    features: namesOf(features),
    tls: namesOf(tls),
    root: describeRoute(root),
    routes: routes.filter((route) => route !== root).map(describeRoute),
  }
}

function describeRoute({ path, match, action, features, profile, labels, httpsRedirect, unlogged }: Route): object {
  return {
    path,
    match,
    to: describeAction(action),
    features: namesOf(features),
    ...(profile === undefined ? {} : { profile }),
    ...(labels === undefined ? {} : { labels }),
    ...(httpsRedirect === undefined ? {} : { httpsRedirect }),
    ...(unlogged === true ? { unlogged } : {}),
  }
}

function describeAction(action: Action): string {
  switch (action.kind) {
    case 'proxy':
      return action.upstream
    case 'answer':
      return `answer ${action.status} (${action.label})`
    case 'redirect':
      return `redirect ${action.status}`
    case 'status':
      return 'status page'
  }
}

function describeUpstream({ key, label, addresses, ports, features, emptyStatus }: UpstreamDocument): object {
  const endpoints = addresses.map((address, i) => `${address}:${ports[i] ?? ''}`)
  return { key, label, endpoints, features: namesOf(features), ...(emptyStatus === undefined ? {} : { emptyStatus }) }
}

/** Numbers and switches as they are. */
function describeSettings(settings: SettingsDocument): object {
  const shown = Object.entries(settings).map(([name, value]: [string, unknown]) => {
    return [name, typeof value === 'number' || typeof value === 'boolean' ? value : 'set']
  })
  return Object.fromEntries(shown) as object // made of entries
}

/** Its key may be a URL with a password in it. */
function describeAttachment(key: string, attachment: Attachment): object {
  const size = attachment.kind === 'users' ? { users: Object.keys(attachment.users).length } : {}
  return { kind: attachment.kind, digest: digestBytes(key).slice(0, 12), ...size }
}

function namesOf(features: object | undefined): readonly string[] {
  return Object.keys(features ?? {})
}
