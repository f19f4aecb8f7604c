import { expect } from 'vitest'
import { until } from '../../serve/program.js'
import type { SteadyClients } from './inside.js'
import { ingress, service, slice } from './objects.js'
import { LONG, type Replica } from './replica.js'
import { openStage, type Stage } from './stage.js'

/** A stage with one replica that serves `app.test` from the backend `one`. */
export interface ServedApp extends Stage {
  readonly first: Replica
  /** Clients that ask for `app.test` until they are stopped. */
  clients(): Promise<SteadyClients>
  /** That `clients` lost nothing, and that what is made, moved and deleted from now on is live, without a reload. */
  isRight(clients: SteadyClients): Promise<void>
}

export async function openServedApp(): Promise<ServedApp> {
  const stage = await openStage()
  const { cluster, inside } = stage
  const first = stage.replica()
  let round = 0
  try {
    await cluster.apply([ingress('app', 'app.test', 'app'), ...service('app', 'one')])
    first.start()
    await first.ready()
    await first.serves('app.test', 'one')
  } catch (cause) {
    await stage.end()
    throw cause
  }
  return {
    ...stage,
    first,
    clients: () => inside.startClients([{ port: first.http, host: 'app.test', body: 'one' }]),
    async isRight(clients) {
      const name = `new-${++round}`
      const host = `${name}.test`
      await cluster.apply([ingress(name, host, name), ...service(name, 'one')])
      await first.serves(host, 'one')
      await cluster.apply([slice(name, 'two')])
      await first.serves(host, 'two')
      await cluster.kubectl('delete', 'ingress', name)
      await until(async () => (await inside.get({ port: first.http, host })).status === 404, LONG)
      const { requests, failed } = await clients.stop()
      expect(failed).toEqual([])
      expect(requests).toBeGreaterThan(10)
      expect(first.generation()).toBe(1)
    },
  }
}
