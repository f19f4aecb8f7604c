import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HELM_MILLISECONDS } from '../chart/helm.js'
import { installChart, type Installed } from './installed.js'
import { describeLoad, startLoad, type Failure, type LoadReport } from './rolling/load.js'
import { readTries } from './rolling/error-log.js'
import { readPodLogs } from './rolling/pods.js'
import { shop } from './rolling/shop.js'

const RATE = 300
const TIMES = 5
const REPLICAS = 10
const MINUTES = 60_000

let installed: Installed
const logFolder = mkdtempSync(join(tmpdir(), 'fairlead-shop-'))

beforeAll(async () => {
  chmodSync(logFolder, 0o777)
  installed = await installChart(['controller.replicaCount=2', 'controller.service.type=ClusterIP'])
}, HELM_MILLISECONDS)

afterAll(async () => {
  await installed?.cluster.end()
  rmSync(logFolder, { recursive: true, force: true })
})

const kubectl = (...words: readonly string[]): Promise<string> => installed.cluster.kubectl(...words)

/** The shop as it is to be, with every pod ready, and no other one left. */
async function deploy(preStop: 'sleeps' | 'none'): Promise<void> {
  await installed.cluster.apply(shop({ replicas: REPLICAS, preStop, logFolder }))
  await rolledOut('default', 'shop')
  await kubectl('wait', '--for=jsonpath={.status.terminatingReplicas}=0', 'deployment/shop', '--timeout=5m')
}

const rolledOut = (namespace: string, name: string): Promise<string> =>
  kubectl('--namespace', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=5m')

/** What clients of every kind saw while a Deployment was rolled over, again and again. */
async function rollUnderLoad(namespace: string, name: string, times: number): Promise<LoadReport> {
  const load = startLoad(installed.cluster, 'shop.test', installed.address, RATE)
  try {
    for (let time = 0; time < times; time++) {
      await kubectl('--namespace', namespace, 'rollout', 'restart', `deployment/${name}`)
      await rolledOut(namespace, name)
    }
    const gone = '--for=jsonpath={.status.terminatingReplicas}=0'
    await kubectl('--namespace', namespace, 'wait', gone, `deployment/${name}`, '--timeout=5m')
  } catch (failure) {
    await load.stop()
    throw failure
  }
  const report = await load.stop()
  process.stdout.write(`${namespace}/${name}, ${times} times: ${describeLoad(report)}\n`)
  return report
}

/** It lived in a pod that was told to go meanwhile. */
function endedWithItsPod({ pod, started, ended }: Failure): boolean {
  const told = readPodLogs(logFolder).get(pod ?? '')?.told
  return told !== undefined && started <= told && told <= ended
}

describe('no request is lost', () => {
  it(
    'while ten backends are rolled over five times, which wait 2 s and finish; but WebSockets end with their pods',
    async () => {
      await deploy('sleeps')
      const { failures } = await rollUnderLoad('default', 'shop', TIMES)
      expect(failures.filter((failure) => failure.kind !== 'websocket' || !endedWithItsPod(failure))).toEqual([])
    },
    15 * MINUTES,
  )

  it(
    'while backends are killed, but what they were sending, and POSTs written to a connection of theirs before they were gone (RTY-1)',
    async () => {
      await deploy('none')
      const { failures } = await rollUnderLoad('default', 'shop', TIMES)
      const isPost = ({ kind }: Failure): boolean => kind.startsWith('POST')
      const isStream = ({ kind }: Failure): boolean => kind === 'websocket' || kind === 'download'
      const others = failures.filter((failure) => !isPost(failure) && !isStream(failure))
      expect(others).toEqual([])
      expect(failures.filter((failure) => isStream(failure) && !endedWithItsPod(failure))).toEqual([])
      expect(lostPosts(failures.filter(isPost), await installed.errorLogs())).toEqual([])
    },
    15 * MINUTES,
  )

  it(
    'while the two controllers are rolled over, clients going through the Service (SHD-1, SHD-2)',
    async () => {
      await deploy('sleeps')
      expect((await rollUnderLoad('fairlead', 'fairlead-controller', 2)).failures).toEqual([])
    },
    15 * MINUTES,
  )
})

/**
 * POSTs that failed for another reason than this: NGINX had written them, or a part of them, to a connection with a pod that
 * was killed before it answered, by the pods' own logs. One that met nobody but unreachable pods is lost.
 */
function lostPosts(failed: readonly Failure[], errorLog: string): readonly object[] {
  const pods = [...readPodLogs(logFolder).values()]
  const triesOf = readTries(errorLog)
  const read = failed.filter(({ number }) => pods.some(({ posts }) => posts.has(number)))
  process.stdout.write(
    `POSTs that failed: ${failed.length}; the program of the pod had read ${read.length} of them, by its own log\n`,
  )
  return failed.flatMap((failure) => {
    const tries = triesOf.get(failure.number) ?? []
    const last = tries.at(-1)
    const isKilled = pods.some(
      ({ address, told, gone }) => address === last?.address && failure.started <= gone && told <= failure.ended,
    )
    return last?.written === true && isKilled ? [] : [{ ...failure, tries }]
  })
}
