import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../serve/program.js'
import { startCluster, type Cluster } from './cluster.js'
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

describe('a real API server', () => {
  it('answers, and gives each test a namespace', async () => {
    expect(JSON.parse(await cluster.kubectl('version', '-o', 'json'))).toMatchObject({
      serverVersion: { gitVersion: expect.stringMatching(/^v1\.\d+/) },
    })
    expect(await cluster.namespace()).not.toBe(await cluster.namespace())
  })

  it('refuses what a role does not allow, until it does, and again when the role is taken away', async () => {
    const namespace = await cluster.namespace()
    const account = api.as(await cluster.token(namespace, 'reader'))
    const status = async (): Promise<number> => (await account.get(`/api/v1/namespaces/${namespace}/secrets`)).status
    expect(await status()).toBe(403)
    await cluster.kubectl('-n', namespace, 'create', 'role', 'reader', '--verb=list', '--resource=secrets')
    const grant = ['--role=reader', `--serviceaccount=${namespace}:reader`]
    await cluster.kubectl('-n', namespace, 'create', 'rolebinding', 'reader', ...grant)
    await until(async () => (await status()) === 200, 20_000)
    await cluster.kubectl('-n', namespace, 'delete', 'rolebinding', 'reader')
    await until(async () => (await status()) === 403, 20_000)
    expect((await api.as('not-a-token').get('/api')).status).toBe(401)
  })

  it('tells a watch of a change, a wrong object is refused', async () => {
    const namespace = await cluster.namespace()
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`
    const seen: string[] = []
    const watching = (async () => {
      for await (const { type, object } of api.watch(path, { resourceVersion: await versionOf(path) })) {
        seen.push(`${type} ${object.metadata?.name}`)
        if (type === 'DELETED') return
      }
    })()
    await cluster.apply([ingress('shop', '/')], namespace)
    await cluster.apply([ingress('shop', '/cart')], namespace)
    await cluster.kubectl('-n', namespace, 'delete', 'ingress', 'shop')
    await watching
    expect(seen).toEqual(['ADDED shop', 'MODIFIED shop', 'DELETED shop'])
    await expect(cluster.apply([ingress('shop', 'no-slash')], namespace)).rejects.toThrow(/must be an absolute path/)
  })

  it('knows no old version after ctl expire: 410 as an event of a watch, and as the answer to a list', async () => {
    expect.assertions(3)
    const path = `/api/v1/namespaces/${await cluster.namespace()}/configmaps`
    const resourceVersion = await versionOf(path)
    await cluster.control('expire')
    for await (const event of api.watch(path, { resourceVersion })) {
      expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
      break
    }
    const exact = new URLSearchParams({ resourceVersion, resourceVersionMatch: 'Exact' })
    expect((await api.get(`${path}?${exact.toString()}`)).status).toBe(410)
    expect((await api.get(path)).status).toBe(200)
  })

  it('comes back from a killed etcd with what it had', async () => {
    const namespace = await cluster.namespace()
    await cluster.apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } }], namespace)
    await cluster.control('kill', 'etcd')
    await cluster.control('start', 'etcd')
    expect(await cluster.kubectl('-n', namespace, 'get', 'configmap', 'kept', '-o', 'name')).toBe('configmap/kept\n')
  })
})

async function versionOf(path: string): Promise<string> {
  const { body } = await api.get(path)
  return (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion // the API's own
}

function ingress(name: string, path: string): object {
  const backend = { service: { name, port: { number: 80 } } }
  const rule = { host: `${name}.test`, http: { paths: [{ path, pathType: 'Exact', backend }] } }
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name }, spec: { rules: [rule] } }
}
