import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { changingCallsOf, onlyClb } from './look.js'
import { annotations, aService, createStage, nodes, ports, type Stage } from './stage.js'
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

describe('an instance of the user (section 2.3)', () => {
  test('without override listeners are the user’s; groups are filled', async () => {
    const { id = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
    await double.byHand({ what: 'listener', id, protocol: 'tcp', port: 9000, settings: { Description: 'mine' } })
    stage.service = aService({ annotations: annotations({ id }) })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    const before = await only()
    expect(before.listeners).toHaveLength(1)
    expect(before.groups.map(({ name }) => name)).toEqual(['k8s/80/front/shop/c1'])
    stage.service = { ...stage.service, deleting: true }
    await stage.begin().settle()
    expect(await only()).toMatchObject({ groups: [], listeners: [{ port: 9000 }], tags: {} })
  })

  test('with override its listener on our port is overwritten, others stay', async () => {
    const { id = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
    await double.byHand({ what: 'listener', id, protocol: 'http', port: 80, settings: { Description: 'mine' } })
    await double.byHand({ what: 'listener', id, protocol: 'tcp', port: 9000, settings: { Description: 'mine' } })
    stage.service = aService({ annotations: annotations({ id, 'force-override-listeners': 'true' }) })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect((await only()).listeners).toMatchObject([
      { port: 80, protocol: 'tcp', status: 'running', settings: { Description: 'k8s/80/front/shop/c1' } },
      { port: 9000, settings: { Description: 'mine' } },
    ])
    stage.service = { ...stage.service, deleting: true }
    await stage.begin().settle()
    expect((await only()).listeners).toMatchObject([{ port: 9000 }])
  })

  test('without override: a group of ours whose port went goes too; one that a listener of the user uses stays, empty', async () => {
    const { id = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
    stage.service = aService({ ports: ports(80, 443, 8443), annotations: annotations({ id }) })
    await stage.begin().settle()
    const used = (await only()).groups.find(({ name }) => name.startsWith('k8s/443/'))?.id ?? ''
    const settings = { Description: 'mine', VServerGroupId: used }
    await double.byHand({ what: 'listener', id, protocol: 'tcp', port: 443, settings })
    stage.service = { ...stage.service, ports: ports(80) }
    expect(await stage.begin().settle()).toMatchObject({
      kind: 'done',
      problems: [{ severity: 'warning', message: expect.stringContaining(`${used} was made for this Service`) }],
    })
    const one = await only()
    expect(one.groups).toMatchObject([
      { id: used, servers: [] },
      { name: 'k8s/80/front/shop/c1', servers: [{}, {}] },
    ])
    expect(one.listeners).toMatchObject([{ port: 443, settings }])
    expect(await stage.begin().planned()).toEqual([])
  })

  test('a group of the user is shared: only our servers are touched', async () => {
    const { id = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
    const { id: group = '' } = await double.byHand({ what: 'group', id, name: 'mine' })
    stage.service = aService({ annotations: annotations({ id, 'vgroup-port': `${group}:80`, weight: '60' }) })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    const one = await only()
    expect(one.groups).toMatchObject([{ name: 'mine', servers: [{ Weight: 30 }, { Weight: 30 }] }])
    stage.service = { ...stage.service, deleting: true }
    await stage.begin().settle()
    expect((await only()).groups).toMatchObject([{ name: 'mine', servers: [] }])
  })

  test.each([
    ['one that there is not', { id: 'lb-nowhere' }, 'There is no CLB lb-nowhere'],
    ['one of another VPC', { settings: { VpcId: 'vpc-2' } }, 'is in the VPC vpc-2'],
    ['one that a controller made', { tags: { 'kubernetes.do.not.delete': 'a1' } }, 'created by a controller'],
    ['one of another type', { settings: { AddressType: 'intranet' }, type: 'internet' }, 'is of type intranet'],
  ])(
    'refused: %s',
    async (_, given: {
      id?: string
      settings?: Record<string, string>
      tags?: Record<string, string>
      type?: string
    }, message) => {
      const made = await double.byHand({ what: 'create', settings: given.settings ?? {}, tags: given.tags ?? {} })
      const id = given.id ?? made['id'] ?? ''
      stage.service = aService({
        annotations: annotations({ id, ...(given.type === undefined ? {} : { 'address-type': given.type }) }),
      })
      const outcome = await stage.begin().settle()
      expect(outcome).toMatchObject({
        kind: 'done',
        problems: [{ severity: 'error', message: expect.stringContaining(message) }],
      })
      expect(await changingCalls()).toEqual([])
    },
  )

  test('a Service with a CLB of its own that names another one keeps its own, and takes it along', async () => {
    const { id = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
    stage.service = aService()
    await stage.begin().settle()
    const { status, labels } = stage.service
    const own = labels['fairlead/loadbalancer-id'] ?? ''
    stage.service = { ...stage.service, annotations: annotations({ id }) }
    stage.nodes = nodes(3)
    expect(await stage.begin().settle()).toMatchObject({
      problems: [{ severity: 'error', message: expect.stringContaining(`it cannot change to ${id}`) }],
    })
    expect(stage.service.status).toEqual(status)
    expect(stage.service.labels['fairlead/loadbalancer-id']).toBe(own)
    const found = (await double.state()).clb
    expect(found.find((one) => one.id === own)?.groups).toMatchObject([{ servers: [{}, {}, {}] }])
    expect(found.find((one) => one.id === id)).toMatchObject({ groups: [], listeners: [] })
    stage.service = { ...stage.service, deleting: true }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect(await only()).toMatchObject({ id })
  })

  test('refused to change to another instance: also at the second look, and its address stays', async () => {
    const { id: first = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
    const { id: second = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
    stage.service = aService({ annotations: annotations({ id: first }) })
    await stage.begin().settle()
    const { status } = stage.service
    stage.service = { ...stage.service, annotations: annotations({ id: second }) }
    for (const _ of ['first look', 'second look'])
      expect(await stage.begin().settle()).toMatchObject({
        problems: [{ severity: 'error', message: expect.stringContaining(`it cannot change to ${second}`) }],
      })
    expect(stage.service).toMatchObject({ status, labels: { 'fairlead/loadbalancer-id': first } })
    expect((await double.state()).clb.find(({ id }) => id === second)?.groups).toEqual([])
  })

  test.each(['to another one', 'to one of its own'])(
    'it leaves the instance of a user %s: refused while it has an address; then what is ours goes from the first',
    async (way) => {
      const mine = { protocol: 'tcp', port: 9000, settings: { Description: 'mine' } } as const
      const { id: first = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
      await double.byHand({ what: 'listener', id: first, ...mine })
      const { id: second = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
      const override = { 'force-override-listeners': 'true' }
      stage.service = aService({ annotations: annotations({ ...override, id: first }) })
      await stage.begin().settle()
      const { status } = stage.service
      const other = way === 'to another one' ? { ...override, id: second } : {}
      stage.service = { ...stage.service, annotations: annotations(other) }
      stage.nodes = nodes(3)
      expect(await stage.begin().settle()).toMatchObject({ problems: [{ severity: 'error' }] })
      expect(stage.service).toMatchObject({ status, labels: { 'fairlead/loadbalancer-id': first } })
      const stateOf = async (id: string) => (await double.state()).clb.find((one) => one.id === id)
      // Who has its address is served as before.
      expect(await stateOf(first)).toMatchObject({ listeners: [{}, {}], groups: [{ servers: [{}, {}, {}] }] })
      expect((await double.state()).clb).toHaveLength(2)
      stage.service = { ...stage.service, status: [] }
      expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
      const now = stage.service.labels['fairlead/loadbalancer-id'] ?? ''
      expect(now === second).toBe(way === 'to another one')
      expect(await stateOf(first)).toMatchObject({ listeners: [mine], groups: [], tags: {} })
      expect(await stateOf(now)).toMatchObject({
        listeners: [{ port: 80, status: 'running' }],
        groups: [{ servers: [{}, {}, {}] }],
      })
      expect(await stage.begin().planned()).toEqual([])
    },
  )

  test('a group of the user on the instance that it leaves keeps only servers of the user', async () => {
    const { id = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
    const { id: group = '' } = await double.byHand({ what: 'group', id, name: 'mine' })
    stage.service = aService({ annotations: annotations({ id, 'vgroup-port': `${group}:80` }) })
    await stage.begin().settle()
    const serversOf = async () =>
      (await double.state()).clb.find((one) => one.id === id)?.groups.find((one) => one.id === group)?.servers
    expect(await serversOf()).toHaveLength(2)
    stage.service = { ...stage.service, annotations: {}, status: [] }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect(await serversOf()).toEqual([])
  })

  test('a group of ours on the instance that it leaves, which a listener of the user uses: told that it is not deleted', async () => {
    const { id = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
    stage.service = aService({ annotations: annotations({ id, 'force-override-listeners': 'true' }) })
    await stage.begin().settle()
    const here = async () => (await double.state()).clb.find((one) => one.id === id)
    const used = (await here())?.groups[0]?.id ?? ''
    const settings = { VServerGroupId: used, Description: 'mine' }
    await double.byHand({ what: 'listener', id, protocol: 'tcp', port: 9000, settings })
    stage.service = { ...stage.service, annotations: {}, status: [] }
    expect(await stage.begin().settle()).toMatchObject({
      kind: 'done',
      problems: [{ severity: 'warning', message: expect.stringContaining('delete it by hand when that is gone') }],
    })
    expect(await here()).toMatchObject({ groups: [{ id: used, servers: [] }], listeners: [{ port: 9000 }] })
  })

  test.each(['another group is named', 'the Service goes meanwhile'])(
    'a group of the user that was named keeps only servers of the user: %s',
    async (way) => {
      const { id = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
      const { id: first = '' } = await double.byHand({ what: 'group', id, name: 'one' })
      const { id: second = '' } = await double.byHand({ what: 'group', id, name: 'two' })
      const serversOf = async (group: string) =>
        (await double.state()).clb.find((one) => one.id === id)?.groups.find((one) => one.id === group)?.servers
      stage.service = aService({ annotations: annotations({ id, 'vgroup-port': `${first}:80` }) })
      await stage.begin().settle()
      expect(await serversOf(first)).toHaveLength(2)
      const deleting = way === 'the Service goes meanwhile'
      const change = annotations({ id, 'vgroup-port': `${second}:80` })
      stage.service = { ...stage.service, annotations: change, deleting }
      expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
      expect(await serversOf(first)).toEqual([])
      expect(await serversOf(second)).toHaveLength(deleting ? 0 : 2)
    },
  )

  test('the Service goes while its annotation names another instance, or none: what is ours goes from the first', async () => {
    const { id = '' } = await double.byHand({ what: 'create', settings: { AddressType: 'internet' } })
    stage.service = aService({ annotations: annotations({ id, 'force-override-listeners': 'true' }) })
    await stage.begin().settle()
    stage.service = { ...stage.service, annotations: annotations({ id: 'lb-nowhere' }), deleting: true }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect(await only()).toMatchObject({ id, listeners: [], groups: [] })
    expect(stage.service.finalizers).toEqual([])
  })

  test('an instance of another Service is not touched, whatever a copied label says', async () => {
    const first = aService({ name: 'a' })
    stage.service = first
    await stage.begin().settle()
    const before = await only()
    const { labels } = stage.service
    stage.service = aService({ name: 'a', namespace: 'shop', labels, deleting: true })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect(await only()).toEqual(before)
  })

  test('two Services on one port of an instance: the second is told whose it is', async () => {
    const { id = '' } = await double.byHand({ what: 'create', settings: {} })
    const shared = annotations({ id, 'force-override-listeners': 'true' })
    const first = aService({ name: 'a', annotations: shared })
    stage.service = first
    await stage.begin().settle()
    stage.others = [first]
    stage.service = aService({ name: 'b', annotations: shared })
    expect(await stage.begin().settle()).toMatchObject({
      problems: [{ message: expect.stringContaining('belongs to the Service shop/a') }],
    })
    expect((await only()).listeners).toMatchObject([{ settings: { Description: 'k8s/80/a/shop/c1' } }])
  })
})
