import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { changingCallsOf, onlyNlb } from './look.js'
import { anNlb, aNode, anEndpoint, annotations, createStage, nodes, ports, zones, type Stage } from './stage.js'
import { type Double, startDouble } from './start.js'

let double: Double
let stage: Stage

beforeAll(async () => {
  double = await startDouble()
})
afterAll(() => double.stop())
beforeEach(async () => {
  await double.reset()
  await double.delay({ visible: 3, job: 3, active: 10 })
  stage = createStage(double)
  stage.service = anNlb()
})
afterEach(() => stage.close())

const changingCalls = () => changingCallsOf(double)
const only = () => onlyNlb(double)

describe('a Service of the class alibabacloud.com/nlb gets its NLB (loadbalancer.md sections 4, 6.3, 6.7)', () => {
  test('created, with server groups and listeners, and its name in the status', async () => {
    stage.service = anNlb({}, { ports: ports(80, 443) })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    const one = await only()
    expect(one).toMatchObject({
      AddressType: 'Internet',
      status: 'Active',
      'DeletionProtectionConfig.Enabled': 'true',
      'ModificationProtectionConfig.Status': 'ConsoleProtection',
      zones: [
        { ZoneId: 'cn-hangzhou-a', VSwitchId: 'vsw-1' },
        { ZoneId: 'cn-hangzhou-b', VSwitchId: 'vsw-2' },
      ],
      tags: { 'fairlead.service': stage.service.uid },
    })
    expect(one.listeners).toMatchObject([
      {
        ListenerProtocol: 'TCP',
        ListenerPort: '80',
        status: 'Running',
        ListenerDescription: 'k8s.80.TCP.front.shop.c1',
      },
      { ListenerProtocol: 'TCP', ListenerPort: '443', status: 'Running' },
    ])
    expect(one.serverGroups).toMatchObject([
      { ServerGroupName: 'k8s.80.TCP.front.shop.c1', servers: [{ ServerId: 'i-1' }, { ServerId: 'i-2' }] },
      { ServerGroupName: 'k8s.443.TCP.front.shop.c1' },
    ])
    expect(stage.service.status).toEqual([{ hostname: `${one.id}.cn-hangzhou.nlb.aliyuncs.com` }])
  })

  test('looked at again, with the hash and without it, nothing is changed', async () => {
    const rich = {
      'health-check-type': 'http',
      'connection-drain': 'on',
      'proxy-protocol': 'on',
      'security-group-ids': 'sg-1,sg-2',
    }
    stage.service = anNlb({
      ...rich,
      'protocol-port': 'tcpssl:80',
      'cert-id': 'c1',
      alpn: 'on',
      cacert: 'on',
      'cacert-id': 'ca',
    })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    await double.calls('clear')
    await stage.begin().settle()
    stage.service = { ...stage.service, labels: {} }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect(await changingCalls()).toEqual([])
  })

  test('deleted with it, and its server groups after it', async () => {
    await stage.begin().settle()
    await double.calls('clear')
    stage.service = { ...stage.service, deleting: true }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect(await changingCalls()).toEqual(['UpdateLoadBalancerProtection', 'DeleteLoadBalancer', 'DeleteServerGroup'])
    expect((await double.ledger()).every(({ deletedAt }) => deletedAt !== undefined)).toBe(true)
  })

  test('without zones none is made, and the message says what is missing', async () => {
    stage.service = anNlb({}, { annotations: {} })
    expect(await stage.begin().settle()).toMatchObject({
      problems: [{ severity: 'error', message: expect.stringContaining('zone:vswitch') }],
    })
    expect(await changingCalls()).toEqual([])
  })

  test('while a job runs, other changes wait, and others go on', async () => {
    await double.delay({ job: 30 })
    stage.service = anNlb({}, { ports: ports(80, 443, 8443) })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    // Three server groups are made in one go, not one after the other.
    const calls = await changingCalls()
    expect(calls.slice(0, 4)).toEqual([
      'CreateLoadBalancer',
      'CreateServerGroup',
      'CreateServerGroup',
      'CreateServerGroup',
    ])
  })
})

