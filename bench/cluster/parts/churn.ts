import { setTimeout as sleep } from 'node:timers/promises'
import type { Figure } from '../../figure.js'
import { childrenOf } from '../../rim/proc.js'
import { count } from '../../scenarios.js'
import { addressesOf, slice, sliceName, spareAddress } from '../objects.js'
import { cpuSeconds } from '../rim/process.js'
import { answeredBy } from '../rim/wait.js'
import type { Stage } from '../stage.js'

export interface Churn {
  /** Changes a second. */
  readonly rate: number
  readonly seconds: number
}

/** More than that at once: the API server does not keep up, and the rate that is reached says so. */
const MOST_AT_ONCE = 64

/** One endpoint of a Service is another one, a Service after another, at a fixed rate; what that costs the controller. */
export async function measureChurn(stage: Stage, hosts: number, { rate, seconds }: Churn): Promise<readonly Figure[]> {
  const { api, controller, setting } = stage
  const [worker = controller.master] = childrenOf(controller.master)
  const before = { controller: cpuSeconds(controller.controller), worker: cpuSeconds(worker) }
  const started = performance.now()
  const elapsed = (): number => (performance.now() - started) / 1000
  const underWay = new Set<Promise<void>>()
  let failure: unknown
  let sent = 0
  let told = 0
  while (elapsed() < seconds && failure === undefined) {
    for (; sent < elapsed() * rate && underWay.size < MOST_AT_ONCE; sent++) {
      const index = sent % hosts
      const addresses = addressesOf(index).with(sent % 5, spareAddress(index))
      const call: Promise<void> = api
        .replaceSlice(sliceName(index), slice(index, addresses))
        .catch((cause: unknown) => void (failure = cause))
        .finally(() => underWay.delete(call))
      underWay.add(call)
    }
    if (elapsed() - told >= 10) {
      told = elapsed()
      const cores = (cpuSeconds(controller.controller) - before.controller) / elapsed()
      setting.say(`  ${sent} changes in ${told.toFixed(0)} s; controller ${cores.toFixed(2)} cores`)
    }
    await sleep(2)
  }
  await Promise.all(underWay)
  if (failure !== undefined) throw failure
  const took = elapsed()
  const last = (sent - 1) % hosts
  await answeredBy(controller.http, last, [spareAddress(last)])
  const behind = (elapsed() - took) * 1000
  const cores = (cpuSeconds(controller.controller) - before.controller) / took
  const at = `${count(hosts)} Ingresses`
  return [
    {
      id: 'churn-cpu',
      what: `CPU of the controller, ${rate} endpoint changes a second for ${seconds} s, ${at}`,
      unit: 'cores',
      value: cores,
      goal: hosts === 10_000 && rate === 100 && seconds === 60 ? { atMost: 1, aim: 0.2 } : undefined,
      note: `reached ${(sent / took).toFixed(1)} changes a second; ${((cores * 1000) / (sent / took)).toFixed(2)} ms each`,
    },
    {
      id: 'churn-cpu-worker',
      what: 'CPU of the NGINX worker meanwhile',
      unit: 'cores',
      value: (cpuSeconds(worker) - before.worker) / took,
    },
    { id: 'churn-behind', what: 'the last of these changes until its endpoint answers', unit: 'ms', value: behind },
  ]
}
