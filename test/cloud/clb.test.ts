import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { changingCallsOf, onlyClb } from './look.js'
import { aNode, anEndpoint, annotations, aService, createStage, facts, nodes, ports, type Stage } from './stage.js'
import { type Double, startDouble } from './start.js'

let double: Double
let stage: Stage

beforeAll(async () => {
  double = await startDouble()
})
afterAll(() => double.stop())
beforeEach(async () => {
  await double.reset()
  stage = createStage(double)
})
afterEach(() => stage.close())

const changingCalls = () => changingCallsOf(double)
const only = () => onlyClb(double)

describe('a Service gets its CLB (loadbalancer.md sections 2.2, 2.4, 6.7)', () => {
  test('created, with groups, servers and started listeners, and the address in the status', async () => {
    stage.service = aService({ ports: ports(80, 443) })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    const one = await only()
    expect(one).toMatchObject({
      AddressType: 'internet',
      InternetChargeType: 'paybytraffic',
      InstanceChargeType: 'PayByCLCU',
      DeleteProtection: 'on',
      ModificationProtectionStatus: 'ConsoleProtection',
      ModificationProtectionReason: 'managed.by.ack',
      LoadBalancerName: `a${stage.service.uid.replaceAll('-', '')}`.slice(0, 32),
      tags: { 'fairlead.service': stage.service.uid, 'fairlead.cluster': 'c1', 'fairlead.name': 'shop/front' },
    })
    expect(one.listeners.map(({ port, status }) => [port, status])).toEqual([
      [80, 'running'],
      [443, 'running'],
    ])
    expect(one.groups.map(({ name }) => name)).toEqual(['k8s/443/front/shop/c1', 'k8s/80/front/shop/c1'])
    expect(one.groups[1]?.servers).toEqual([
      { ServerId: 'i-1', ServerIp: '', Port: 30_080, Type: 'ecs', Weight: 100, Description: 'k8s/80/front/shop/c1' },
      { ServerId: 'i-2', ServerIp: '', Port: 30_080, Type: 'ecs', Weight: 100, Description: 'k8s/80/front/shop/c1' },
    ])
    expect(stage.service.status).toEqual([{ ip: one['Address'], ipMode: 'VIP' }])
    expect(stage.service.labels['fairlead/loadbalancer-id']).toBe(one.id)
    expect(stage.events.at(-1)?.reason).toBe('EnsuredLoadBalancer')
    expect(await changingCalls()).toEqual([
      'CreateLoadBalancer',
      'CreateVServerGroup',
      'AddVServerGroupBackendServers',
      'CreateVServerGroup',
      'AddVServerGroupBackendServers',
      'CreateLoadBalancerTCPListener',
      'StartLoadBalancerListener',
      'CreateLoadBalancerTCPListener',
      'StartLoadBalancerListener',
    ])
  })

  test('looked at again while the list of groups does not show them yet, none is made a second time', async () => {
    await double.delay({ looks: 3 })
    stage.service = aService({ ports: ports(80, 443) })
    stage.nodes = []
    const { settle } = stage.begin()
    await settle()
    stage.nodes = nodes(1)
    stage.service = { ...stage.service, labels: {} }
    expect(await settle()).toMatchObject({ kind: 'done' })
    const one = await only()
    expect(one.groups.map(({ servers }) => servers.length)).toEqual([1, 1])
    expect((await changingCalls()).filter((action) => action === 'CreateVServerGroup')).toHaveLength(2)
  })

  test('looked at again by a new controller, with the hash and without it, nothing is changed', async () => {
    await stage.begin().settle()
    await double.calls('clear')
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    stage.service = { ...stage.service, labels: {} }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect(await changingCalls()).toEqual([])
  })

  test('deleted with it: protections off, then the instance; nothing is left', async () => {
    await stage.begin().settle()
    await double.calls('clear')
    stage.service = { ...stage.service, deleting: true }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect(await changingCalls()).toEqual([
      'SetLoadBalancerModificationProtection',
      'SetLoadBalancerDeleteProtection',
      'DeleteLoadBalancer',
    ])
    expect((await double.ledger()).every(({ deletedAt }) => deletedAt !== undefined)).toBe(true)
    expect(stage.service.finalizers).toEqual([])
  })

  test('the type changes away and returns: another instance, with another token', async () => {
    const controller = stage.begin()
    await controller.settle()
    stage.service = { ...stage.service, type: 'ClusterIP' }
    await controller.settle()
    expect(stage.service.status).toEqual([])
    stage.service = { ...stage.service, type: 'LoadBalancer' }
    expect(await controller.settle()).toMatchObject({ kind: 'done', problems: [] })
    expect((await double.ledger()).filter(({ kind }) => kind === 'clb')).toMatchObject([
      { deletedAt: expect.any(Number) },
      {},
    ])
    await only()
  })

  test('a restarted controller finds out that the token leads to an instance that is gone', async () => {
    stage.seenWithinMilliseconds = 300
    await stage.begin().settle()
    stage.service = { ...stage.service, type: 'ClusterIP' }
    await stage.begin().settle()
    stage.service = { ...stage.service, type: 'LoadBalancer' }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    await only()
  })

  test('additional-resource-tags: one that is taken out goes, tags of the user stay', async () => {
    stage.service = aService({ annotations: annotations({ 'additional-resource-tags': 'team=a,cost=b' }) })
    await stage.begin().settle()
    const { id, tags } = await only()
    expect(tags).toMatchObject({ team: 'a', cost: 'b', 'fairlead.service': stage.service.uid })
    await double.byHand({ what: 'tag', id, tags: { mine: 'yes' } })
    stage.service = { ...stage.service, annotations: annotations({ 'additional-resource-tags': 'cost=c' }) }
    await stage.begin().settle()
    expect((await only()).tags).toMatchObject({ cost: 'c', mine: 'yes' })
    expect((await only()).tags).not.toHaveProperty('team')
    stage.service = { ...stage.service, annotations: {} }
    await stage.begin().settle()
    expect(Object.keys((await only()).tags).toSorted()).toEqual([
      'fairlead.cluster',
      'fairlead.name',
      'fairlead.service',
      'mine',
    ])
    expect(await stage.begin().planned()).toEqual([])
  })

  test('preserve-lb-on-delete: untagged, unprotected, kept', async () => {
    stage.service = aService({ annotations: annotations({ 'preserve-lb-on-delete': '' }) })
    await stage.begin().settle()
    stage.service = { ...stage.service, deleting: true }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect(await only()).toMatchObject({
      tags: {},
      DeleteProtection: 'off',
      ModificationProtectionStatus: 'NonProtection',
    })
  })

  test('source ranges that a CLB does not keep are told, unless an access list is on', async () => {
    stage.service = aService({ sourceRanges: ['10.0.0.0/8'] })
    expect(await stage.begin().settle()).toMatchObject({
      kind: 'done',
      problems: [{ severity: 'warning', reason: 'FeatureNotSupported', field: 'spec.loadBalancerSourceRanges' }],
    })
    const acl = { 'acl-status': 'on', 'acl-id': 'acl-1', 'acl-type': 'white' }
    stage.service = { ...stage.service, annotations: annotations(acl) }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
  })
})