describe('backends', () => {
  test('batches of 200, added before others are removed', async () => {
    stage.nodes = nodes(250)
    await stage.begin().settle()
    await double.calls('clear')
    stage.nodes = Array.from({ length: 100 }, (_, at) => aNode(at + 201))
    await stage.begin().settle()
    expect(await changingCalls()).toEqual(['AddServersToServerGroup', 'RemoveServersFromServerGroup'])
    expect((await only()).serverGroups[0]?.servers).toHaveLength(100)
  })

  test('pods with their interfaces, and graceful shutdown', async () => {
    stage.service = anNlb({ 'graceful-shutdown': 'true' })
    stage.service = {
      ...stage.service,
      annotations: { ...stage.service.annotations, 'service.beta.kubernetes.io/backend-type': 'eni' },
    }
    stage.endpoints = [anEndpoint(1), anEndpoint(2)]
    await stage.begin().settle()
    stage.endpoints = [anEndpoint(1), anEndpoint(2, { ready: false, terminating: true })]
    await stage.begin().settle()
    expect((await only()).serverGroups[0]?.servers).toMatchObject([
      { ServerType: 'Eni', ServerId: 'eni-10-1-0-1', ServerIp: '10.1.0.1', Port: '8080', Weight: '100' },
      { ServerId: 'eni-10-1-0-2', Weight: '0' },
    ])
  })

  test('pods with addresses of IPv6', async () => {
    stage.service = anNlb({ 'backend-ip-version': 'ipv6' })
    const eni = { 'service.beta.kubernetes.io/backend-type': 'eni' }
    stage.service = { ...stage.service, annotations: { ...stage.service.annotations, ...eni } }
    stage.endpoints = [anEndpoint(1), anEndpoint(2, { address: 'fd00::ab:1' })]
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect((await only()).serverGroups[0]?.servers).toMatchObject([
      { ServerType: 'Eni', ServerId: 'eni-fd00--ab-1', ServerIp: 'fd00::ab:1' },
    ])
    expect(await stage.begin().planned()).toEqual([])
  })

  test('server-group-type Ip: a changed type is another server group', async () => {
    stage.endpoints = [anEndpoint(1)]
    await stage.begin().settle()
    stage.service = { ...stage.service, annotations: annotations({ ...zones, 'server-group-type': 'Ip' }) }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    const one = await only()
    expect(one.serverGroups).toMatchObject([
      { ServerGroupType: 'Ip', servers: [{ ServerType: 'Ip', ServerId: '10.1.0.1' }] },
    ])
    expect(one.listeners).toHaveLength(1)
  })
})

