import type { Route, UpstreamDocument } from '../model/documents.js'
import type { Order } from './step.js'

/** The steps that a route uses, in their order: its requests are not asked about all the others. */
export type RouteSteps = Pick<Order, 'path' | 'endpoint' | 'entry' | 'access' | 'proxy' | 'response'>

/** The steps that an upstream uses. */
export type UpstreamSteps = Pick<Order, 'endpoint' | 'choice'>

/** Documents whose steps have been found; NGINX finds them when it reads a document. */
export interface PreparedRoute extends Route {
  steps?: RouteSteps
}

export interface PreparedUpstream extends UpstreamDocument {
  steps?: UpstreamSteps
}

export function stepsOf(order: Order, route: PreparedRoute): RouteSteps {
  return route.steps ?? findSteps(order, route)
}

export function findSteps(order: Order, { features }: Route): RouteSteps {
  if (features === undefined) return NO_STEPS
  return {
    path: usedBy(features, order.path),
    endpoint: usedBy(features, order.endpoint),
    entry: usedBy(features, order.entry),
    access: usedBy(features, order.access),
    proxy: usedBy(features, order.proxy),
    response: usedBy(features, order.response),
  }
}

export function stepsOfUpstream(order: Order, upstream: PreparedUpstream): UpstreamSteps {
  return upstream.steps ?? findStepsOfUpstream(order, upstream)
}

export function findStepsOfUpstream(order: Order, { features }: UpstreamDocument): UpstreamSteps {
  if (features === undefined) return NO_STEPS
  return { endpoint: usedBy(features, order.endpoint), choice: usedBy(features, order.choice) }
}

const NO_STEPS: RouteSteps & UpstreamSteps = {
  path: [],
  endpoint: [],
  choice: [],
  entry: [],
  access: [],
  proxy: [],
  response: [],
}

function usedBy<Step extends { readonly family: string }>(features: object, steps: readonly Step[]): readonly Step[] {
  const used: Step[] = []
  for (const step of steps) if ((features as Record<string, unknown>)[step.family] !== undefined) used.push(step)
  return used
}
