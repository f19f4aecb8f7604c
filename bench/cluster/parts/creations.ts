import type { Figure, Goal } from '../../figure.js'
import { appName } from '../../hosts.js'
import { count } from '../../scenarios.js'
import { addressesOf, backendOf, ingress } from '../objects.js'
import { quantileFigures } from '../quantile-figures.js'
import { answeredBy, isGone } from '../rim/wait.js'
import type { Stage } from '../stage.js'

/** Of p90, by the number of other Ingresses. */
const goals: Readonly<Record<number, Goal>> = {
  0: { atMost: 100, aim: 20 },
  1_000: { atMost: 150, aim: 30 },
  10_000: { atMost: 250, aim: 50 },
}

/** Numbers of hosts from here on belong to no table. */
export const NEW_HOSTS = 30_000

/** The Services that the new Ingresses lead to wait for them. */
export async function prepareCreations({ api }: Stage, changes: number): Promise<void> {
  for (let change = 0; change < changes; change++) await api.createAll(backendOf(NEW_HOSTS + change))
}

/**
 * One Ingress after another is created, from the request to the API server until its endpoint answers, and deleted again. In
 * turn with it the plainest control loop there is, which is what API server and machine take without any controller.
 */
export async function measureCreations(stage: Stage, others: number, changes: number): Promise<readonly Figure[]> {
  const { api, controller, watcher, setting } = stage
  const served: number[] = []
  const floor: number[] = []
  for (let change = 0; change < changes; change++) {
    const index = NEW_HOSTS + change
    floor.push(await watcher.time(`floor-${others}-${change}`))
    const started = performance.now()
    const created = api.create(ingress(index))
    served.push((await answeredBy(controller.http, index, addressesOf(index))) - started)
    await created
    await api.deleteIngress(appName(index))
    await isGone(controller.http, index)
    if ((change + 1) % 20 === 0) setting.say(`  creation ${change + 1} of ${changes}: ${served.at(-1)?.toFixed(0)} ms`)
  }
  const among = `${count(others)} others`
  return [
    ...quantileFigures(`create-${others}`, `create of an Ingress until 200, ${among}`, served, goals[others]),
    ...quantileFigures(`floor-${others}`, `beside it, an object until a plain watch tells of it, ${among}`, floor),
  ]
}
