import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withoutIds } from './kill.js'
import { aNode, anEndpoint, annotations, aService, createStage, ports, type Stage, zones } from './stage.js'
import { type Double, startDouble } from './start.js'

let double: Double

beforeAll(async () => {
  double = await startDouble()
})
afterAll(() => double.stop())

const certificate = { 'cert-id': 'cert-1' }

/** What a Service may be at a moment. */
const world = fc.record({
  ports: fc.uniqueArray(fc.constantFrom(80, 443, 8080, 8443), { minLength: 1, maxLength: 4 }),
  nodes: fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 30 }),
  endpoints: fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 20 }),
  policy: fc.constantFrom('Cluster' as const, 'Local' as const),
  tls: fc.boolean(),
  words: fc.record(
    {
      'default-weight': fc.constantFrom('10', '50'),
      scheduler: fc.constantFrom('wrr', 'rr', 'sch'),
      'connection-drain': fc.constantFrom('on', 'off'),
      'proxy-protocol': fc.constantFrom('on', 'off'),
      'health-check-type': fc.constantFrom('tcp', 'http'),
      'health-check-interval': fc.constantFrom('3', '9'),
      'delete-protection': fc.constantFrom('on', 'off'),
      'modification-protection': fc.constantFrom('ConsoleProtection', 'NonProtection'),
      'additional-resource-tags': fc.constantFrom('a=b', 'a=c,d=e'),
      name: fc.constantFrom('one', 'two'),
      'graceful-shutdown': fc.constant('true'),
      'remove-unscheduled-backend': fc.constantFrom('on', 'off'),
    },
    { requiredKeys: [] },
  ),
  pods: fc.boolean(),
  ranges: fc.constantFrom<readonly string[]>([], ['10.0.0.0/8'], ['192.0.2.0/24', '10.0.0.0/8']),
})

type World = typeof world extends fc.Arbitrary<infer T> ? T : never

function become(
  stage: Stage,
  { ports: numbers, nodes, endpoints, policy, tls, words, pods, ranges }: World,
  kind: 'clb' | 'nlb',
): void {
  const isNlb = kind === 'nlb'
  const secure = isNlb ? 'tcpssl' : 'https'
  const short: Record<string, string> = {
    ...(isNlb ? zones : {}),
    ...words,
    ...(tls && numbers.includes(443) ? { ...certificate, 'protocol-port': `${secure}:443` } : {}),
  }
  const backends = pods ? { 'service.beta.kubernetes.io/backend-type': 'eni' } : {}
  stage.service = {
    ...stage.service,
    ports: ports(...numbers),
    externalTrafficPolicy: policy,
    sourceRanges: ranges,
    annotations: { ...annotations(short), ...backends },
  }
  stage.nodes = nodes.map((number) => aNode(number))
  stage.endpoints = endpoints.map((number) =>
    anEndpoint(number, { ports: numbers.map((port) => ({ name: `p${port}`, protocol: 'TCP', port: port + 8000 })) }),
  )
}

test.each(['clb', 'nlb'] as const)(
  '%s: from any state of the world to any other; then there is nothing to do, and nothing is left when the Service goes',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.array(world, { minLength: 1, maxLength: 3 }), fc.nat(12), async (worlds, killedAt) => {
        await double.reset()
        const stage = createStage(double)
        stage.seenWithinMilliseconds = 300
        try {
          stage.service = aService(kind === 'nlb' ? { loadBalancerClass: 'alibabacloud.com/nlb' } : {})
          for (const [index, one] of worlds.entries()) {
            become(stage, one, kind)
            // The last way is begun by a controller that is killed somewhere on it.
            let calls = 0
            const guard = () => {
              calls += 1
              return calls > killedAt ? ('die after' as const) : ('go' as const)
            }
            if (index === worlds.length - 1) await stage.begin(guard).settle()
            expect(await stage.begin().settle()).toMatchObject({
              kind: 'done',
              problems: expect.not.arrayContaining([expect.objectContaining({ severity: 'error' })]),
            })
          }
          expect(await stage.begin().planned()).toEqual([])
          // Without the hash everything is compared.
          stage.service = { ...stage.service, labels: {} }
          expect(await stage.begin().planned()).toEqual([])
          // However the world came here, the cloud is as if it had been so from the beginning.
          const reached = comparable(await double.state())
          const last = worlds.at(-1)
          await double.reset()
          stage.service = aService(kind === 'nlb' ? { loadBalancerClass: 'alibabacloud.com/nlb' } : {})
          if (last !== undefined) become(stage, last, kind)
          await stage.begin().settle()
          expect(reached).toEqual(comparable(await double.state()))
          stage.service = { ...stage.service, deleting: true }
          expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
          const left = (await double.ledger()).filter(({ deletedAt }) => deletedAt === undefined)
          expect(left).toEqual([])
        } finally {
          await stage.close()
        }
      }),
      { numRuns: 15 },
    )
  },
  120_000,
)

/** What is switched off may keep its details, and lists have no order; tags are another story. */
function comparable(state: object): unknown {
  const left =
    /^(ModificationProtectionReason|ConnectionDrainTimeout|AlpnPolicy|zones)$|HealthCheck(URI|Method|HttpCode|Domain|Url|HttpVersion)|HttpCheckMethod|VServerGroup$|^HealthCheckConfig.*Reason|Config\.Reason$/
  const tidy = (value: unknown): unknown => {
    if (Array.isArray(value))
      return value.map(tidy).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !left.test(key))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [key, tidy(item)]),
    )
  }
  return tidy(withoutIds(state))
}
