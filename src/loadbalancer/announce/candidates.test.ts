import { expect, it } from 'vitest'
import { node, service } from '../../../test/loadbalancer/objects.js'
import { readNode } from '../read-node.js'
import { readService } from '../read-service.js'
import type { EndpointView, NodeView, ServiceView } from '../views.js'
import { leaseName } from './announcer.js'
import { candidatesOf } from './candidates.js'

const ours = { finalizers: ['fairlead/addresses'], labels: { 'fairlead/announce': 'layer2' } }

function announced(name: string, ip: string, fields: object = {}): ServiceView {
  const read = readService(service(name, { ...ours, status: [{ ip, ipMode: 'VIP' }], spec: fields }))
  if (read === undefined) throw new Error('no Service')
  return read
}

function nodes(...names: readonly string[]): readonly NodeView[] {
  return names.flatMap((name) => readNode(node(name)) ?? [])
}

function endpoint(name: string): EndpointView {
  return { address: name, node: name, pod: undefined, ready: true, serving: true, terminating: false, ports: [] }
}

const many = nodes(...Array.from({ length: 10 }, (_, index) => `n${index}`))
const none = (): readonly EndpointView[] => []

it('three nodes for an address, others for another, the same for everybody who asks', () => {
  const services = [announced('a', '192.0.2.1'), announced('b', '192.0.2.2')]
  const found = candidatesOf(services, many, none)
  expect(found.get('192.0.2.1')).toHaveLength(3)
  expect(found.get('192.0.2.1')).not.toEqual(found.get('192.0.2.2'))
  expect(candidatesOf(services.toReversed(), many.toReversed(), none)).toEqual(new Map([...found].toReversed()))
})

it('a node that goes changes nothing for addresses that it was no candidate for', () => {
  const found = candidatesOf([announced('a', '192.0.2.1')], many, none).get('192.0.2.1') ?? []
  const others = many.filter(({ name }) => found.includes(name) || name > 'n4')
  expect(candidatesOf([announced('a', '192.0.2.1')], others, none).get('192.0.2.1')).toEqual(found)
})

it('with policy Local only nodes with a ready endpoint', () => {
  const services = [announced('a', '192.0.2.1', { externalTrafficPolicy: 'Local' })]
  expect(candidatesOf(services, many, () => [endpoint('n3')]).get('192.0.2.1')).toEqual(['n3'])
  expect(candidatesOf(services, many, none).get('192.0.2.1')).toEqual([])
})

it('Services of others, and addresses that somebody else announces, are none of ours', () => {
  const status = [{ ip: '192.0.2.1', ipMode: 'VIP' }]
  const foreign = readService(service('a', { status, labels: ours.labels }))
  const external = readService(service('b', { status, finalizers: ours.finalizers }))
  const services = [foreign, external].filter((one) => one !== undefined)
  expect(services).toHaveLength(2)
  expect(candidatesOf(services, many, none).size).toBe(0)
})

it('each address has a Lease of a name that the API server takes', () => {
  expect(leaseName('192.0.2.1')).toBe('fairlead-address-192.0.2.1')
  expect(leaseName('2001:db8::')).toBe('fairlead-address-20010db8000000000000000000000000')
})
