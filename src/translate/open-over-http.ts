import type { HostDocument, Route } from '../model/documents.js'
import { DEFAULT_HOST } from '../model/keys.js'
import type { Problem } from '../problems/problem.js'
import type { Ingress } from '../snapshot/objects.js'
import { byAge } from './age.js'
import type { DeclaredIngress } from './ingress.js'
import { problemOf } from './reference.js'

/** What is served over plain HTTP for a reason that everybody has: solvers of ACME. */
const ACME = '/.well-known/acme-challenge'
const MOST_NAMED = 5

interface Surroundings {
  readonly annotationsPrefix: string
  /** Beginnings of paths that are never redirected to HTTPS. */
  readonly exempt: readonly string[]
}

/**
 * MTLS-7: a certificate is asked for over TLS only. Paths of a host that asks for one, and that are served over plain
 * HTTP all the same, are open to who has none. That is as in the reference, and seldom what was meant.
 */
export function openOverHttp(
  { name, features }: Pick<HostDocument, 'name' | 'features'>,
  routes: Iterable<Route>,
  ingresses: readonly DeclaredIngress[],
  { annotationsPrefix, exempt }: Surroundings,
): readonly Problem[] {
  const { clients, forbidden } = features ?? {}
  // With another word who has no certificate comes in over TLS too; with a pattern nobody does over plain HTTP (MTLS-6).
  if (clients?.verify !== 'on' || clients.subject !== undefined || forbidden === true) return []
  const paths = [...new Set([...routes].filter(isOpen).map(({ path }) => path))]
  const asking = askingAmong(ingresses)
  if (paths.length === 0 || asking === undefined) return []
  const field = `metadata.annotations["${annotationsPrefix}/auth-tls-secret"]`
  const message = `Certificates of clients are asked for over TLS only: over plain HTTP ${namedPaths(paths)} of ${nameOf(name)} ${paths.length === 1 ? 'is' : 'are'} served without one. ${remedy(name, paths, exempt)}`
  return [problemOf('host/open-over-http', asking, field, message)]
}

function isOpen({ path, action, httpsRedirect, features }: Route): boolean {
  if (httpsRedirect !== undefined || action.kind !== 'proxy' || features?.redirect !== undefined) return false
  return !path.startsWith(ACME)
}

/** ORD-3. */
function askingAmong(ingresses: readonly DeclaredIngress[]): Ingress | undefined {
  const asking = ingresses.filter(({ features }) => features.host?.clients !== undefined)
  return asking.map(({ ingress }) => ingress).toSorted(byAge)[0]
}

function namedPaths(paths: readonly string[]): string {
  const rest = paths.length - MOST_NAMED
  const named = paths
    .slice(0, MOST_NAMED)
    .map((path) => JSON.stringify(path))
    .join(', ')
  return `${paths.length === 1 ? 'the path' : 'the paths'} ${named}${rest > 0 ? ` and ${rest} more` : ''}`
}

function nameOf(name: string): string {
  if (name === DEFAULT_HOST) return 'names that no host is declared for'
  return name.startsWith('~') ? `names that match server-alias of ${name.slice(1)}` : name
}

function remedy(name: string, paths: readonly string[], exempt: readonly string[]): string {
  const closing = 'auth-tls-match-cn, which nobody satisfies over plain HTTP (403)'
  // GEN-17: a catch-all redirects nobody.
  if (name === DEFAULT_HOST) return `Put the hosts into rules, with TLS (spec.tls), or add ${closing}.`
  const isExempt = paths.some((path) => exempt.some((beginning) => path.startsWith(beginning)))
  const never = isExempt ? ' What no-tls-redirect-locations of the main ConfigMap names is never redirected.' : ''
  return `Have it redirected, by TLS for the name (spec.tls, with a certificate that is good for it) without ssl-redirect: "false", or by force-ssl-redirect: "true" where the paths are declared; or add ${closing}.${never}`
}
