import { afterAll, beforeAll, expect, test } from 'vitest'
import { isReading } from '../../src/loadbalancer/alibaba/api.js'
import { createAlibabaProvider } from '../../src/loadbalancer/alibaba/provider.js'
import { planInput } from '../../src/loadbalancer/sync.js'
import type { ServiceView } from '../../src/loadbalancer/views.js'
import { aNode, annotations, aService, createStage, facts, nodes } from './stage.js'
import { type Double, startDouble } from './start.js'

let double: Double

beforeAll(async () => {
  double = await startDouble()
})
afterAll(() => double.stop())

test.each(['clb', 'nlb'] as const)(
  '%s: many Services in order are only read; a changed set of nodes takes the fewest calls',
  async (kind) => {
    const COUNT = 30
    await double.reset()
    const stage = createStage(double)
    try {
      stage.nodes = nodes(25)
      const isNlb = kind === 'nlb'
      const zones = annotations({ 'zone-maps': 'a:v-1,b:v-2' })
      const services: ServiceView[] = []
      for (let at = 0; at < COUNT; at += 1) {
        stage.service = aService({
          name: `front-${at}`,
          ...(isNlb ? { loadBalancerClass: 'alibabacloud.com/nlb', annotations: zones } : {}),
        })
        expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
        services.push(stage.service)
      }
      await double.calls('clear')
      // A controller that has just begun looks at all of them at once.
      const provider = createAlibabaProvider({ cloud: stage.cloud, facts, now: () => performance.now() })
      const signal = new AbortController().signal
      const world = (nodeViews: typeof stage.nodes) => ({ nodes: nodeViews, endpointsOf: () => [], services })
      const plans = async (nodeViews: typeof stage.nodes) =>
        Promise.all(
          services.map(async (service) => {
            const existing = await provider.observe(service, signal)
            if (!existing.ok) throw new Error(existing.failure.message)
            return provider.plan(planInput(provider, world(nodeViews), 'present', service, existing.value))
          }),
        )
      for (const plan of await plans(stage.nodes)) expect(plan).toMatchObject({ steps: [], problems: [] })
      const calls = await double.calls()
      expect(calls.every(({ action }) => isReading(action))).toBe(true)
      // Instances are read in one list; each Service is then looked at with three calls (CLB) or two (NLB).
      expect(calls.length).toBeLessThanOrEqual(isNlb ? 2 * COUNT + 2 : 3 * COUNT + 1)
      // 25 nodes go and 25 come: as many calls as the batches need, and not one more.
      const batch = isNlb ? 200 : 20
      const others = Array.from({ length: 25 }, (_, at) => aNode(at + 26))
      for (const plan of await plans(others)) expect(plan.steps).toHaveLength(2 * Math.ceil(25 / batch))
    } finally {
      await stage.close()
    }
  },
  120_000,
)
