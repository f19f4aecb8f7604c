import { expect, test } from 'vitest'
import { order } from '../edge/order.js'
import type { HostDocument, Route } from '../model/documents.js'
import { prepareRoutes } from './prepare-routes.js'
import { findSteps, findStepsOfUpstream, type PreparedRoute, stepsOf, stepsOfUpstream } from './route-steps.js'

const action = { kind: 'proxy', upstream: 'a/b/80', pool: 'http' } as const
const plain: Route = { path: '/', match: 'prefix', action }
const guarded: Route = {
  path: '/guarded',
  match: 'prefix',
  action,
  features: { basic: { users: 'u', realm: '' }, allowed: { ranges: 'r' }, throttle: { bytesPerSecond: 1 } },
}

test('a route is asked about the families it uses, in their order', () => {
  const { path, endpoint, entry, access, proxy, response } = findSteps(order, guarded)
  expect(access.map(({ family }) => family)).toEqual(['allowed', 'basic'])
  expect(proxy.map(({ family }) => family)).toEqual(['basic', 'throttle'])
  expect([path, endpoint, entry, response]).toEqual([[], [], [], []])
})

test('a route without features has no steps, and an upstream has its own', () => {
  for (const steps of Object.values(findSteps(order, plain))) expect(steps).toEqual([])
  const upstream = {
    key: 'a/b/80',
    label: 'b',
    addresses: [],
    ports: [],
    features: { balancing: { kind: 'ewma' } },
  } as const
  expect(findStepsOfUpstream(order, upstream).choice.map(({ family }) => family)).toEqual(['balancing'])
  expect(stepsOfUpstream(order, upstream)).toEqual(findStepsOfUpstream(order, upstream))
})

test.each<[string, HostDocument['paths']]>([
  ['exact', { kind: 'literal', exact: { '/guarded': guarded }, prefix: {}, lengths: [] }],
  ['prefix', { kind: 'literal', exact: {}, prefix: { '/guarded': guarded }, lengths: [8] }],
  ['regex', { kind: 'regex', patterns: [{ pattern: '^/guarded', head: '/guarded', route: guarded }] }],
])('what NGINX finds when it reads a host is what is found for each request: %s', (_, paths) => {
  const host = structuredClone<HostDocument>({ name: 'a.test', paths, root: guarded })
  prepareRoutes(host, order)
  const [route] = host.paths.kind === 'regex' ? host.paths.patterns.map((each) => each.route) : routesOf(host.paths)
  for (const prepared of [route, host.root] as PreparedRoute[]) {
    expect(prepared.steps).toEqual(findSteps(order, guarded))
    expect(stepsOf(order, prepared)).toBe(prepared.steps)
  }
})

function routesOf({ exact, prefix }: Extract<HostDocument['paths'], { kind: 'literal' }>): Route[] {
  return [...Object.values(exact), ...Object.values(prefix)]
}
