import type { HostDocument, Route } from '../model/documents.js'
import { findSteps, type PreparedRoute } from './route-steps.js'
import type { Order } from './step.js'

/** Finds the steps of every route that has features. */
export function prepareRoutes({ root, paths }: HostDocument, order: Order): void {
  prepare(root, order)
  if (paths.kind === 'regex') {
    for (const { route } of paths.patterns) prepare(route, order)
    return
  }
  for (const path in paths.exact) prepare(paths.exact[path], order)
  for (const path in paths.prefix) prepare(paths.prefix[path], order)
}

function prepare(route: Route | undefined, order: Order): void {
  if (route?.features === undefined) return
  const prepared: PreparedRoute = route
  prepared.steps = findSteps(order, route)
}