describe('an instance of the user (section 2.3)', () => {
  const override = { 'force-override-listeners': 'true' }
  const made = { product: 'nlb', what: 'create', settings: { AddressType: 'Internet', VpcId: 'vpc-1' } } as const
  const mine = { ListenerProtocol: 'TCP', ListenerPort: '9000', ListenerDescription: 'mine' }
  const listeners = async (id: string) => (await double.state()).nlb.find((one) => one.id === id)?.listeners

  test('a server group that a listener of the user uses when its port went: told, emptied, and not waited for', async () => {
    const { id = '' } = await double.byHand(made)
    stage.service = anNlb({ ...override, id }, { ports: ports(80, 443) })
    await stage.begin().settle()
    const groups = (await only()).serverGroups
    const used = String(groups.find((one) => String(one['ServerGroupName']).startsWith('k8s.443.'))?.['id'])
    await double.byHand({ product: 'nlb', what: 'listener', id, settings: { ...mine, ServerGroupId: used } })
    stage.service = { ...stage.service, ports: ports(80) }
    expect(await stage.begin().settle()).toMatchObject({
      kind: 'done',
      problems: [{ severity: 'warning', message: expect.stringContaining(`${used} was made for this Service`) }],
    })
    expect(await stage.begin().planned()).toEqual([])
    const left = (await only()).serverGroups.find((one) => one['id'] === used)
    expect(left).toMatchObject({ servers: [] })
    expect(await listeners(id)).toMatchObject([{ ListenerPort: '80' }, mine])
  })

  test.each(['to another one', 'to one of its own'])(
    'it leaves one %s: refused while it has an address; then our listener goes from the first',
    async (way) => {
      const { id: first = '' } = await double.byHand(made)
      await double.byHand({ product: 'nlb', what: 'listener', id: first, settings: mine })
      const { id: second = '' } = await double.byHand(made)
      stage.service = anNlb({ ...override, id: first })
      await stage.begin().settle()
      const { status } = stage.service
      const other = way === 'to another one' ? { ...override, id: second } : {}
      stage.service = { ...stage.service, annotations: annotations({ ...zones, ...other }) }
      stage.nodes = nodes(3)
      expect(await stage.begin().settle()).toMatchObject({ problems: [{ severity: 'error' }] })
      expect(stage.service).toMatchObject({ status, labels: { 'fairlead/loadbalancer-id': first } })
      expect(await listeners(first)).toHaveLength(2)
      expect((await double.state()).nlb[0]?.serverGroups).toMatchObject([{ servers: [{}, {}, {}] }])
      stage.service = { ...stage.service, status: [] }
      expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
      const now = stage.service.labels['fairlead/loadbalancer-id'] ?? ''
      expect(now === second).toBe(way === 'to another one')
      expect(await listeners(first)).toMatchObject([mine])
      expect(await listeners(now)).toMatchObject([{ ListenerPort: '80', status: 'Running' }])
      expect(await stage.begin().planned()).toEqual([])
    },
  )

  test.each(['another group is named', 'the NLB is left', 'the Service goes'])(
    'a group of the user that was named keeps only servers of the user: %s',
    async (way) => {
      const { id = '' } = await double.byHand(made)
      const { id: next = '' } = await double.byHand(made)
      const groupOfUser = async (name: string, balancer: string): Promise<string> => {
        const one = { ServerGroupName: name, Protocol: 'TCP', ServerGroupType: 'Instance', VpcId: 'vpc-1' }
        const call = {
          product: 'nlb',
          action: 'CreateServerGroup',
          parameters: { RegionId: 'cn-hangzhou', ...one },
        } as const
        const answer = await stage.cloud.call(call)
        const group = answer.ok ? String(answer.body['ServerGroupId']) : ''
        const settings = { ...mine, ServerGroupId: group }
        await double.byHand({ product: 'nlb', what: 'listener', id: balancer, settings })
        return group
      }
      const [first, second] = [await groupOfUser('one', id), await groupOfUser('two', next)]
      const serversOf = async (group: string) =>
        (await double.state()).nlb.flatMap(({ serverGroups }) => serverGroups).find((one) => one['id'] === group)
          ?.servers
      stage.service = anNlb({ id, 'vgroup-port': `${first}:80` })
      expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
      expect(await serversOf(first)).toHaveLength(2)
      const named = way === 'the NLB is left' ? next : id
      const change = annotations({ ...zones, id: named, 'vgroup-port': `${second}:80` })
      const isLeft = way === 'the NLB is left'
      stage.service = { ...stage.service, annotations: change, ...(isLeft ? { status: [] } : {}) }
      if (way === 'the Service goes') stage.service = { ...stage.service, deleting: true }
      expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
      expect(await serversOf(first)).toEqual([])
      expect(await serversOf(second)).toHaveLength(way === 'the Service goes' ? 0 : 2)
      expect(await stage.begin().planned()).toEqual([])
    },
  )

  test('the Service goes while its annotation names none any more: what is ours goes from the first', async () => {
    const { id = '' } = await double.byHand(made)
    stage.service = anNlb({ ...override, id })
    await stage.begin().settle()
    stage.service = { ...stage.service, annotations: annotations(zones), deleting: true }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect(await only()).toMatchObject({ id, listeners: [], serverGroups: [] })
  })
})

