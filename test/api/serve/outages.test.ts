import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openServedApp, type ServedApp } from './served-app.js'

const OUTAGE_MILLISECONDS = 30_000

let stage: ServedApp

beforeAll(async () => {
  stage = await openServedApp()
})

afterAll(() => stage?.end())

describe('no request is lost, and afterwards changes are live by themselves, when', () => {
  it('kube-apiserver is away for 30 s', async () => {
    const clients = await stage.clients()
    await stage.cluster.control('kill', 'kube-apiserver')
    const end = Date.now() + OUTAGE_MILLISECONDS
    await stage.first.logs(/\[source\/unreachable\]/)
    expect(await stage.first.ask('/readyz')).toMatchObject({ status: 200 })
    await sleep(end - Date.now())
    await stage.cluster.control('start', 'kube-apiserver')
    await stage.isRight(clients)
    await stage.first.logs(/solved: .*\(source\/unreachable\)/)
  })

  it('etcd is killed and started', async () => {
    const clients = await stage.clients()
    await stage.cluster.control('kill', 'etcd')
    await expect(stage.cluster.kubectl('get', 'namespaces', '--request-timeout=5s')).rejects.toThrow()
    expect(await stage.first.ask('/readyz')).toMatchObject({ status: 200 })
    await stage.cluster.control('start', 'etcd')
    await stage.isRight(clients)
  })

  it('every version it knows is compacted away (410)', async () => {
    const clients = await stage.clients()
    await stage.cluster.control('expire')
    await stage.isRight(clients)
  })
})
