import { setTimeout as sleep } from 'node:timers/promises'
import type { Figure } from '../../figure.js'
import { hostName } from '../../hosts.js'
import type { KubernetesObject } from '../../manifests.js'
import { until } from '../../rim/ask.js'
import { count } from '../../scenarios.js'
import { backendOf, ingress } from '../objects.js'
import type { Stage } from '../stage.js'
import { NEW_HOSTS } from './creations.js'

/** Long enough for a writer that writes twice to have done so. */
const REST_MILLISECONDS = 5_000

/** New Ingresses, many at once; how often their status is written, by the API server's own count. */
export async function measureStatuses({ api, setting }: Stage, ingresses: number): Promise<readonly Figure[]> {
  const first = NEW_HOSTS + 1_000
  const before = await api.statusWrites()
  await api.createAll(objectsOf(first, ingresses))
  const waited = await until(
    `the status of ${hostName(first)} and all after it`,
    async () => (await api.statusWrites()) - before >= ingresses,
    120,
    200,
  )
  await sleep(REST_MILLISECONDS)
  const writes = (await api.statusWrites()) - before
  setting.say(`  ${writes} writes; the last ${(waited / 1000).toFixed(1)} s after the last Ingress`)
  return [
    {
      id: 'status-writes',
      what: `writes of status for ${count(ingresses)} new Ingresses`,
      unit: 'count',
      value: writes,
      goal: { atMost: ingresses, aim: ingresses },
      note: 'answered with 2xx, by the metrics of the API server',
    },
    {
      id: 'status-behind',
      what: 'the last of them after the last Ingress was created',
      unit: 's',
      value: waited / 1000,
    },
  ]
}

function* objectsOf(first: number, ingresses: number): Generator<KubernetesObject> {
  for (let index = first; index < first + ingresses; index++) {
    yield* backendOf(index)
    yield ingress(index)
  }
}
