import { afterAll, beforeAll, expect, test } from 'vitest'
import { anNlb, aNode, annotations, aService, nodes, ports, zones } from './stage.js'
import { killEverywhere, type Sequence } from './kill.js'
import { type Double, startDouble } from './start.js'

let double: Double
let killed = 0

beforeAll(async () => {
  double = await startDouble()
})
afterAll(async () => {
  await double.stop()
  process.stdout.write(`kill everywhere: ${killed} controllers were killed, and all came to the same end\n`)
})

const settled: Sequence['prepare'] = async (stage) => void (await stage.begin().settle())

const clb: readonly Sequence[] = [
  {
    name: 'CLB: create, two ports',
    prepare: (stage) => {
      stage.service = aService({ ports: ports(80, 443) })
      return Promise.resolve()
    },
    change: () => undefined,
    instances: 1,
  },
  {
    name: 'CLB: create in the second VSwitch, since the first has no address left',
    prepare: async (stage, cloud) => {
      await cloud.byHand({ what: 'full', id: 'vsw-1' })
      stage.service = aService({ annotations: annotations({ 'address-type': 'intranet' }) })
    },
    change: () => undefined,
    instances: 1,
  },
  {
    name: 'CLB: backends change, in batches',
    prepare: async (stage, cloud) => {
      stage.service = aService({ annotations: annotations({ 'default-weight': '50' }) })
      stage.nodes = nodes(22)
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.nodes = Array.from({ length: 22 }, (_, at) => aNode(at + 22))
      stage.service = { ...stage.service, annotations: annotations({ 'default-weight': '60' }) }
    },
    instances: 1,
  },
  {
    name: 'CLB: a port removed, one added, one that changes its protocol',
    prepare: async (stage, cloud) => {
      stage.service = aService({ ports: ports(80, 443) })
      await settled(stage, cloud)
    },
    change: (stage) => {
      const changed = annotations({ 'protocol-port': 'http:80', 'delete-protection': 'off', name: 'renamed' })
      stage.service = { ...stage.service, ports: ports(80, 8443), annotations: changed }
    },
    instances: 1,
  },
  {
    name: 'CLB: the Service is deleted',
    prepare: async (stage, cloud) => {
      stage.service = aService()
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, deleting: true }
    },
    instances: 1,
  },
  {
    name: 'CLB: https, a redirect and more certificates on an instance of the user',
    prepare: async (stage, cloud) => {
      const { id = '' } = await cloud.byHand({ what: 'create', settings: { AddressType: 'internet' } })
      await cloud.byHand({ what: 'listener', id, protocol: 'tcp', port: 80, settings: { Description: 'mine' } })
      await cloud.byHand({ what: 'listener', id, protocol: 'tcp', port: 22, settings: { Description: 'mine' } })
      stage.service = aService({
        ports: ports(80, 443),
        annotations: annotations({
          id,
          'force-override-listeners': 'true',
          'protocol-port': 'https:443,http:80',
          'cert-id': 'cert-1',
          'domain-extensions': 'a.test:cert-2',
          'forward-port': '80:443',
        }),
      })
    },
    change: () => undefined,
    instances: 0,
  },
  {
    name: 'CLB: the Service of an instance of the user is deleted',
    prepare: async (stage, cloud) => {
      const { id = '' } = await cloud.byHand({ what: 'create', settings: { AddressType: 'internet' } })
      await cloud.byHand({ what: 'listener', id, protocol: 'tcp', port: 22, settings: { Description: 'mine' } })
      stage.service = aService({ annotations: annotations({ id, 'force-override-listeners': 'true' }) })
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, deleting: true }
    },
    instances: 0,
  },
  {
    name: 'CLB: from an instance of the user to one of its own',
    prepare: async (stage, cloud) => {
      const { id = '' } = await cloud.byHand({ what: 'create', settings: { AddressType: 'internet' } })
      await cloud.byHand({ what: 'listener', id, protocol: 'tcp', port: 22, settings: { Description: 'mine' } })
      stage.service = aService({ annotations: annotations({ id, 'force-override-listeners': 'true' }) })
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, annotations: {}, status: [] }
    },
    instances: 1,
  },
  {
    name: 'CLB: two tags less, one more',
    prepare: async (stage, cloud) => {
      stage.service = aService({ annotations: annotations({ 'additional-resource-tags': 'a=b,c=d' }) })
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, annotations: annotations({ 'additional-resource-tags': 'e=f' }) }
    },
    instances: 1,
  },
  {
    name: 'CLB: kept when the Service goes',
    prepare: async (stage, cloud) => {
      stage.service = aService({ annotations: annotations({ 'preserve-lb-on-delete': '' }) })
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, deleting: true }
    },
    instances: 1,
  },
]

