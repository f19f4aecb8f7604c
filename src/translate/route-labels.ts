import type { Route } from '../model/documents.js'
import type { Ingress } from '../snapshot/objects.js'

/**
 * What metrics say of a route besides host and path (MET-5). The global default backend is of no Ingress, but where it
 * stands in for a path that an Ingress does not have, the requests are those of the Ingress's host.
 *
 * @param service empty: the global default backend
 */
export function labelsOf(ingress: Ingress, service: string): Pick<Route, 'labels'> {
  return { labels: `${ingress.namespace} ${ingress.name} ${service}` }
}
