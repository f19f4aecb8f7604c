import { describe, expect, it } from 'vitest'
import type { PublishedAddress } from '../../snapshot/objects.js'
import { inStatusOrder, publishedAddress, sameAddresses, statusEntries } from './addresses.js'
import { parseNodeAddresses, parseOwnPod, parsePods, parsePublishService } from './parse-source.js'
import { judgeStatus, SETTLE_MILLISECONDS } from './pending.js'
import {
  addressesOfNodes,
  addressesOfService,
  countOthers,
  nodesOf,
  statusSourceOf,
  type StatusFlags,
} from './source.js'

const ip = (text: string): PublishedAddress => ({ ip: text, hostname: '' })
const hostname = (text: string): PublishedAddress => ({ ip: '', hostname: text })
const noFlags: StatusFlags = { publishStatusAddress: '', publishService: '', reportNodeInternalIpAddress: false }

describe('STA-4: the form of an address', () => {
  it.each([
    ['192.0.2.1', ip('192.0.2.1')],
    ['2001:db8::1', ip('2001:db8::1')],
    ['lb.example.com', hostname('lb.example.com')],
    ['192.0.2', hostname('192.0.2')],
    ['0300.0.2.1', hostname('0300.0.2.1')],
  ])('%s', (text, expected) => {
    expect(publishedAddress(text)).toEqual(expected)
  })

  it('is sorted, each once, without empty ones', () => {
    const mixed = [hostname('b'), ip('192.0.2.2'), ip('192.0.2.10'), hostname('a'), ip('192.0.2.2'), ip('')]
    const order = [ip('192.0.2.10'), ip('192.0.2.2'), hostname('a'), hostname('b')]
    expect(inStatusOrder(mixed)).toEqual(order)
    expect(inStatusOrder(mixed.toReversed())).toEqual(order)
    expect(statusEntries(order)[0]).toEqual({ ip: '192.0.2.10' })
  })

  it.each([
    [[], [], true],
    [[ip('192.0.2.1'), hostname('a')], [hostname('a'), ip('192.0.2.1')], true],
    [[ip('192.0.2.1')], [], false],
    [[ip('192.0.2.1')], [ip('192.0.2.2')], false],
    [[ip('192.0.2.1')], [hostname('192.0.2.1')], false],
    [[ip('192.0.2.1'), ip('192.0.2.1')], [ip('192.0.2.1'), ip('192.0.2.2')], false],
  ])('%j and %j: %s', (a, b, same) => {
    expect(sameAddresses(a, b)).toBe(same)
    expect(sameAddresses(b, a)).toBe(same)
  })
})

describe('STA-2: where addresses come from', () => {
  it.each([
    [
      { publishStatusAddress: 'b.example.com, 192.0.2.1,,' },
      { kind: 'fixed', addresses: [ip('192.0.2.1'), hostname('b.example.com')] },
    ],
    [{ publishService: 'ingress/lb' }, { kind: 'service', namespace: 'ingress', name: 'lb' }],
    [{}, { kind: 'nodes', prefer: 'external' }],
    [{ reportNodeInternalIpAddress: true }, { kind: 'nodes', prefer: 'internal' }],
  ])('%j', (flags, source) => {
    expect(statusSourceOf({ ...noFlags, ...flags })).toEqual({ ok: true, source })
  })

  it.each([
    [{ publishStatusAddress: '192.0.2.1', publishService: 'a/b' }, 'exclude each other'],
    [{ publishStatusAddress: ' , ' }, 'holds no address'],
    [{ publishService: 'lb' }, 'expected namespace/name'],
    [{ publishService: '/lb' }, 'expected namespace/name'],
    [{ publishService: 'a/b/c' }, 'expected namespace/name'],
  ])('FLG-2: not %j', (flags, sentence) => {
    expect(statusSourceOf({ ...noFlags, ...flags })).toMatchObject({
      ok: false,
      message: expect.stringContaining(sentence),
    })
  })
})