const nlb: readonly Sequence[] = [
  {
    name: 'NLB: create, two ports',
    prepare: (stage) => {
      stage.service = anNlb({}, { ports: ports(80, 443) })
      return Promise.resolve()
    },
    change: () => undefined,
    instances: 1,
  },
  {
    name: 'NLB: create with source ranges',
    prepare: (stage) => {
      stage.service = anNlb({}, { sourceRanges: ['10.0.0.0/8'] })
      return Promise.resolve()
    },
    change: () => undefined,
    instances: 1,
  },
  {
    name: 'NLB: source ranges go',
    prepare: async (stage, cloud) => {
      stage.service = anNlb({}, { sourceRanges: ['10.0.0.0/8'] })
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, sourceRanges: [] }
    },
    instances: 1,
  },
  {
    name: 'NLB: source ranges change, and then the Service is deleted',
    prepare: async (stage, cloud) => {
      stage.service = anNlb({}, { sourceRanges: ['10.0.0.0/8'] })
      await settled(stage, cloud)
      stage.service = { ...stage.service, sourceRanges: ['192.0.2.0/24'] }
      // Killed in the midst of it.
      await stage.begin(({ action }) => (action === 'AuthorizeSecurityGroup' ? 'die after' : 'go')).settle()
    },
    change: (stage) => {
      stage.service = { ...stage.service, deleting: true }
    },
    instances: 1,
  },
  {
    name: 'NLB: backends change',
    prepare: async (stage, cloud) => {
      stage.service = anNlb({ 'default-weight': '50' })
      stage.nodes = nodes(5)
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.nodes = Array.from({ length: 5 }, (_, at) => aNode(at + 3))
      stage.service = { ...stage.service, annotations: annotations({ ...zones, 'default-weight': '60' }) }
    },
    instances: 1,
  },
  {
    name: 'NLB: a port removed, one added, one that changes its protocol, zones, groups',
    prepare: async (stage, cloud) => {
      stage.service = anNlb({}, { ports: ports(80, 443) })
      await settled(stage, cloud)
    },
    change: (stage) => {
      const changed = annotations({
        'zone-maps': 'cn-hangzhou-a:vsw-1,cn-hangzhou-c:vsw-3',
        'protocol-port': 'tcpssl:443',
        'cert-id': 'cert-1',
        'additional-cert-ids': 'cert-2',
        'security-group-ids': 'sg-1',
        'address-type': 'intranet',
        name: 'renamed',
      })
      stage.service = { ...stage.service, ports: ports(443, 8443), annotations: changed }
    },
    instances: 1,
  },
  {
    name: 'NLB: the Service is deleted',
    prepare: async (stage, cloud) => {
      stage.service = anNlb()
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, deleting: true }
    },
    instances: 1,
  },
  {
    name: 'NLB: the type changes away, and the class with it',
    prepare: async (stage, cloud) => {
      stage.service = anNlb()
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, type: 'ClusterIP', loadBalancerClass: undefined }
    },
    instances: 1,
  },
  {
    name: 'NLB: the Service of an instance of the user is deleted',
    prepare: async (stage, cloud) => {
      const made = await cloud.byHand({ product: 'nlb', what: 'create', settings: { AddressType: 'Internet' } })
      const id = made['id'] ?? ''
      await cloud.byHand({
        product: 'nlb',
        what: 'listener',
        id,
        settings: { ListenerProtocol: 'TCP', ListenerPort: '22' },
      })
      stage.service = anNlb({}, { annotations: annotations({ id, 'force-override-listeners': 'true' }) })
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, deleting: true }
    },
    instances: 0,
  },
  {
    name: 'NLB: from an instance of the user to one of its own',
    prepare: async (stage, cloud) => {
      const settings = { AddressType: 'Internet', VpcId: 'vpc-1' }
      const { id = '' } = await cloud.byHand({ product: 'nlb', what: 'create', settings })
      stage.service = anNlb({}, { annotations: annotations({ id, 'force-override-listeners': 'true' }) })
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, annotations: annotations(zones), status: [] }
    },
    instances: 1,
  },
  {
    name: 'NLB: kept when the Service goes',
    prepare: async (stage, cloud) => {
      stage.service = anNlb({ 'preserve-lb-on-delete': '' })
      await settled(stage, cloud)
    },
    change: (stage) => {
      stage.service = { ...stage.service, deleting: true }
    },
    instances: 1,
  },
]

test.each([...clb, ...nlb])(
  '$name',
  async (sequence) => {
    const [undisturbed, ...others] = await killEverywhere(double, sequence)
    if (undisturbed === undefined) throw new Error('it was not gone')
    expect(undisturbed.instances).toBe(sequence.instances)
    expect(others.length).toBeGreaterThan(1)
    const { at: _, ...end } = undisturbed
    for (const ending of others) expect(ending).toEqual({ ...end, at: ending.at })
    killed += others.length
  },
  120_000,
)
