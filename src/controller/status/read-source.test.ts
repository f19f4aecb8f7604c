import { expect, it } from 'vitest'
import type { Call, CallResult } from '../../kubernetes/client.js'
import { readAddresses, readOtherPods } from './read-source.js'

const own = { namespace: 'ingress', name: 'fairlead-1' }
const labels = { app: 'fairlead', 'pod-template-hash': 'x' }
const pod = (name: string, nodeName: string): object => ({
  metadata: { name, uid: `uid-${name}`, labels },
  spec: { nodeName },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
})
const node = (name: string, address: string): object => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
})

type Objects = Readonly<Record<string, readonly object[] | number>>

/** An API server that knows these lists by path, or refuses them; every other is empty. */
function client(objects: Objects): { readonly calls: Call[]; call(call: Call): Promise<CallResult> } {
  const calls: Call[] = []
  return {
    calls,
    call(call) {
      calls.push(call)
      const found = objects[call.path] ?? []
      if (typeof found === 'number')
        return Promise.resolve({ ok: false, status: found, reason: 'Refused', message: `answer ${found}` })
      const name = call.query?.['fieldSelector']?.replace('metadata.name=', '')
      const items = found.filter((item) => name === undefined || JSON.stringify(item).includes(`"name":"${name}"`))
      return Promise.resolve({ ok: true, status: 200, body: { items } })
    },
  }
}

const pods = { '/api/v1/namespaces/ingress/pods': [pod('fairlead-1', 'n1'), pod('fairlead-2', 'n2')] }
const nodes = { '/api/v1/nodes': [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')] }

it('STA-2: the nodes of the pods with our labels, whatever their version', async () => {
  const api = client({ ...pods, ...nodes })
  expect(await readAddresses(api, { kind: 'nodes', prefer: 'external' }, own)).toEqual({
    ok: true,
    value: [
      { ip: '10.0.0.1', hostname: '' },
      { ip: '10.0.0.2', hostname: '' },
    ],
  })
  expect(api.calls[1]?.query).toEqual({ labelSelector: 'app=fairlead' })
})

it('a node that is gone has no address; one that cannot be read makes the whole list unknown', async () => {
  const gone = client({ ...pods, '/api/v1/nodes': [node('n1', '10.0.0.1')] })
  expect(await readAddresses(gone, { kind: 'nodes', prefer: 'external' }, own)).toMatchObject({
    value: [{ ip: '10.0.0.1' }],
  })
  const refused = client({ ...pods, '/api/v1/nodes': 403 })
  expect(await readAddresses(refused, { kind: 'nodes', prefer: 'external' }, own)).toEqual({
    ok: false,
    missing: false,
    message: 'the node n1 could not be read: answer 403',
  })
})

it('STA-3: the Service of --publish-service', async () => {
  const source = { kind: 'service', namespace: 'ingress', name: 'lb' } as const
  const service = {
    metadata: { name: 'lb' },
    spec: { type: 'LoadBalancer' },
    status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } },
  }
  const api = client({ '/api/v1/namespaces/ingress/services': [service] })
  expect(await readAddresses(api, source, undefined)).toEqual({
    ok: true,
    value: [{ ip: '', hostname: 'lb.example.com' }],
  })
  expect(await readAddresses(client({}), source, undefined)).toEqual({
    ok: false,
    missing: true,
    message: 'the Service ingress/lb of --publish-service does not exist',
  })
})

it('fixed addresses need no API server', async () => {
  const value = [{ ip: '192.0.2.1', hostname: '' }]
  const api = client({})
  expect(await readAddresses(api, { kind: 'fixed', addresses: value }, undefined)).toEqual({ ok: true, value })
  expect(api.calls).toEqual([])
})

it('STA-5: counts the other pods', async () => {
  expect(await readOtherPods(client(pods), own)).toEqual({ ok: true, value: 1 })
})

it.each([
  ['FLG-3: without POD_NAME', undefined, {}, 'no POD_NAME'],
  ['with a POD_NAME that is no pod', own, {}, 'does not exist'],
  [
    'without labels',
    own,
    { '/api/v1/namespaces/ingress/pods': [{ metadata: { name: 'fairlead-1' } }] },
    'has no labels',
  ],
])('%s nothing is known', async (_fact, name, objects, sentence) => {
  const reading = { ok: false, missing: true, message: expect.stringContaining(sentence) as string }
  expect(await readAddresses(client(objects), { kind: 'nodes', prefer: 'external' }, name)).toEqual(reading)
  expect(await readOtherPods(client(objects), name)).toEqual(reading)
})