test('additional-resource-tags: one that is taken out goes, tags of the user stay', async () => {
  stage.service = anNlb({ 'additional-resource-tags': 'team=a,cost=b' })
  await stage.begin().settle()
  const { id, tags } = await only()
  expect(tags).toMatchObject({ team: 'a', cost: 'b' })
  await double.byHand({ product: 'nlb', what: 'tag', id, tags: { mine: 'yes' } })
  stage.service = { ...stage.service, annotations: annotations(zones) }
  await stage.begin().settle()
  expect(Object.keys((await only()).tags).toSorted()).toEqual([
    'fairlead.cluster',
    'fairlead.name',
    'fairlead.service',
    'mine',
  ])
  expect(await stage.begin().planned()).toEqual([])
})

describe('faults', () => {
  test('deleted by hand: told, and not made again', async () => {
    await stage.begin().settle()
    await double.byHand({ product: 'nlb', what: 'delete', id: (await only()).id })
    expect(await stage.begin().settle()).toMatchObject({
      problems: [{ severity: 'error', message: expect.stringContaining('deleted by hand') }],
    })
    expect((await double.state()).nlb).toEqual([])
  })

  test.each(['CreateFailed', 'Inactive'] as const)(
    '%s: told instead of waited for, and deleted with the Service',
    async (state) => {
      await stage.begin().settle()
      await double.byHand({ product: 'nlb', what: 'state', id: (await only()).id, state })
      expect(await stage.begin().settle()).toMatchObject({
        kind: 'done',
        problems: [{ severity: 'error', message: expect.stringContaining(`is ${state}`) }],
      })
      stage.service = { ...stage.service, deleting: true }
      expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
      expect((await double.ledger()).every(({ deletedAt }) => deletedAt !== undefined)).toBe(true)
    },
  )

  test('a Service with an NLB of its own that names another one keeps its own, and takes it along', async () => {
    await stage.begin().settle()
    const { id: own } = await only()
    const { status } = stage.service
    const { id = '' } = await double.byHand({ product: 'nlb', what: 'create', settings: { AddressType: 'Internet' } })
    stage.service = { ...stage.service, annotations: annotations({ ...zones, id }) }
    expect(await stage.begin().settle()).toMatchObject({
      problems: [{ severity: 'error', message: expect.stringContaining(`it cannot change to ${id}`) }],
    })
    expect(stage.service).toMatchObject({ status, labels: { 'fairlead/loadbalancer-id': own } })
    stage.service = { ...stage.service, deleting: true }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect(await only()).toMatchObject({ id })
  })

  test('pods whose network interfaces are not found: told, not waited for without a word', async () => {
    const backends = { 'service.beta.kubernetes.io/backend-type': 'eni' }
    stage.service = { ...stage.service, annotations: { ...stage.service.annotations, ...backends } }
    await stage.begin().settle()
    stage.endpoints = [anEndpoint(1, { address: '10.9.0.1' })]
    expect(await stage.begin().look()).toMatchObject({
      kind: 'failed',
      failure: { kind: 'busy', message: expect.stringContaining('10.9.0.1') },
    })
  })

  test('two leaders for a moment make one instance', async () => {
    await double.delay({ visible: 20 })
    await Promise.all([stage.begin().settle(), stage.begin().settle()])
    await stage.begin().settle()
    expect((await double.ledger()).filter(({ kind }) => kind === 'nlb')).toHaveLength(1)
    expect((await only()).listeners).toMatchObject([{ status: 'Running' }])
  })

  test('every other call takes effect without an answer', async () => {
    for (let skip = 0; skip < 12; skip += 2)
      await double.fail({ action: '(?!List|Get|Describe).*', skip, times: 1, when: 'after', how: 'reset' })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect((await only()).serverGroups).toHaveLength(1)
  })
})

test('instances and server groups of a Service that is gone are orphans', async () => {
  await stage.begin().settle()
  const { provider } = stage.begin()
  const { signal } = new AbortController()
  expect(await provider.orphans([stage.service], signal)).toEqual({ ok: true, value: [] })
  expect(await provider.orphans([], signal)).toMatchObject({
    value: [{ what: expect.stringContaining('NLB nlb-') }, { what: expect.stringContaining('server group sgp-') }],
  })
})
