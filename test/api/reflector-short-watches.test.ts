import { afterAll, beforeAll, expect, it } from 'vitest'
import { startCluster, type Cluster } from './cluster.js'
import { converge, startCopy, write } from './copy.js'

const lasting = ['lasting-a', 'lasting-b']
const WATCHES = 15

let cluster: Cluster

beforeAll(async () => {
  // GOAWAY is of HTTP/2, which the client does not speak, kubectl here does; a client that begins to has to live with it.
  cluster = await startCluster({ kind: 'api', serverFlags: ['--goaway-chance=0.02'] })
})

afterAll(() => cluster?.end())

it('a reflector loses no change between watches that end after a second, and never lists again', async () => {
  const namespace = await cluster.namespace()
  await write(cluster, namespace, 'ConfigMap', lasting)
  const copy = await startCopy({ cluster, namespace, times: { watchSeconds: [1, 1] } })
  for (let round = 0; copy.asked.length <= WATCHES; round += 1) {
    await write(cluster, namespace, 'ConfigMap', [...lasting, `of-round-${round}`], String(round))
    if (round > 0) await cluster.kubectl('-n', namespace, 'delete', 'configmap', `of-round-${round - 1}`)
  }
  await converge(copy, cluster, namespace)
  expect(copy.asked.slice(1).every((query) => query['resourceVersion'] !== undefined)).toBe(true)
  expect(copy.deleted.filter((name) => lasting.includes(name))).toEqual([])
  expect(copy.syncs()).toBe(1)
  expect(copy.states.map(({ kind }) => kind)).not.toContain('failing')
  await copy.stop()
})
