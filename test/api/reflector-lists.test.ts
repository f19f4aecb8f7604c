import { afterAll, describe, expect, it } from 'vitest'
import { startCluster, type Cluster } from './cluster.js'
import { clientOf, converge, startCopy, write, type LocalCopy } from './copy.js'

const COUNT = 1_100
const lasting = ['lasting-a', 'lasting-b']
const clusters: Cluster[] = []

afterAll(() => Promise.all(clusters.map((cluster) => cluster.end())))

describe('the first list of a reflector', () => {
  it('is a stream where the API server has it', async () => {
    const copy = await fromListToChange([])
    expect(copy.asked[0]).toMatchObject({ watch: 'true', sendInitialEvents: 'true' })
    expect(copy.asked.filter((query) => query['limit'] !== undefined)).toEqual([])
  })

  it('comes in pages where streaming lists are switched off', async () => {
    const copy = await fromListToChange(['--feature-gates=WatchList=false'])
    const pages = copy.asked.filter((query) => query['limit'] !== undefined)
    expect(pages.map((query) => query['continue'] !== undefined)).toEqual([false, true, true])
    expect(copy.asked.at(-1)).toMatchObject({ watch: 'true', resourceVersion: expect.stringMatching(/^\d+$/) })
  })
})

/** A copy of many objects, which then hears of one that is new, one that is changed, and one that is deleted. */
async function fromListToChange(serverFlags: readonly string[]): Promise<LocalCopy> {
  const cluster = await startCluster({ kind: 'api', serverFlags })
  clusters.push(cluster)
  const namespace = await cluster.namespace()
  await makeMany(cluster, namespace)
  await write(cluster, namespace, 'ConfigMap', lasting)
  const copy = await startCopy({ cluster, namespace })
  await converge(copy, cluster, namespace)
  expect(copy.objects.size).toBe(COUNT + lasting.length)
  await write(cluster, namespace, 'ConfigMap', ['new', ...lasting], 'changed')
  await cluster.kubectl('-n', namespace, 'delete', 'configmap', 'many-7')
  await converge(copy, cluster, namespace)
  expect(copy.deleted).toEqual(['many-7'])
  expect(copy.syncs()).toBe(1)
  expect(copy.states.map(({ kind }) => kind)).not.toContain('failing')
  await copy.stop()
  return copy
}

/** More than two pages. */
async function makeMany({ kubeconfig }: Cluster, namespace: string): Promise<void> {
  const client = clientOf({ kubeconfig, apiserverHost: '', certificateAuthority: '' })
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const names = Array.from({ length: COUNT }, (_, index) => `many-${index}`)
  const makeSome = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const made = await client.call({ method: 'POST', path, body: { metadata: { name } } })
      if (!made.ok) throw new Error(made.message)
    }
  }
  await Promise.all(Array.from({ length: 16 }, makeSome))
  await client.close()
}
