import { setTimeout as sleep } from 'node:timers/promises'
import type { Figure } from '../../figure.js'
import { drawnHosts } from '../../hosts.js'
import { count } from '../../scenarios.js'
import { addressesOf, slice, sliceName } from '../objects.js'
import { quantileFigures } from '../quantile-figures.js'
import { answeredBy } from '../rim/wait.js'
import type { Stage } from '../stage.js'

/** Endpoints as no host of a table has them. */
const OTHERS = 40_000

const PAUSE_MILLISECONDS = 20

/** All endpoints of a Service change, one Service after another; from the request until one of the new ones answers. */
export async function measureEndpointUpdates(
  { api, controller, setting }: Stage,
  hosts: number,
  changes: number,
): Promise<readonly Figure[]> {
  const drawn = drawnHosts(hosts)
  const milliseconds: number[] = []
  for (let change = 0; change < changes; change++) {
    const index = drawn[(change * 7) % drawn.length] ?? 0
    const addresses = addressesOf(OTHERS + change)
    const started = performance.now()
    const replaced = api.replaceSlice(sliceName(index), slice(index, addresses))
    milliseconds.push((await answeredBy(controller.http, index, addresses)) - started)
    await replaced
    await sleep(PAUSE_MILLISECONDS)
    if ((change + 1) % 20 === 0)
      setting.say(`  update ${change + 1} of ${changes}: ${milliseconds.at(-1)?.toFixed(0)} ms`)
  }
  const what = `EndpointSlice update until a new endpoint answers, ${count(hosts)} Ingresses`
  const goal = hosts === 10_000 ? { atMost: 100, aim: 20 } : undefined
  return quantileFigures('endpoints', what, milliseconds, goal)
}
