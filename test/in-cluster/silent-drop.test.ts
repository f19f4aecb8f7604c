import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startCluster, type Cluster } from '../api/cluster.js'
import { write } from '../api/copy.js'
import { until } from '../serve/program.js'

/** What copy.mjs prints. */
interface Told {
  readonly set?: string
  readonly version?: string
  readonly deleted?: string
  readonly state?: string
  readonly fault?: string
}

const lasting = ['lasting-a', 'lasting-b', 'lasting-c']

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ kind: 'api', options: ['--netns'] })
})

afterAll(() => cluster?.end())

it('a reflector whose connection falls silent, without FIN or RST, notices and finds its way back', async () => {
  const namespace = await cluster.namespace()
  await write(cluster, namespace, 'ConfigMap', lasting)
  const told = startProgram(namespace)
  await until(async () => told.at(-1)?.state === 'watching', 60_000)
  await cluster.control('drop', '6443')
  await until(async () => told.at(-1)?.state === 'failing', 60_000)
  await cluster.control('undrop')
  await until(async () => told.at(-1)?.state === 'watching', 60_000)
  await write(cluster, namespace, 'ConfigMap', [...lasting, 'new'], 'changed')
  const shown = await versions(namespace)
  await until(async () => keep(told) === shown, 60_000)
  expect(told.filter(({ deleted, fault }) => deleted !== undefined || fault !== undefined)).toEqual([])
})

function startProgram(namespace: string): readonly Told[] {
  const told: Told[] = []
  const enter = fileURLToPath(new URL('../cluster/enter', import.meta.url))
  const program = fileURLToPath(new URL('copy.mjs', import.meta.url))
  // Tied: it ends with the cluster.
  const words = [cluster.name, '--tied', '--', process.execPath, program, cluster.kubeconfig, namespace]
  const child = spawn(enter, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  child.once('exit', (code, signal) => told.push({ fault: `it ended: ${code ?? signal}` }))
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as Told)) // copy.mjs wrote it
  return told
}

/** Name and version of every object that was set and not deleted. */
function keep(told: readonly Told[]): string {
  const objects = new Map<string, string>()
  for (const { set, version = '', deleted } of told) {
    if (set !== undefined) objects.set(set, version)
    if (deleted !== undefined) objects.delete(deleted)
  }
  return [...objects]
    .map(([name, version]) => `${name}=${version}`)
    .sort()
    .join(' ')
}

async function versions(namespace: string): Promise<string> {
  const line = '{range .items[*]}{.metadata.name}={.metadata.resourceVersion} {end}'
  const shown = await cluster.kubectl('-n', namespace, 'get', 'configmaps', '-o', `jsonpath=${line}`)
  return shown.trim().split(' ').sort().join(' ')
}
