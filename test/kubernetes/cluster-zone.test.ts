import { expect, test } from 'vitest'
import { FakeApi } from './fake-api.js'
import { follow } from './cluster.js'
import { recordingClock } from './mirror.js'

const pod = { metadata: { namespace: 'fairlead', name: 'one' }, spec: { nodeName: 'n1' } }
const node = (zone?: string) => ({
  metadata: { name: 'n1', ...(zone === undefined ? {} : { labels: { 'topology.kubernetes.io/zone': zone } }) },
})
const zone = { kind: 'node-of', namespace: 'fairlead', pod: 'one' } as const

test('SVC-9: the zone of the node that the pod runs on is there with the first objects', async () => {
  const api = new FakeApi()
  api.set('pods', pod)
  api.set('nodes', node('a'))
  const { source, warnings } = await follow(api, { zone })
  expect(source.current().snapshot.zone).toBe('a')
  expect(warnings).toEqual([])
  expect(api.requests.filter(({ plural }) => plural === 'nodes').map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'get n1',
  ])
})

test('SVC-9: without the flag no node is read; a zone that is given is taken', async () => {
  const api = new FakeApi()
  const { source } = await follow(api)
  expect(source.current().snapshot.zone).toBe('')
  const given = await follow(api, { zone: { kind: 'given', zone: 'b' } })
  expect(given.source.current().snapshot.zone).toBe('b')
  expect(api.requests.filter(({ plural }) => plural === 'nodes' || plural === 'pods')).toEqual([])
})

test('SVC-9: a node that may not be read, or has no zone yet, is asked again; both are said once', async () => {
  const api = new FakeApi()
  api.set('pods', pod)
  api.set('nodes', node())
  let forbidden = true
  api.fault = ({ plural }) =>
    forbidden && plural === 'nodes' ? { kind: 'status', status: 403, reason: 'Forbidden' } : undefined
  const { source, become, warnings, changes } = await follow(api, { zone, clock: recordingClock(100).clock })
  expect(source.current()).toMatchObject({ complete: true, snapshot: { zone: '' } })
  const asked = (): number => api.requests.filter(({ plural }) => plural === 'nodes').length
  await become(() => asked() >= 3)
  forbidden = false
  await become(() => warnings.length === 2)
  api.set('nodes', node('a'))
  await become(({ snapshot }) => snapshot.zone === 'a')
  expect(changes()).toBe(1)
  expect(warnings).toEqual([
    expect.stringContaining('the Node n1 could not be read'),
    'the zone of this node is not known, so all ready endpoints are used: the Node n1 has no label topology.kubernetes.io/zone',
  ])
  expect(warnings[0]).toContain('(it needs get on nodes)')
})

test('SVC-9: outside of a cluster there is no pod to ask about', async () => {
  const { source, warnings } = await follow(new FakeApi(), { zone: { ...zone, pod: '' } })
  expect(source.current().snapshot.zone).toBe('')
  expect(warnings).toEqual([expect.stringContaining('name the zone with --zone')])
})
