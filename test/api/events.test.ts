import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { SortedMap } from '../../src/collections/sorted-map.js'
import { createEventWriter, type EventWriter } from '../../src/controller/events/event-writer.js'
import { createEventRecorder, type EventRecorder, type PassReport } from '../../src/controller/events/recorder.js'
import type { KubernetesClient } from '../../src/kubernetes/client.js'
import { systemClock } from '../../src/kubernetes/clock.js'
import { createProblem } from '../../src/problems/create.js'
import { parseObject } from '../../src/snapshot/parse.js'
import { createStore } from '../../src/snapshot/store.js'
import { until } from '../serve/program.js'
import { startCluster, type Cluster } from './cluster.js'
import { accountWith, connect, ingress } from './connect.js'

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ kind: 'api' })
})

afterAll(async () => {
  await cluster?.end()
})

const LONG = 60_000
const rights = [{ apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] }]

interface Stage {
  readonly writer: EventWriter
  readonly recorder: EventRecorder
  /** Ends when what was passed has been looked at. */
  pass(report: PassReport): Promise<void>
}

function stage(client: KubernetesClient): Stage {
  let offers = 0
  const writer = createEventWriter({
    client,
    leadership: { isLeader: () => true },
    instance: 'fairlead-1',
    log: () => undefined,
    clock: systemClock,
  })
  const recorder = createEventRecorder({
    writer: {
      offer(requests) {
        offers += 1
        writer.offer(requests)
      },
    },
    syncEvents: 'on',
    configMaps: [],
    ownPod: () => Promise.resolve(undefined),
    clock: systemClock,
  })
  onTestFinished(async () => {
    recorder.stop()
    await writer.stop()
  })
  return {
    writer,
    recorder,
    async pass(report) {
      const before = offers
      recorder.passed(report)
      await until(() => Promise.resolve(offers >= before + 2), LONG)
    },
  }
}

describe('section 20: events on a real API server', () => {
  it('kubectl describe shows what is wrong and that it is live, with create and patch of events as the only rights', async () => {
    const namespace = await cluster.namespace()
    const client = connect(cluster, await accountWith(cluster, namespace, rights))
    const { writer, pass } = stage(client)
    const empty = createStore().snapshot()
    await pass({ snapshot: empty, served: SortedMap.empty(), problems: [], live: true })

    await cluster.apply([ingress('front', namespace)], namespace)
    const raw: unknown = JSON.parse(await cluster.kubectl('-n', namespace, 'get', 'ingress', 'front', '-o', 'json'))
    const { object } = parseObject(raw, undefined)
    if (object?.kind !== 'Ingress') throw new Error('no Ingress')
    const store = createStore()
    store.set(object)
    const about = { kind: 'Ingress', namespace, name: 'front' }
    const field = 'spec.rules[0].http.paths[0].backend'
    const missing = createProblem('backend/service-not-found', about, field, 'There is no Service web.')
    const closed = createProblem('annotation/closed', about, 'metadata.annotations["auth-url"]', 'Not understood.')
    const report = { snapshot: store.snapshot(), served: SortedMap.of([[`${namespace}/front`, object]]), live: true }
    await pass({ ...report, problems: [missing, closed] })
    await until(() => Promise.resolve(writer.counts().written === 4), LONG)
    const described = await cluster.kubectl('-n', namespace, 'describe', 'ingress', 'front')
    expect(described).toMatch(
      /Warning +BackendServiceNotFound .*nginx-ingress-controller +spec\.rules\[0\]\.http\.paths\[0\]\.backend: There is no Service web\./,
    )
    expect(described).toMatch(/Warning +AnnotationParsingFailed .*nginx-ingress-controller .*Not understood\./)
    expect(described).toMatch(/Normal +Sync .*nginx-ingress-controller +Scheduled for sync/)
    expect(described).toMatch(/Normal +Live .*nginx-ingress-controller +The change is live in NGINX/)

    // Solved and back: counted, not written again.
    await pass({ ...report, problems: [closed] })
    await pass({ ...report, problems: [missing, closed] })
    await until(() => Promise.resolve(writer.counts().written === 5), LONG)
    // Another replica begins to lead: nothing is told twice.
    const next = stage(client)
    await next.pass({ ...report, problems: [missing, closed] })
    await until(() => Promise.resolve(next.writer.counts().written === 2), LONG)
    const selector = ['--field-selector', 'involvedObject.name=front', '-o', 'json']
    const list = JSON.parse(await cluster.kubectl('-n', namespace, 'get', 'events', ...selector)) as {
      items: { reason: string; count: number }[]
    } // a list of Events
    expect(Object.fromEntries(list.items.map(({ reason, count }) => [reason, count]))).toEqual({
      BackendServiceNotFound: 2,
      AnnotationParsingFailed: 1,
      Sync: 1,
      Live: 1,
    })
  })

  it('an object in a namespace that goes away, or is gone, is no trouble', async () => {
    const { writer } = stage(connect(cluster))
    const gone = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'no-such', name: 'x', uid: 'u' }
    writer.offer([{ about: gone, type: 'Normal', reason: 'UPDATE', message: 'x', repeat: 'count', from: 'leader' }])
    await until(() => Promise.resolve(writer.counts().dropped === 1), LONG)
  })
})
