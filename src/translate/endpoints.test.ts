import { describe, expect, test } from 'vitest'
import type { EndpointSlice, Service } from '../snapshot/objects.js'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import { findEndpoints } from './endpoints.js'
import { defaultTranslateOptions } from './options.js'

interface Case {
  readonly service?: object
  readonly wanted?: number | string
  readonly slices?: readonly object[]
  readonly resolved?: Readonly<Record<string, readonly string[]>>
  readonly disableExternalName?: boolean
  readonly annotations?: Readonly<Record<string, string>>
  readonly zone?: string
}

const ready = (address: string, conditions: object = { ready: true }): object => ({ addresses: [address], conditions })

function run({
  service = {},
  wanted = 80,
  slices = [],
  resolved = {},
  disableExternalName = false,
  annotations = {},
  zone = '',
}: Case): string[] | string {
  const store = createStore()
  const read = (raw: object): Service | EndpointSlice => {
    const { object } = parseObject(raw, undefined)
    if (object === undefined || (object.kind !== 'Service' && object.kind !== 'EndpointSlice'))
      throw new Error('not read')
    store.set(object)
    return object
  }
  const spec = { ports: [{ port: 80, targetPort: 8080 }], ...service }
  const found = read({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'app', namespace: 'test', annotations },
    spec,
  })
  for (const [i, slice] of slices.entries()) {
    const metadata = { name: `app-${i}`, namespace: 'test', labels: { 'kubernetes.io/service-name': 'app' } }
    read({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      metadata,
      ...slice,
    })
  }
  for (const [name, addresses] of Object.entries(resolved)) store.setResolved(name, addresses)
  store.setZone(zone)
  if (found.kind !== 'Service') throw new Error('not a Service')
  const { endpoints, missing } = findEndpoints(found, wanted, store.snapshot(), {
    ...defaultTranslateOptions,
    disableExternalName,
  })
  return missing?.code ?? endpoints.map(({ address, port }) => `${address}:${port}`)
}

const named = {
  ports: [
    { name: 'web', port: 80, targetPort: 'http' },
    { name: 'admin', port: 81, targetPort: 9000 },
  ],
}
const external = (externalName: string, ports: object[] = []): object => ({ type: 'ExternalName', externalName, ports })

describe('endpoints of a Service port', () => {
  test.each<readonly [string, Case, string[] | string]>([
    ['SVC-1 by number', { slices: [{ endpoints: [ready('10.0.0.1')] }] }, ['10.0.0.1:8080']],
    ['SVC-1 by targetPort', { wanted: 8080, slices: [{ endpoints: [ready('10.0.0.1')] }] }, ['10.0.0.1:8080']],
    [
      'SVC-1 by name',
      {
        service: named,
        wanted: 'web',
        slices: [{ ports: [{ name: 'web', port: 8000 }], endpoints: [ready('10.0.0.1')] }],
      },
      ['10.0.0.1:8000'],
    ],
    ['SVC-1 no such port', { wanted: 99, slices: [{ endpoints: [ready('10.0.0.1')] }] }, 'backend/port-not-found'],
    [
      'SVC-1 a UDP port does not count',
      { service: { ports: [{ port: 80, protocol: 'UDP' }] } },
      'backend/port-not-found',
    ],
    ['SVC-2 ready unset counts', { slices: [{ endpoints: [ready('10.0.0.1', {})] }] }, ['10.0.0.1:8080']],
    [
      'SVC-2 not ready does not',
      { slices: [{ endpoints: [ready('10.0.0.1', { ready: false, serving: true, terminating: true })] }] },
      'backend/no-ready-endpoint',
    ],
    [
      'SVC-2 publishNotReadyAddresses',
      { service: { publishNotReadyAddresses: true }, slices: [{ endpoints: [ready('10.0.0.1', { ready: false })] }] },
      ['10.0.0.1:8080'],
    ],
    [
      'SVC-3 the slice port of the same name',
      {
        service: named,
        wanted: 81,
        slices: [
          {
            ports: [
              { name: 'web', port: 8000 },
              { name: 'admin', port: 9000 },
            ],
            endpoints: [ready('10.0.0.1')],
          },
        ],
      },
      ['10.0.0.1:9000'],
    ],
    [
      'SVC-3 no slice ports: the numeric targetPort',
      { slices: [{ ports: [], endpoints: [ready('10.0.0.1')] }] },
      ['10.0.0.1:8080'],
    ],
    [
      'SVC-4 headless',
      { service: { clusterIP: 'None' }, slices: [{ endpoints: [ready('10.0.0.1')] }] },
      ['10.0.0.1:8080'],
    ],
    [
      'SVC-4 duplicates are merged',
      { slices: [{ endpoints: [ready('10.0.0.2'), ready('10.0.0.1')] }, { endpoints: [ready('10.0.0.1')] }] },
      ['10.0.0.1:8080', '10.0.0.2:8080'],
    ],
    ['SVC-4 IPv6', { slices: [{ addressType: 'IPv6', endpoints: [ready('fd00::1')] }] }, ['[fd00::1]:8080']],
    ['SVC-5 no slice', {}, 'backend/no-ready-endpoint'],
    [
      'SVC-6 a name',
      { service: external('backend.example'), wanted: 8443, resolved: { 'backend.example': ['192.0.2.1'] } },
      ['192.0.2.1:8443'],
    ],
    [
      'SVC-6 a named port leads to its targetPort',
      {
        service: external('backend.example', [{ name: 'web', port: 80, targetPort: 8080 }]),
        wanted: 'web',
        resolved: { 'backend.example': ['192.0.2.1'] },
      },
      ['192.0.2.1:8080'],
    ],
    ['SVC-6 an unknown named port', { service: external('backend.example'), wanted: 'web' }, 'backend/port-not-found'],
    ['SVC-6 not resolved', { service: external('backend.example') }, 'backend/external-name-unresolved'],
    ['SVC-6 an IP address is served', { service: external('192.0.2.7') }, ['192.0.2.7:80']],
    ['SVC-6 localhost is refused', { service: external('localhost') }, 'backend/external-name-refused'],
    ['SVC-6 a loopback address is refused', { service: external('127.1.2.3') }, 'backend/external-name-refused'],
    [
      'SVC-6 a name that leads to loopback is not followed',
      { service: external('backend.example'), resolved: { 'backend.example': ['127.0.0.1'] } },
      'backend/external-name-refused',
    ],
    ['SVC-6 not a name', { service: external('$(x).example') }, 'backend/external-name-refused'],
    [
      'SVC-6 --disable-svc-external-name',
      { service: external('192.0.2.7'), disableExternalName: true },
      'backend/external-name-refused',
    ],
  ])('%s', (_, input, wanted) => {
    expect(run(input)).toEqual(wanted)
  })
})

