import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { changingCallsOf, onlyNlb } from './look.js'
import { anNlb, annotations, createStage, ports, type Stage, zones } from './stage.js'
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

describe('source ranges: a security group (section 4, last paragraph)', () => {
  const ranges = ['10.1.2.3/8', '192.0.2.0/24']
  const rules = ['accept 1 10.0.0.0/8', 'accept 1 192.0.2.0/24', 'drop 100 0.0.0.0/0']

  test('it is there with all rules, and the NLB in it, before there is a listener', async () => {
    stage.service = anNlb({}, { sourceRanges: ranges })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    const calls = await changingCalls()
    expect(calls.slice(0, 3)).toEqual(['CreateSecurityGroup', 'AuthorizeSecurityGroup', 'CreateLoadBalancer'])
    expect(calls.indexOf('LoadBalancerJoinSecurityGroup')).toBeGreaterThan(2)
    expect(calls.indexOf('CreateListener')).toBeGreaterThan(calls.indexOf('LoadBalancerJoinSecurityGroup'))
    const { securityGroups } = await double.state()
    expect(securityGroups).toMatchObject([
      {
        name: `k8s-nlb-a${stage.service.uid.replaceAll('-', '')}`.slice(0, 40),
        rules,
        tags: { 'fairlead.service': stage.service.uid },
      },
    ])
    expect((await only())['securityGroups']).toEqual(securityGroups.map(({ id }) => id))
    await double.calls('clear')
    await stage.begin().settle()
    stage.service = { ...stage.service, labels: {} }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect(await changingCalls()).toEqual([])
  })

  test('they come, change and go: groups of the user stay', async () => {
    stage.service = anNlb({ 'security-group-ids': 'sg-user' })
    await stage.begin().settle()
    stage.service = { ...stage.service, sourceRanges: ranges }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect((await only())['securityGroups']).toHaveLength(2)
    await double.calls('clear')
    stage.service = { ...stage.service, sourceRanges: ['192.0.2.0/24', '198.51.100.0/24'] }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect(await changingCalls()).toEqual(['AuthorizeSecurityGroup', 'RevokeSecurityGroup'])
    expect((await double.state()).securityGroups).toMatchObject([
      { rules: ['accept 1 192.0.2.0/24', 'accept 1 198.51.100.0/24', 'drop 100 0.0.0.0/0'] },
    ])
    await double.calls('clear')
    stage.service = { ...stage.service, sourceRanges: [] }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect(new Set(await changingCalls())).toEqual(new Set(['LoadBalancerLeaveSecurityGroup', 'DeleteSecurityGroup']))
    expect((await only())['securityGroups']).toEqual(['sg-user'])
    expect((await double.state()).securityGroups).toEqual([])
    // The token of the first group leads to one that is gone; a controller that has just begun does not know that.
    stage.seenWithinMilliseconds = 300
    stage.service = { ...stage.service, sourceRanges: ranges }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect((await double.state()).securityGroups).toMatchObject([{ rules }])
    stage.service = {
      ...stage.service,
      sourceRanges: [],
      annotations: annotations({ ...zones, 'security-group-ids': '' }),
    }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    expect(await only()).toMatchObject({ securityGroups: [] })
  })

  test('after an NLB that was deleted by hand the next one is open to all at no moment', async () => {
    stage.service = anNlb({}, { sourceRanges: ranges })
    await stage.begin().settle()
    await double.byHand({ product: 'nlb', what: 'delete', id: (await only()).id })
    stage.seenWithinMilliseconds = 300
    // The label with the hash stays, as with a Service that is made anew from what was saved of it.
    stage.service = { ...stage.service, status: [] }
    await double.calls('clear')
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    const calls = await changingCalls()
    expect(calls).toContain('LoadBalancerJoinSecurityGroup')
    expect(calls.indexOf('CreateListener')).toBeGreaterThan(calls.indexOf('LoadBalancerJoinSecurityGroup'))
    const { securityGroups } = await double.state()
    expect(securityGroups).toMatchObject([{ rules }])
    expect((await only())['securityGroups']).toEqual(securityGroups.map(({ id }) => id))
  })

  test('all four that there is room for are others: it is in one at every moment', async () => {
    const groupsOf = (at: number): string => [0, 1, 2, 3].map((one) => `sg-${at + one}`).join()
    stage.service = anNlb({ 'security-group-ids': groupsOf(10) })
    await stage.begin().settle()
    await double.calls('clear')
    stage.service = { ...stage.service, annotations: annotations({ ...zones, 'security-group-ids': groupsOf(20) }) }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    const counts = [4]
    for (const { action, parameters, result } of await double.calls()) {
      const way = { LoadBalancerJoinSecurityGroup: 1, LoadBalancerLeaveSecurityGroup: -1 }[action]
      const named = Object.keys(parameters).filter((name) => name.startsWith('SecurityGroupIds.'))
      if (way !== undefined && result === 'ok') counts.push((counts.at(-1) ?? 0) + way * named.length)
    }
    expect(counts.length).toBeGreaterThan(2)
    expect(Math.min(...counts)).toBeGreaterThan(0)
    expect((await only())['securityGroups']).toEqual(groupsOf(20).split(','))
  })

  test('of a Service whose finalizer somebody took off it goes too', async () => {
    stage.service = anNlb({}, { sourceRanges: ranges })
    await stage.begin().settle()
    expect(await stage.begin().settle('vanished')).toMatchObject({ kind: 'done' })
    expect((await double.ledger()).every(({ deletedAt }) => deletedAt !== undefined)).toBe(true)
  })

  test('deleted with the instance, or kept with it', async () => {
    stage.service = anNlb({}, { sourceRanges: ranges, ipFamilies: ['IPv4', 'IPv6'] })
    await stage.begin().settle()
    stage.service = { ...stage.service, deleting: true }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect((await double.ledger()).every(({ deletedAt }) => deletedAt !== undefined)).toBe(true)
    stage.service = anNlb(
      { 'preserve-lb-on-delete': '', 'ip-version': 'DualStack' },
      { sourceRanges: ['2001:db8::/32'] },
    )
    await stage.begin().settle()
    stage.service = { ...stage.service, deleting: true }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    const { securityGroups } = await double.state()
    expect(securityGroups).toMatchObject([{ rules: ['accept 1 2001:db8::/32', 'drop 100 0.0.0.0/0', 'drop 100 ::/0'] }])
    expect(securityGroups.map(({ tags }) => tags)).toEqual([{}])
    expect((await only())['securityGroups']).toHaveLength(1)
  })

  test('kept without our tags, also where the Service vanished while it was in order', async () => {
    stage.service = anNlb({ 'preserve-lb-on-delete': '' }, { sourceRanges: ranges })
    await stage.begin().settle()
    expect(await stage.begin().settle('vanished')).toMatchObject({ kind: 'done' })
    const { securityGroups } = await double.state()
    expect(securityGroups.map((one) => one['tags'])).toEqual([{}])
    expect(securityGroups).toMatchObject([{ rules }])
    expect((await only())['securityGroups']).toHaveLength(1)
    expect((await only()).tags).toEqual({})
  })

  test('those of a Service that is gone are orphans', async () => {
    stage.service = anNlb({}, { sourceRanges: ranges })
    await stage.begin().settle()
    const { provider } = stage.begin()
    const { signal } = new AbortController()
    expect(await provider.orphans([stage.service], signal)).toEqual({ ok: true, value: [] })
    const found = await provider.orphans([], signal)
    expect(found).toMatchObject({
      value: expect.arrayContaining([{ what: expect.stringMatching(/^security group sg-/), service: 'shop/front' }]),
    })
  })

  test('refused: what is no range, and an NLB of the user', async () => {
    stage.service = anNlb({}, { sourceRanges: ['10.0.0.0/8', '10.0.0/8'] })
    expect(await stage.begin().settle()).toMatchObject({
      problems: [{ severity: 'error', message: expect.stringContaining('"10.0.0/8" is no range') }],
    })
    const { id = '' } = await double.byHand({ product: 'nlb', what: 'create', settings: { AddressType: 'Internet' } })
    stage.service = anNlb({ id, 'force-override-listeners': 'true' }, { sourceRanges: ranges })
    expect(await stage.begin().settle()).toMatchObject({ problems: [{ reason: 'FeatureNotSupported' }] })
    expect(await changingCalls()).toEqual([])
  })

  test('where ECS cannot be reached an NLB that may be in a group of ours waits, and others are made, changed and deleted', async () => {
    stage.service = anNlb({}, { sourceRanges: ranges })
    await stage.begin().settle()
    await double.fail({ action: '.*SecurityGroups?', times: 1_000_000, how: 'reset' })
    stage.service = { ...stage.service, sourceRanges: [] }
    expect(await stage.begin().look()).toMatchObject({ kind: 'failed', failure: { kind: 'busy' } })
    stage.service = anNlb({ 'security-group-ids': '' }, { name: 'other' })
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    stage.service = { ...stage.service, ports: ports(80, 443) }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
    stage.service = { ...stage.service, deleting: true }
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done' })
    expect((await double.state()).nlb).toHaveLength(1)
  })

  test('without rights for ECS an NLB with ranges is not made, and others are', async () => {
    await double.fail({ action: '.*SecurityGroups?', times: 50, how: { status: 403, code: 'Forbidden.RAM' } })
    stage.service = anNlb({}, { sourceRanges: ranges })
    expect(await stage.begin().look()).toMatchObject({ kind: 'failed', failure: { kind: 'slow' } })
    expect((await double.state()).nlb).toEqual([])
    stage.service = anNlb()
    expect(await stage.begin().settle()).toMatchObject({ kind: 'done', problems: [] })
  })
})