describe('backends (section 2.4)', () => {
  test('batches of 20: those that come are added before those that go are removed', async () => {
    stage.nodes = nodes(45)
    await stage.begin().settle()
    expect((await only()).groups[0]?.servers).toHaveLength(45)
    await double.calls('clear')
    stage.nodes = Array.from({ length: 45 }, (_, at) => aNode(at + 31))
    await stage.begin().settle()
    expect(await changingCalls()).toEqual([
      'AddVServerGroupBackendServers',
      'AddVServerGroupBackendServers',
      'RemoveVServerGroupBackendServers',
      'RemoveVServerGroupBackendServers',
    ])
    const ids = (await only()).groups[0]?.servers.map(({ ServerId }) => ServerId)
    expect(new Set(ids)).toEqual(new Set(Array.from({ length: 45 }, (_, at) => `i-${at + 31}`)))
  })

  test('where there is no room for more, those that go make it', async () => {
    stage.nodes = nodes(195)
    await stage.begin().settle()
    stage.nodes = Array.from({ length: 195 }, (_, at) => aNode(at + 11))
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect((await only()).groups[0]?.servers).toHaveLength(195)
  })

  test('pods whose network interfaces are not found: told, not waited for without a word', async () => {
    stage.service = aService({ annotations: { 'service.beta.kubernetes.io/backend-type': 'eni' } })
    await stage.begin().settle()
    stage.endpoints = [anEndpoint(1, { address: '10.9.0.1' })]
    expect(await stage.begin().look()).toMatchObject({
      kind: 'failed',
      failure: { kind: 'busy', message: expect.stringContaining('10.9.0.1') },
    })
  })

  test('pods with addresses of IPv6: the interface is found by them, whatever form the cloud writes them in', async () => {
    const eni = { 'service.beta.kubernetes.io/backend-type': 'eni' }
    stage.service = aService({ annotations: { ...eni, ...annotations({ 'backend-ip-version': 'ipv6' }) } })
    stage.endpoints = [anEndpoint(1), anEndpoint(2, { address: 'fd00::ab:1' })]
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect((await only()).groups).toMatchObject([{ servers: [{ ServerId: 'eni-fd00--ab-1', ServerIp: 'fd00::ab:1' }] }])
    expect(await stage.begin().planned()).toEqual([])
  })
})

