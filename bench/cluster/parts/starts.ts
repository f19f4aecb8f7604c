import type { Figure } from '../../figure.js'
import { count } from '../../scenarios.js'
import { spreadOf } from '../../statistics.js'
import { startController } from '../rim/controller.js'
import type { Stage } from '../stage.js'

/** From the start of the process with an empty state folder until it is ready; all Ingresses come from the API server. */
export async function measureStarts(
  { setting }: Stage,
  kubeconfig: string,
  hosts: number,
  starts: number,
): Promise<readonly Figure[]> {
  const seconds: number[] = []
  for (let start = 0; start < starts; start++) {
    const controller = await startController(setting, `start-${start}`, kubeconfig)
    await controller.end()
    seconds.push(controller.readyMilliseconds / 1000)
    setting.say(`  start ${start + 1} of ${starts}: ${seconds.at(-1)?.toFixed(2)} s`)
  }
  const spread = spreadOf(seconds)
  const what = `cold start until ready, ${count(hosts)} Ingresses and those of the part before, from the API server`
  return [{ id: 'start', what, unit: 's', value: spread.median, spread }]
}
