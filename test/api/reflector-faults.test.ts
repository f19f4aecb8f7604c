import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ReflectorTimes } from '../../src/kubernetes/reflector.js'
import { until } from '../serve/program.js'
import { startCluster, type Cluster } from './cluster.js'
import { converge, startCopy, write, type CopyOptions, type LocalCopy } from './copy.js'

/** Exist from beginning to end of each test. */
const lasting = ['lasting-a', 'lasting-b', 'lasting-c']
const OUTAGE_MILLISECONDS = 30_000
const folder = mkdtempSync(join(tmpdir(), 'fairlead-faults-'))

let cluster: Cluster
let namespace: string
let copy: LocalCopy

beforeAll(async () => {
  cluster = await startCluster({ kind: 'api' })
})

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await cluster?.end()
})

beforeEach(async () => {
  namespace = await cluster.namespace()
})

afterEach(async () => {
  await copy.stop()
  expect(copy.deleted.filter((name) => lasting.includes(name))).toEqual([])
})

describe('the local copy of a reflector', () => {
  it('is whole while the API server is away for 30 s, and afterwards without what went meanwhile', async () => {
    await begin(['gone-meanwhile'])
    const before = new Map(copy.objects)
    await cluster.control('kill', 'kube-apiserver')
    await deleteInEtcd('gone-meanwhile')
    for (const end = Date.now() + OUTAGE_MILLISECONDS; Date.now() < end; await sleep(250)) {
      expect(copy.objects).toEqual(before)
    }
    expect(copy.state()).toMatchObject({ kind: 'failing', cause: { kind: 'unreachable' } })
    await cluster.control('start', 'kube-apiserver')
    await becomesRight()
    expect(copy.deleted).toEqual(['gone-meanwhile'])
    expect(copy.syncs()).toBe(2)
  })

  it('is listed anew after 410, without a gap', async () => {
    await begin()
    // The version it would go on from is one of those that are forgotten.
    await cluster.control('expire')
    await until(async () => copy.syncs() === 2, 60_000)
    expect(copy.deleted).toEqual([])
    await becomesRight()
  })

  it('goes on after etcd was killed', async () => {
    await begin()
    await cluster.control('kill', 'etcd')
    await expect(cluster.kubectl('get', 'namespaces', '--request-timeout=3s')).rejects.toThrow()
    expect([...copy.objects.keys()].sort()).toEqual(lasting)
    await cluster.control('start', 'etcd')
    await becomesRight()
  })

  it('notices an API server that hangs, and goes on when it wakes up', async () => {
    await begin([], { times: { stallMilliseconds: 3_000 } })
    await cluster.control('pause', 'kube-apiserver')
    try {
      await until(async () => copy.state().kind === 'failing', 60_000)
      expect(copy.state()).toMatchObject({ cause: { kind: 'unreachable' } })
      expect([...copy.objects.keys()].sort()).toEqual(lasting)
    } finally {
      await cluster.control('resume', 'kube-apiserver')
    }
    await becomesRight()
  })

  it('stays while the role for Secrets is taken away, and follows again when it is given back', async () => {
    await write(cluster, namespace, 'Secret', lasting)
    await grant()
    const kubeconfig = writeKubeconfig(writeToken(await cluster.token(namespace, 'reader')))
    copy = await startCopy({ cluster, namespace, plural: 'secrets', kubeconfig, times: shortWatches })
    await converge(copy, cluster, namespace, 'secrets')
    await cluster.kubectl('-n', namespace, 'delete', 'rolebinding', 'reader')
    await until(async () => copy.state().kind === 'failing', 60_000)
    expect(copy.state()).toMatchObject({
      cause: { kind: 'forbidden', permission: { verbs: ['list', 'watch'], plural: 'secrets', namespace } },
    })
    await write(cluster, namespace, 'Secret', ['made-meanwhile'])
    expect([...copy.objects.keys()].sort()).toEqual(lasting)
    await bind()
    await until(async () => copy.objects.has('made-meanwhile'), 60_000)
    await converge(copy, cluster, namespace, 'secrets')
    expect(copy.deleted).toEqual([])
  })

  it('outlives its token when the file has a new one', async () => {
    await write(cluster, namespace, 'Secret', lasting)
    await grant()
    const first = await tokenBoundTo('first')
    const tokenFile = writeToken(first)
    const kubeconfig = writeKubeconfig(tokenFile)
    copy = await startCopy({ cluster, namespace, plural: 'secrets', kubeconfig, times: shortWatches })
    // Ten minutes are the least; a token that is bound to an object is void as soon as that is deleted.
    await cluster.kubectl('-n', namespace, 'delete', 'secret', 'first')
    await until(async () => copy.state().kind === 'failing', 60_000)
    expect(copy.state()).toMatchObject({ cause: { kind: 'unauthorized' } })
    writeFileSync(tokenFile, await tokenBoundTo('second'))
    await until(async () => copy.objects.has('second'), 60_000)
    await converge(copy, cluster, namespace, 'secrets')
  })
})

const shortWatches: Partial<ReflectorTimes> = { watchSeconds: [1, 2] }

/** A copy of the lasting objects and others. */
async function begin(others: readonly string[] = [], options: Partial<CopyOptions> = {}): Promise<void> {
  await write(cluster, namespace, 'ConfigMap', [...lasting, ...others])
  copy = await startCopy({ cluster, namespace, ...options })
  await converge(copy, cluster, namespace)
  expect(copy.objects.size).toBe(lasting.length + others.length)
}

/** It has what kubectl shows, and hears of changes. */
async function becomesRight(): Promise<void> {
  await converge(copy, cluster, namespace)
  await write(cluster, namespace, 'ConfigMap', [...lasting, 'new'], 'changed')
  await converge(copy, cluster, namespace)
  expect(copy.state().kind).toBe('watching')
}

/** Behind the API server's back, as others would while it is away from us. */
async function deleteInEtcd(name: string): Promise<void> {
  const key = Buffer.from(`/registry/configmaps/${namespace}/${name}`).toString('base64')
  const answer = await fetch(`${cluster.etcd}/v3/kv/deleterange`, { method: 'POST', body: JSON.stringify({ key }) })
  expect(await answer.json()).toMatchObject({ deleted: '1' })
}

async function grant(): Promise<void> {
  const rule = ['--verb=list', '--verb=watch', '--resource=secrets']
  await cluster.kubectl('-n', namespace, 'create', 'role', 'reader', ...rule)
  await bind()
}

async function bind(): Promise<void> {
  const account = `--serviceaccount=${namespace}:reader`
  await cluster.kubectl('-n', namespace, 'create', 'rolebinding', 'reader', '--role=reader', account)
}

async function tokenBoundTo(secret: string): Promise<string> {
  await write(cluster, namespace, 'Secret', [secret])
  await cluster.token(namespace, 'reader')
  const bound = ['--duration=10m', '--bound-object-kind=Secret', `--bound-object-name=${secret}`]
  return (await cluster.kubectl('-n', namespace, 'create', 'token', 'reader', ...bound)).trim()
}

function writeToken(token: string): string {
  const file = join(folder, `${namespace}.token`)
  writeFileSync(file, token)
  return file
}

function writeKubeconfig(tokenFile: string): string {
  const file = join(folder, `${namespace}.kubeconfig`)
  const config = {
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server: cluster.url, 'certificate-authority': cluster.caFile } }],
    users: [{ name: 'test', user: { tokenFile } }],
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}