describe('STA-3: by type of the Service', () => {
  const spec = { clusterIP: '10.0.0.1', externalName: 'lb.example.com', externalIPs: ['192.0.2.9'] }
  const status = {
    loadBalancer: { ingress: [{ hostname: 'cloud.example.com', ports: [{ port: 80 }] }, { ip: '192.0.2.1' }] },
  }
  it.each([
    ['LoadBalancer', spec, [ip('192.0.2.1'), ip('192.0.2.9'), hostname('cloud.example.com')]],
    ['NodePort', spec, [ip('192.0.2.9')]],
    ['NodePort', { ...spec, externalIPs: [] }, [ip('10.0.0.1')]],
    ['ClusterIP', spec, [ip('10.0.0.1')]],
    ['ClusterIP', { ...spec, clusterIP: 'None' }, []],
    ['ExternalName', spec, [hostname('lb.example.com')]],
  ])('%s %j', (type, fields, expected) => {
    expect(addressesOfService(parsePublishService({ spec: { type, ...fields }, status }))).toEqual(expected)
  })

  it.each([undefined, null, 'x', [], {}, { spec: [], status: 7 }, { spec: { externalIPs: 'x' } }])(
    'an answer that is no Service has no address: %j',
    (raw) => {
      expect(addressesOfService(parsePublishService(raw))).toEqual([])
    },
  )
})

describe('STA-2: the nodes of Ready controller pods', () => {
  const pod = (name: string, nodeName: string, phase = 'Running', ready = 'True'): object => ({
    metadata: { name },
    spec: { nodeName },
    status: { phase, conditions: [{ type: 'Ready', status: ready }] },
  })

  it('counts pods that run and are Ready, each node once', () => {
    const items = [
      pod('a', 'n2'),
      pod('b', 'n1'),
      pod('c', 'n1'),
      pod('d', 'n3', 'Running', 'False'),
      pod('e', 'n4', 'Pending'),
      pod('f', ''),
    ]
    expect(nodesOf(parsePods({ items }))).toEqual(['n1', 'n2'])
  })

  const node = (...addresses: [type: string, address: string][]): unknown => ({
    status: { addresses: addresses.map(([type, address]) => ({ type, address })) },
  })
  const nodes = [
    node(['InternalIP', '10.0.0.1'], ['ExternalIP', '192.0.2.1'], ['ExternalIP', '192.0.2.7'], ['Hostname', 'n1']),
    node(['Hostname', 'n2'], ['InternalIP', '10.0.0.2']),
    node(['Hostname', 'n3']),
  ].map(parseNodeAddresses)

  it('takes the ExternalIP, else the InternalIP', () => {
    expect(addressesOfNodes(nodes, 'external')).toEqual([ip('10.0.0.2'), ip('192.0.2.1')])
  })

  it('--report-node-internal-ip-address takes the InternalIP', () => {
    expect(addressesOfNodes(nodes, 'internal')).toEqual([ip('10.0.0.1'), ip('10.0.0.2')])
  })

  it('STA-5: other pods are those that have not ended', () => {
    const items = [
      pod('own', 'n1'),
      pod('a', 'n1'),
      pod('b', '', 'Pending'),
      pod('c', 'n1', 'Succeeded'),
      pod('d', 'n1', 'Failed'),
    ]
    expect(countOthers(parsePods({ items }), 'own')).toBe(2)
  })

  it('finds replicas of all versions by the labels of our own pod', () => {
    const labels = { app: 'fairlead', 'pod-template-hash': 'x', tier: '' }
    expect(parseOwnPod({ metadata: { uid: 'u', labels } })).toEqual({ uid: 'u', selector: 'app=fairlead,tier=' })
  })
})

describe('STA-4: whether a status is written', () => {
  const wanted = [ip('192.0.2.1')]
  it.each([
    ['equal: left alone', wanted, undefined, 'leave'],
    ['different: written', [], undefined, 'write'],
    [
      'sent a moment ago: the watch is late',
      [],
      { addresses: wanted, at: 1_000 },
      { after: SETTLE_MILLISECONDS - 1_000 },
    ],
    ['sent long ago: written again', [], { addresses: wanted, at: 2_000 - SETTLE_MILLISECONDS }, 'write'],
    ['other addresses were sent: written', [], { addresses: [ip('192.0.2.2')], at: 1_000 }, 'write'],
  ])('%s', (_fact, published, sent, verdict) => {
    expect(judgeStatus({ published }, wanted, sent, 2_000)).toEqual(verdict)
  })
})
