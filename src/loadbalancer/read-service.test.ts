import { expect, it } from 'vitest'
import { triggerOf } from './changes.js'
import { readService } from './read-service.js'
import type { ServiceView } from './views.js'

function read(fields: { metadata?: object; spec?: object; status?: object }): ServiceView {
  const service = readService({
    metadata: { namespace: 'shop', name: 'front', uid: 'u', ...fields.metadata },
    ...fields,
  })
  if (service === undefined) throw new Error('no Service')
  return service
}

it('what is not said has the defaults of the API', () => {
  expect(read({})).toMatchObject({
    type: 'ClusterIP',
    loadBalancerClass: undefined,
    externalTrafficPolicy: 'Cluster',
    allocateNodePorts: true,
    sessionAffinity: 'None',
    sessionAffinitySeconds: 10_800,
    sourceRanges: [],
    ports: [],
    status: [],
  })
})

it('section 1.1: the older annotation says who may come where the field does not', () => {
  const annotations = { 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8, 192.0.2.0/24,' }
  const metadata = { namespace: 'shop', name: 'front', annotations }
  expect(read({ metadata }).sourceRanges).toEqual(['10.0.0.0/8', '192.0.2.0/24'])
  expect(read({ metadata, spec: { loadBalancerSourceRanges: ['0.0.0.0/0'] } }).sourceRanges).toEqual(['0.0.0.0/0'])
})

it('section 1.2: addresses with mode and errors of ports', () => {
  const ingress = [
    { ip: '192.0.2.1', ports: [{ port: 80, protocol: 'TCP', error: 'example.com/Taken' }] },
    { ip: '192.0.2.2', ipMode: 'Proxy' },
    { hostname: 'lb.example.com' },
    {},
  ]
  expect(read({ status: { loadBalancer: { ingress } } }).status).toEqual([
    { ip: '192.0.2.1', ipMode: 'VIP', ports: [{ port: 80, protocol: 'TCP', error: 'example.com/Taken' }] },
    { ip: '192.0.2.2', ipMode: 'Proxy' },
    { hostname: 'lb.example.com' },
  ])
})

it.each([undefined, null, 7, [], { metadata: [] }, { metadata: { name: 7 } }])('%j is no Service', (raw) => {
  expect(readService(raw)).toBeUndefined()
})

const change = { metadata: { namespace: 'shop', name: 'front', uid: 'u', annotations: { a: 'b' } } }
it.each<[string, Parameters<typeof read>[0]]>([
  ['an annotation', change],
  ['the uid', { metadata: { namespace: 'shop', name: 'front', uid: 'v' } }],
  ['the type', { spec: { type: 'LoadBalancer' } }],
  ['a port', { spec: { ports: [{ port: 80 }] } }],
  ['its protocol for applications', { spec: { ports: [{ appProtocol: 'http' }] } }],
  ['loadBalancerIP', { spec: { loadBalancerIP: '192.0.2.1' } }],
  ['externalIPs', { spec: { externalIPs: ['192.0.2.1'] } }],
  ['source ranges', { spec: { loadBalancerSourceRanges: ['10.0.0.0/8'] } }],
  ['the traffic policy', { spec: { externalTrafficPolicy: 'Local' } }],
  ['the health-check port', { spec: { healthCheckNodePort: 30_000 } }],
  ['affinity', { spec: { sessionAffinity: 'ClientIP' } }],
  ['its time', { spec: { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } } }],
  ['families', { spec: { ipFamilies: ['IPv6'] } }],
])('section 1.3: %s is a reason to look again', (_what, fields) => {
  expect(triggerOf(read(fields))).not.toBe(triggerOf(read({})))
})

it('section 1.3: status, labels, finalizers and the order of annotations are none', () => {
  const annotations = { a: '1', b: '2' }
  const metadata = { namespace: 'shop', name: 'front', uid: 'u' }
  const before = read({ metadata: { ...metadata, annotations } })
  const after = read({
    metadata: { ...metadata, annotations: { b: '2', a: '1' }, labels: { x: 'y' }, finalizers: ['z'] },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
  })
  expect(triggerOf(after)).toBe(triggerOf(before))
})
