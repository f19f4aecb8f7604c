import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/kubernetes/clock.js'
import { createLeaderElection } from '../../src/kubernetes/leader-election.js'
import { until } from '../serve/program.js'
import { startCluster, type Cluster } from './cluster.js'
import { accountWith, connect } from './connect.js'
import { createApiClient, type ApiClient } from './requests.js'

let cluster: Cluster
let api: ApiClient

beforeAll(async () => {
  cluster = await startCluster({ kind: 'api' })
  api = createApiClient(cluster)
})

afterAll(async () => {
  await api?.close()
  await cluster?.end()
})

const TTL = 6_000
const LONG = 60_000

interface Candidate {
  readonly process: ChildProcess
  readonly identity: string
  /** `start` and `stop`, as told. */
  told(): readonly string[]
}

function startCandidate(namespace: string, identity: string): Candidate {
  const program = fileURLToPath(new URL('candidate.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, cluster.kubeconfig, namespace, identity, String(TTL)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout?.on('data', (bytes: Buffer) => (text += bytes.toString()))
  onTestFinished(() => void child.kill('SIGKILL'))
  return { process: child, identity, told: () => text.split('\n').filter((word) => word !== '') }
}

/** Who wrote into the ConfigMap, one entry for each write, in the order of the API server. */
function followJournal(namespace: string): readonly string[] {
  const writers: string[] = []
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const client = createApiClient(cluster)
  onTestFinished(() => client.close())
  void (async () => {
    for await (const { object } of client.watch(path, { timeoutSeconds: '300', resourceVersion: '0' })) {
      const { metadata, data } = object as { metadata?: { name?: string }; data?: { writer?: string } } // a ConfigMap
      if (metadata?.name === 'journal' && data?.writer !== undefined) writers.push(data.writer)
    }
  })().catch(() => undefined)
  return writers
}

/** Each writer once for each time that it followed another. */
const turns = (writers: readonly string[]): string[] => writers.filter((writer, index) => writer !== writers[index - 1])

async function holder(namespace: string): Promise<string> {
  const { body } = await api.get(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/leader`)
  return (body as { spec?: { holderIdentity?: string } }).spec?.holderIdentity ?? '' // a Lease, or a Status
}

describe('STA-6: the election on a real API server', () => {
  it('a leader stopped with SIGSTOP past its ttl and continued never writes beside the next one', async () => {
    const namespace = await cluster.namespace()
    await cluster.apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'journal' } }], namespace)
    const writers = followJournal(namespace)
    const a = startCandidate(namespace, 'a')
    await until(() => Promise.resolve(writers.includes('a')), LONG)
    const b = startCandidate(namespace, 'b')

    a.process.kill('SIGSTOP')
    await until(() => Promise.resolve(writers.includes('b')), LONG)
    expect(await holder(namespace)).toBe('b')
    a.process.kill('SIGCONT')
    await until(() => Promise.resolve(a.told().includes('stop')), LONG)
    const seen = writers.length
    await until(() => Promise.resolve(writers.length > seen + 20), LONG)
    expect(turns(writers)).toEqual(['a', 'b'])

    // A clean end gives the Lease away.
    const ended = new Promise((resolve) => b.process.once('exit', resolve))
    b.process.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(b.told()).toEqual(['start', 'stop'])
    await until(() => Promise.resolve(turns(writers).length > 2), LONG)
    expect(turns(writers)).toEqual(['a', 'b', 'a'])
    expect(await holder(namespace)).toBe('a')

    // One that is killed is followed after its ttl.
    const c = startCandidate(namespace, 'c')
    a.process.kill('SIGKILL')
    await until(() => Promise.resolve(c.told().includes('start') && writers.at(-1) === 'c'), LONG)
    expect(turns(writers)).toEqual(['a', 'b', 'a', 'c'])
  }, 240_000)

  it('lives through a restart of the API server, with one leader at the end', async () => {
    const namespace = await cluster.namespace()
    const elections = ['x', 'y'].map((identity) =>
      createLeaderElection({
        client: connect(cluster),
        namespace,
        name: 'leader',
        ttlMilliseconds: TTL,
        identity,
        onStart: () => undefined,
        onStop: () => undefined,
        log: () => undefined,
        clock: systemClock,
      }),
    )
    const leaders = (): number => elections.filter((election) => election.isLeader()).length
    let most = 0
    const watching = setInterval(() => {
      most = Math.max(most, leaders())
    }, 5)
    onTestFinished(() => clearInterval(watching))
    for (const election of elections) election.start()
    await until(() => Promise.resolve(leaders() === 1), LONG)
    await cluster.control('kill', 'kube-apiserver')
    await until(() => Promise.resolve(leaders() === 0), LONG)
    await cluster.control('start', 'kube-apiserver')
    await until(() => Promise.resolve(leaders() === 1), LONG)
    expect(most).toBe(1)
    for (const election of elections) await election.stop()
    expect(await holder(namespace)).toBe('')
  }, 240_000)

  it('needs no more than get and update of its Lease, and create; and says what it lacks', async () => {
    const namespace = await cluster.namespace()
    const lease = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }
    const logged: string[] = []
    const start = (token: string) => {
      const election = createLeaderElection({
        client: connect(cluster, token),
        namespace,
        name: 'leader',
        ttlMilliseconds: TTL,
        identity: 'it',
        onStart: () => undefined,
        onStop: () => undefined,
        log: (_level, message) => logged.push(message),
      })
      onTestFinished(() => election.stop())
      election.start()
      return election
    }
    const election = start(await cluster.token(namespace, 'controller'))
    await until(() => Promise.resolve(logged.some((message) => message.includes('cannot get resource "leases"'))), LONG)
    expect(election.isLeader()).toBe(false)
    await accountWith(cluster, namespace, [
      { ...lease, verbs: ['get', 'update'], resourceNames: ['leader'] },
      { ...lease, verbs: ['create'] },
    ])
    await until(() => Promise.resolve(election.isLeader()), LONG)
  })
})
