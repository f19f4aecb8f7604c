import { renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figure, Goal } from '../figure.js'
import { drawnHosts, hostName } from '../hosts.js'
import { endpointSlice, ingress, printObjects, service, type TableChoices } from '../manifests.js'
import { ask, isFrom, until } from '../rim/ask.js'
import { hostFile, startFairlead, writeManifests, type Fairlead } from '../rim/fairlead.js'
import { childrenOf, memoryOf } from '../rim/proc.js'
import type { Setting } from '../rim/setting.js'
import { count } from '../scenarios.js'
import { quantile, spreadOf } from '../statistics.js'

/** How long nothing happens before memory is read, and between two changes: each begins when the one before is over. */
const REST_SECONDS = 5
const PAUSE_MILLISECONDS = 100

/** Memory of controller and NGINX at rest, then changes of single files, then memory again. */
export async function measureChanges(
  setting: Setting,
  hosts: number,
  backendPort: number,
  changes: number,
): Promise<readonly Figure[]> {
  const folder = writeManifests(setting, 'changes-k8s', hosts, 'yaml', { backendPort })
  const fairlead = await startFairlead(setting, 'changes', folder.path, 'free')
  const size = `${count(hosts)} Ingresses, ${count(hosts * 5)} endpoints`
  await sleep(REST_SECONDS * 1000)
  const memory = memoryFigures(fairlead, '', `at rest after the start, ${size}`, hosts === 10_000)
  const milliseconds: number[] = []
  const drawn = drawnHosts(hosts)
  for (let change = 0; change < changes; change++) {
    const index = drawn[(change * 7) % drawn.length] ?? 0
    // Each time to another backend than the last, also when the round comes by again.
    const to = drawn[(change * 7 + 1 + Math.floor(change / drawn.length)) % drawn.length] ?? 0
    milliseconds.push(await timeChange(fairlead, index, to, { backendPort }))
    if ((change + 1) % 25 === 0)
      setting.say(`  change ${change + 1} of ${changes}: ${milliseconds.at(-1)?.toFixed(0)} ms`)
    await sleep(PAUSE_MILLISECONDS)
  }
  const after = memoryFigures(fairlead, '-after', `after these changes`, false)
  fairlead.end()
  const what = `one saved Ingress among ${count(hosts)} files until the new answer`
  return [...memory, ...changeFigures(milliseconds, what, hosts === 10_000), ...after]
}

/** Saves a file in which the Ingress leads to another backend; the time until that backend answers. */
async function timeChange(fairlead: Fairlead, index: number, to: number, choices: TableChoices): Promise<number> {
  const file = hostFile(fairlead.manifests, index, 'yaml')
  const objects = [ingress(index, to, choices), service(index), endpointSlice(index, index, choices)]
  writeFileSync(`${file}.new`, printObjects(objects, 'yaml'))
  const started = performance.now()
  renameSync(`${file}.new`, file)
  await until('the new answer', async () => isFrom(await ask('http', fairlead.http, hostName(index)), to), 30, 1)
  return performance.now() - started
}

function changeFigures(milliseconds: readonly number[], what: string, isGoalSize: boolean): readonly Figure[] {
  const figure = (share: number, goal?: Goal): Figure => {
    return {
      id: `change-p${share * 100}`,
      what: `${what}, p${share * 100} of ${milliseconds.length}`,
      unit: 'ms',
      value: quantile(milliseconds, share),
      ...(share === 0.5 ? { spread: spreadOf(milliseconds) } : {}),
      goal: isGoalSize ? goal : undefined,
    }
  }
  return [figure(0.5, { atMost: 250, aim: 50 }), figure(0.9, { atMost: 500, aim: 100 }), figure(0.99)]
}

const MEGABYTE = 1024 * 1024

function memoryFigures(
  { controller, master }: Fairlead,
  suffix: string,
  when: string,
  isGoalSize: boolean,
): readonly Figure[] {
  const nginx = [master, ...childrenOf(master)].reduce((sum, pid) => sum + memoryOf(pid), 0)
  return [
    {
      id: `memory-controller${suffix}`,
      what: `memory of the controller ${when}`,
      unit: 'MB',
      value: memoryOf(controller) / MEGABYTE,
      goal: isGoalSize ? { atMost: 400, aim: 200 } : undefined,
      note: 'PSS',
    },
    {
      id: `memory-nginx${suffix}`,
      what: `memory of NGINX ${when}`,
      unit: 'MB',
      value: nginx / MEGABYTE,
      goal: isGoalSize ? { atMost: 150, aim: 80 } : undefined,
      note: 'PSS of master and one worker, shared memory counted once',
    },
  ]
}
