import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../serve/program.js'
import { LONG } from './replica.js'
import { openServedApp, type ServedApp } from './served-app.js'

let stage: ServedApp

beforeAll(async () => {
  stage = await openServedApp()
})

afterAll(() => stage?.end())

describe('a start while the API server is down', () => {
  it('serves the last table from the snapshot, is ready and says so; then goes on', async () => {
    const { cluster, first } = stage
    await until(async () => first.hasSnapshot(), LONG)
    await cluster.control('kill', 'kube-apiserver')
    await first.kill()
    first.forget()
    first.start()
    await first.serves('app.test', 'one')
    await first.ready()
    const ready = await first.ask('/readyz')
    expect(ready.body).toContain('NGINX serves what it served before')
    expect(ready.body).toContain('No success since')
    const clients = await stage.clients()
    await cluster.control('start', 'kube-apiserver')
    await until(async () => /^ok: revision \d+ is live/.test((await first.ask('/readyz')).body), LONG)
    await stage.isRight(clients)
  })

  it('DYN-6: for the first time: goes on trying, /healthz and a line of the log say why, and is ready when it is up', async () => {
    const { cluster } = stage
    const replica = stage.replica()
    await cluster.control('kill', 'kube-apiserver')
    replica.start()
    await replica.logs(/not everything could be read yet: .*No success since .*127\.0\.0\.1:6443.*it is tried again/)
    expect(await replica.ask('/readyz')).toMatchObject({ status: 500 })
    const { status, body } = await replica.ask('/healthz')
    expect({ status, body }).toEqual({ status: 500, body: expect.stringContaining('No success since') })
    expect(replica.process()?.exitCode).toBeNull()
    await cluster.control('start', 'kube-apiserver')
    await replica.ready()
    await replica.serves('app.test', 'one')
  })
})
