import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '../../manifests.js'
import { until } from '../../rim/ask.js'
import { addressesOf, backendOf, ingress } from '../objects.js'
import { answeredBy } from '../rim/wait.js'
import type { Stage } from '../stage.js'

/** Brings the cluster from so many hosts to so many; all of them are served, and have their status, when it is done. */
export async function loadHosts(stage: Stage, from: number, to: number): Promise<void> {
  if (to === from) return
  const { setting, api, controller } = stage
  const statusesBefore = await api.statusWrites()
  const started = performance.now()
  const objects = (to - from) * 3
  await api.createAll(objectsOf(from, to), (done) => {
    if (done % 3_000 === 0) setting.say(`  ${done} of ${objects} objects`)
  })
  const written = performance.now()
  for (const index of [from, to - 1]) await answeredBy(controller.http, index, addressesOf(index))
  const behind = ((performance.now() - written) / 1000).toFixed(1)
  const rate = (objects / ((written - started) / 1000)).toFixed(0)
  setting.say(`  ${objects} objects, ${rate} a second; the last is served ${behind} s after`)
  const isWritten = async (): Promise<boolean> => (await api.statusWrites()) >= statusesBefore + to - from
  const waited = await until('the status of all Ingresses', isWritten, 900, 500)
  setting.say(`  their status is written ${(waited / 1000).toFixed(1)} s after that`)
  await sleep(SETTLE_MILLISECONDS)
}

/** For what comes after a load: contents that were replaced are freed after 5 s, the snapshot is saved every 2 s. */
const SETTLE_MILLISECONDS = 6_000

function* objectsOf(from: number, to: number): Generator<KubernetesObject> {
  for (let index = from; index < to; index++) {
    yield* backendOf(index)
    yield ingress(index)
  }
}