describe('no address left in a VSwitch (section 6.6)', () => {
  const intranet = { 'address-type': 'intranet' }

  test('the next one, where the user named none; then what there is stays where it is', async () => {
    await double.byHand({ what: 'full', id: 'vsw-1' })
    stage.service = aService({ annotations: annotations(intranet) })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect(await only()).toMatchObject({ VSwitchId: 'vsw-2' })
    await double.byHand({ what: 'room', id: 'vsw-1' })
    stage.service = { ...stage.service, labels: {} }
    await double.calls('clear')
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect(await changingCalls()).toEqual([])
  })

  test('made in the second, killed, and the first has room again before it is seen: no other is made', async () => {
    await double.delay({ looks: 3 })
    await double.byHand({ what: 'full', id: 'vsw-1' })
    stage.service = aService({ annotations: annotations(intranet) })
    let calls = 0
    const second = ({ action }: { readonly action: string }) =>
      action === 'CreateLoadBalancer' && (calls += 1) === 2 ? ('die after' as const) : ('go' as const)
    expect(await stage.begin(second).settle()).toEqual({ kind: 'died' })
    await double.byHand({ what: 'room', id: 'vsw-1' })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect(await only()).toMatchObject({ VSwitchId: 'vsw-2' })
    expect((await double.ledger()).filter(({ kind }) => kind === 'clb')).toHaveLength(1)
  })

  test('the one that the user named, or all: an event says which', async () => {
    await double.byHand({ what: 'full', id: 'vsw-1' })
    stage.service = aService({ annotations: annotations({ ...intranet, 'vswitch-id': 'vsw-1' }) })
    const named = { kind: 'failed', failure: { kind: 'other', message: expect.stringContaining('in vsw-1: ') } }
    expect(await stage.begin().look()).toMatchObject(named)
    expect(await changingCalls()).toEqual(['CreateLoadBalancer'])
    await double.byHand({ what: 'full', id: 'vsw-2' })
    stage.service = aService({ annotations: annotations(intranet) })
    const all = {
      kind: 'failed',
      failure: { kind: 'other', message: expect.stringContaining('in vsw-1, else vsw-2: ') },
    }
    expect(await stage.begin().look()).toMatchObject(all)
    expect((await double.state()).clb).toEqual([])
  })

  test('where none is known the annotation is asked for', async () => {
    stage.service = aService({ annotations: annotations(intranet) })
    expect(await stage.begin(() => 'go', { vswitches: [] }).settle()).toMatchObject({
      problems: [{ severity: 'error', message: expect.stringContaining('--alibaba-vswitch-id') }],
    })
    expect(await changingCalls()).toEqual([])
  })
})

describe('faults', () => {
  test('an instance that was deleted by hand is not made again before the status is emptied', async () => {
    stage.seenWithinMilliseconds = 300
    await stage.begin().settle()
    const { id } = await only()
    await double.byHand({ what: 'delete', id })
    const controller = stage.begin()
    expect(await controller.settle()).toMatchObject({
      problems: [{ severity: 'error', message: expect.stringContaining('deleted by hand') }],
    })
    expect((await double.state()).clb).toEqual([])
    stage.service = { ...stage.service, status: [], labels: {} }
    expect(await controller.settle()).toMatchObject({ kind: 'done', problems: [] })
    await only()
  })

  test('two leaders for a moment make one instance, and leave one of everything', async () => {
    await double.delay({ visible: 20 })
    await Promise.all([stage.begin().settle(), stage.begin().settle()])
    await new Promise((resolve) => setTimeout(resolve, 30))
    await stage.begin().settle()
    const one = await only()
    expect(one.groups).toHaveLength(1)
    expect(one.listeners).toMatchObject([{ port: 80, status: 'running' }])
    expect((await double.ledger()).filter(({ kind }) => kind === 'clb')).toHaveLength(1)
  })

  test.each([
    ['Throttling', 'busy'],
    ['OperationBusy', 'busy'],
    ['ORDER.ARREARAGE', 'slow'],
    ['Forbidden.RAM', 'slow'],
    ['ORDER.QUOTA_EXCEEDED', 'other'],
    ['VSwitchAvailableIpNotExist', 'other'],
  ])('%s while creating: %s, and it goes on when that is over', async (code, kind) => {
    await double.fail({ action: 'CreateLoadBalancer', times: 50, how: { status: 400, code } })
    const controller = stage.begin()
    expect(await controller.look()).toMatchObject({ kind: 'failed', failure: { kind } })
    await double.noFaults()
    expect(await controller.settle()).toMatchObject({ kind: 'done', problems: [] })
    await only()
  })

  test('every call once takes effect without an answer', async () => {
    stage.service = aService({ ports: ports(80, 443) })
    await double.fail({ action: '(?!Describe).*', skip: 0, times: 1, when: 'after', how: 'reset' })
    for (let skip = 1; skip < 10; skip += 1)
      await double.fail({ action: '(?!Describe).*', skip, times: 1, when: 'after', how: 'reset' })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    const one = await only()
    expect(one.groups).toHaveLength(2)
    expect(one.listeners).toMatchObject([{ status: 'running' }, { status: 'running' }])
  })
})

test('an instance of a Service that is gone is an orphan', async () => {
  await stage.begin().settle()
  const { id } = await only()
  const { provider } = stage.begin()
  const signal = new AbortController().signal
  expect(await provider.orphans([stage.service], signal)).toEqual({ ok: true, value: [] })
  expect(await provider.orphans([], signal)).toEqual({
    ok: true,
    value: [{ what: `CLB ${id}`, service: 'shop/front' }],
  })
  expect(facts.cluster).toBe('c1')
})
