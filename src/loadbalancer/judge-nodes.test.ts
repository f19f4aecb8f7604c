import { describe, expect, it } from 'vitest'
import { judgeNodes } from './judge-nodes.js'
import { readEndpoints } from './read-endpoints.js'
import { readNode } from './read-node.js'
import type { EndpointView, NodeView } from './views.js'

const cluster = { externalTrafficPolicy: 'Cluster' } as const
const local = { externalTrafficPolicy: 'Local' } as const

function node(fields: { labels?: object; spec?: object; ready?: string; metadata?: object }): NodeView {
  const read = readNode({
    metadata: { name: 'n1', labels: fields.labels ?? {}, ...fields.metadata },
    spec: { providerID: 'cloud://1', ...fields.spec },
    status: { conditions: [{ type: 'Ready', status: fields.ready ?? 'True' }] },
  })
  if (read === undefined) throw new Error('no node')
  return read
}

const taint = { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] }

describe('section 1.4: which nodes are backends', () => {
  it.each([
    ['a ready one', node({}), 'backend', 'backend'],
    ['one that is not ready: with Local its health port decides', node({ ready: 'Unknown' }), 'not ready', 'backend'],
    [
      'the label, whatever its value',
      node({ labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': 'false' } }),
      'excluded by label',
      'excluded by label',
    ],
    ["the autoscaler's taint", node({ spec: taint }), 'to be deleted', 'to be deleted'],
    [
      'being deleted',
      node({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      'to be deleted',
      'to be deleted',
    ],
    ['no providerID', node({ spec: { providerID: '' } }), 'without providerID', 'without providerID'],
    ['not to be scheduled on, which is no reason', node({ spec: { unschedulable: true } }), 'backend', 'backend'],
  ])('%s', (_fact, one, underCluster, underLocal) => {
    const rules = { providerID: 'needed' } as const
    expect(judgeNodes(cluster, [one], [], rules)[0]?.verdict).toBe(underCluster)
    expect(judgeNodes(local, [one], [], rules)[0]?.verdict).toBe(underLocal)
  })

  it('where addresses are our own nobody needs a providerID', () => {
    const one = node({ spec: { providerID: '' } })
    expect(judgeNodes(cluster, [one], [], { providerID: 'not needed' })[0]?.verdict).toBe('backend')
  })
})

function endpoints(conditions: object, ...nodes: readonly string[]): readonly EndpointView[] {
  const slice = readEndpoints({
    metadata: { namespace: 'shop', name: 'x', labels: { 'kubernetes.io/service-name': 'front' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 80 }],
    endpoints: nodes.map((nodeName, index) => ({
      addresses: [`10.0.0.${index}`],
      nodeName,
      conditions,
      targetRef: { kind: 'Pod', namespace: 'shop', name: `p${index}`, uid: `uid-${nodeName}-${index}` },
    })),
  })
  return slice?.endpoints ?? []
}

describe('how many endpoints are on a node', () => {
  const rules = { providerID: 'needed' } as const
  const count = (list: readonly EndpointView[]): number | undefined =>
    judgeNodes(local, [node({})], list, rules)[0]?.endpoints

  it('the ready ones', () => {
    expect(count([...endpoints({}, 'n1', 'n1', 'n2'), ...endpoints({ ready: false }, 'n1')])).toBe(2)
  })

  it('if none is ready, those that end and still serve', () => {
    const ending = endpoints({ ready: false, serving: true, terminating: true }, 'n1')
    expect(count(ending)).toBe(1)
    expect(count([...ending, ...endpoints({}, 'n2')])).toBe(0)
  })

  it('a pod with two families is one', () => {
    expect(count([...endpoints({}, 'n1'), ...endpoints({}, 'n1')])).toBe(1)
  })
})