const auto = { 'service.kubernetes.io/topology-mode': 'Auto' }
const close = { ports: [{ port: 80, targetPort: 8080 }], trafficDistribution: 'PreferClose' }
const hinted = (address: string, ...zones: readonly string[]): object => ({
  addresses: [address],
  hints: { forZones: zones.map((name) => ({ name })) },
})
const both = { endpoints: [hinted('10.0.0.1', 'a'), hinted('10.0.0.2', 'b')] }
const everywhere = ['10.0.0.1:8080', '10.0.0.2:8080']
const nearby = ['10.0.0.1:8080']

describe('endpoints of the own zone (SVC-9)', () => {
  test.each<readonly [string, Case, string[] | string]>([
    ['the annotation, in any case', { annotations: auto, slices: [both] }, nearby],
    [
      'another word',
      { annotations: { 'service.kubernetes.io/topology-mode': 'disabled' }, slices: [both] },
      everywhere,
    ],
    ['PreferClose', { service: close, slices: [both] }, nearby],
    ['PreferSameZone', { service: { ...close, trafficDistribution: 'PreferSameZone' }, slices: [both] }, nearby],
    ['a Service that does not ask', { slices: [both] }, everywhere],
    ['the zone is not known', { annotations: auto, slices: [both], zone: '' }, everywhere],
    ['several zones in a hint', { annotations: auto, slices: [{ endpoints: [hinted('10.0.0.1', 'b', 'a')] }] }, nearby],
    [
      'one endpoint of the slice has no hints',
      { annotations: auto, slices: [{ endpoints: [hinted('10.0.0.1', 'a'), ready('10.0.0.2')] }] },
      everywhere,
    ],
    [
      'an endpoint without hints counts though it is not ready',
      { annotations: auto, slices: [{ endpoints: [...both.endpoints, ready('10.0.0.3', { ready: false })] }] },
      everywhere,
    ],
    [
      'each slice by itself',
      {
        annotations: auto,
        slices: [both, { endpoints: [ready('10.0.0.3')] }, { endpoints: [hinted('10.0.0.4', 'b')] }],
      },
      ['10.0.0.1:8080', '10.0.0.3:8080'],
    ],
    [
      'PreferClose: a slice in which no hint names the zone is used whole',
      { service: close, slices: [both, { endpoints: [hinted('10.0.0.4', 'b')] }] },
      ['10.0.0.1:8080', '10.0.0.4:8080'],
    ],
    ['no hint names the zone: all rather than none', { annotations: auto, slices: [both], zone: 'c' }, everywhere],
    [
      'the endpoints of the zone are not ready: all rather than none',
      {
        annotations: auto,
        slices: [
          { endpoints: [{ ...hinted('10.0.0.1', 'a'), conditions: { ready: false } }, hinted('10.0.0.2', 'b')] },
        ],
      },
      ['10.0.0.2:8080'],
    ],
    ['nothing is ready', { annotations: auto, slices: [{ endpoints: [] }] }, 'backend/no-ready-endpoint'],
  ])('%s', (_fact, one, expected) => {
    expect(run({ zone: 'a', ...one })).toEqual(expected)
  })
})
