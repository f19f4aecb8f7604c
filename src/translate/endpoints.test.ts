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
}

const ready = (address: string, conditions: object = { ready: true }): object => ({ addresses: [address], conditions })

function run({
  service = {},
  wanted = 80,
  slices = [],
  resolved = {},
  disableExternalName = false,
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
  const found = read({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'app', namespace: 'test' }, spec })
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
      'backend/external-name-unresolved',
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
