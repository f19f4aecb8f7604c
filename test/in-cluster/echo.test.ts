import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type Cluster } from '../api/cluster.js'

const example = (name: string): string => fileURLToPath(new URL(`../cluster/example/${name}`, import.meta.url))

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ kind: 'node' })
}, 180_000)

afterAll(() => cluster?.end())

describe('a whole cluster with one node', () => {
  it('runs the pods of a Deployment, and its Service answers from each of them', async () => {
    const namespace = await cluster.namespace()
    const here = (...words: readonly string[]): Promise<string> => cluster.kubectl('-n', namespace, ...words)
    await here('create', 'configmap', 'echo', `--from-file=${example('echo.mjs')}`)
    await here('apply', '-f', example('echo.yaml'))
    await here('rollout', 'status', 'deployment/echo', '--timeout=120s')
    const pods = names(await here('get', 'pods', '-l', 'app=echo', '-o', 'jsonpath={.items[*].metadata.name}'))
    expect(pods).toHaveLength(3)
    const address = await here('get', 'service', 'echo', '-o', 'jsonpath={.spec.clusterIP}')
    const answered = new Set<string>()
    const end = Date.now() + 60_000
    // kube-proxy picks an endpoint at random, and hears of them one after the other.
    while (answered.size < pods.length && Date.now() < end) answered.add(await askEcho(address))
    expect([...answered].sort()).toEqual([...pods].sort())
  })
})

const names = (text: string): readonly string[] => text.split(' ').filter((name) => name !== '')

/** Which pod answered. */
async function askEcho(address: string): Promise<string> {
  const said = await cluster.run(
    'curl',
    '-sS',
    '-m',
    '10',
    '--retry',
    '20',
    '--retry-connrefused',
    `http://${address}/`,
  )
  return (JSON.parse(said) as { pod: string }).pod // test/cluster/example/echo.mjs wrote it
}
