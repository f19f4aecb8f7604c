import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figure } from '../figure.js'
import type { Setting } from '../rim/setting.js'
import { count } from '../scenarios.js'
import type { ClusterBenchOptions } from './options.js'
import { measureChurn } from './parts/churn.js'
import { measureCreations, prepareCreations } from './parts/creations.js'
import { measureEndpointUpdates } from './parts/endpoints.js'
import { loadHosts } from './parts/load.js'
import { measureMemory } from './parts/memory.js'
import { measureStarts } from './parts/starts.js'
import { measureStatuses } from './parts/statuses.js'
import type { Api } from './rim/api.js'
import { startController } from './rim/controller.js'
import { startWatcher } from './rim/watcher.js'
import type { Stage } from './stage.js'

export interface Measured {
  readonly figures: readonly Figure[]
  /** A sentence for each part that could not be measured to its end. */
  readonly failed: readonly string[]
}

/** Memory is read when what a load leaves behind is freed: replaced contents after 5 s. */
const REST_MILLISECONDS = 10_000

/** Everything, on a cluster that has only its surroundings. */
export async function measureAll(
  setting: Setting,
  api: Api,
  kubeconfig: string,
  options: ClusterBenchOptions,
): Promise<Measured> {
  const figures: Figure[] = []
  const failed: string[] = []
  const part = async (name: string, measure: () => Promise<readonly Figure[]>): Promise<void> => {
    setting.say(`\n${name} (load average ${(loadavg()[0] ?? 0).toFixed(1)})`)
    try {
      figures.push(...(await measure()))
    } catch (cause) {
      failed.push(`${name}: could not be measured: ${cause instanceof Error ? cause.message : String(cause)}`)
      setting.say(`! ${failed.at(-1) ?? ''}`)
    }
  }
  const controller = await startController(setting, 'controller', kubeconfig, options.profile)
  const stage: Stage = { setting, api, controller, watcher: await startWatcher(api.client) }
  const generation = controller.generation()
  await prepareCreations(stage, options.changes)
  let hosts = 0
  for (const size of options.hosts) {
    setting.say(`\nLoading ${count(size)} Ingresses`)
    await loadHosts(stage, hosts, size)
    hosts = size
    await part(`Creations among ${count(size)}`, () => measureCreations(stage, size, options.changes))
  }
  if (hosts > 0) {
    const memory = async (id: string, when: string): Promise<readonly Figure[]> => {
      await sleep(REST_MILLISECONDS)
      return measureMemory(stage, hosts, id, when)
    }
    await part('Memory', () => memory('load', 'after the load'))
    await part('Endpoints', () => measureEndpointUpdates(stage, hosts, options.changes))
    await part(`${options.rate} endpoint changes a second`, () => measureChurn(stage, hosts, options))
    await part('Memory', () => memory('churn', 'after these changes'))
  }
  await part('Status', () => measureStatuses(stage, options.statuses))
  await part('Reloads', async () => [
    {
      id: 'reloads',
      what: 'reloads in all of these',
      unit: 'count',
      value: controller.generation() - generation,
      goal: { atMost: 0, aim: 0 },
    },
  ])
  stage.watcher.end()
  await controller.end()
  await part('Cold start', () => measureStarts(stage, kubeconfig, hosts, options.starts))
  await api.close()
  return { figures, failed }
}
