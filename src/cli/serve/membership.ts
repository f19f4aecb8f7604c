import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { createEventRecorder, type EventRecorder } from '../../controller/events/recorder.js'
import { createEventWriter, type EventWriter } from '../../controller/events/event-writer.js'
import { readAddresses, readOtherPods, readOwnPod, type PodName } from '../../controller/status/read-source.js'
import { statusSourceOf, type StatusSource } from '../../controller/status/source.js'
import { createStatusWriter, type StatusWriter } from '../../controller/status/status-writer.js'
import { systemClock } from '../../kubernetes/clock.js'
import { createLeaderElection, electionIdentity, type LeaderElection } from '../../kubernetes/leader-election.js'
import type { LoadBalancerController } from '../../loadbalancer/controller.js'
import type { Role } from '../../observe/alerts/view.js'
import type { Service } from '../../snapshot/objects.js'
import type { Log } from '../log.js'
import { createLoadBalancer } from './load-balancer.js'
import type { ServeFlags } from './flags.js'
import type { Cluster } from './source.js'
import { StartError } from './start-error.js'

/** What this replica tells the cluster: events, and as the leader the status of Ingresses. */
export interface Membership extends Pick<EventRecorder, 'passed' | 'reloaded'> {
  start(): void
  /** undefined: there is no election. */
  isLeader(): boolean | undefined
  /** Who tells what is told for all replicas; without an election each for itself. */
  role(): Role
  /** An event about this Pod; a sentence if it is not known. */
  tell(type: 'Normal' | 'Warning', reason: string, message: string): Promise<string | undefined>
  /** STA-5: the status is cleared if it should be, and the Lease given away. */
  stop(): Promise<void>
}

/** With `--disable-leader-election` nobody leads for status, and everybody tells events (docs/design/events.md). */
const EVERYBODY = { isLeader: () => true }

/** Takes part in the cluster's bookkeeping; routing never depends on it. Throws a StartError. */
export function createMembership({ client, namespace }: Cluster, flags: ServeFlags, log: Log): Membership {
  const pod = findPod()
  const source = findStatusSource(flags)
  const clock = systemClock
  const instance = pod?.name ?? hostname()
  let election: LeaderElection | undefined
  let status: StatusWriter | undefined
  let loadBalancer: LoadBalancerController | undefined
  const events: EventWriter = createEventWriter({
    client,
    leadership: { isLeader: () => (election ?? EVERYBODY).isLeader() },
    instance,
    log,
    clock,
  })
  const recorder = createEventRecorder({
    writer: events,
    syncEvents: flags.disableSyncEvents === true ? 'off' : 'on',
    configMaps: [flags.configmap, flags.tcpServicesConfigmap, flags.udpServicesConfigmap].filter((name) => name !== ''),
    ownPod: () => describeOwnPod(client, pod),
    clock,
  })
  const identity = electionIdentity(pod?.name, hostname(), randomBytes(4).toString('hex'))
  if (flags.disableLeaderElection !== true) {
    election = createLeaderElection({
      client,
      namespace: pod?.namespace ?? namespace,
      name: flags.electionId,
      ttlMilliseconds: flags.electionTtl,
      identity,
      onStart() {
        status?.refresh()
        recorder.lead()
        loadBalancer?.lead()
      },
      onStop: () => loadBalancer?.yield(),
      log,
    })
    loadBalancer = createLoadBalancer({ client, namespace }, flags, election, events, log)
    if (flags.updateStatus) {
      status = createStatusWriter({
        client,
        leadership: election,
        readAddresses: () => readAddresses(client, source, pod),
        readOtherPods: () => readOtherPods(client, pod),
        intervalSeconds: flags.statusUpdateInterval,
        onShutdown: flags.updateStatusOnShutdown ? 'clear' : 'leave',
        log,
        clock,
      })
    }
  }
  let published: Service | undefined
  return {
    passed(report) {
      recorder.passed(report)
      const service = report.snapshot.services.get(flags.publishService)
      if (service !== published) status?.refresh()
      published = service
      if (report.live) status?.served(report.served)
    },
    reloaded: recorder.reloaded,
    start: () => election?.start(),
    isLeader: () => election?.isLeader(),
    role() {
      if (election === undefined || election.isLeader()) return 'leads'
      const holder = election.holder()
      return holder === '' || holder === identity ? 'undecided' : 'follows'
    },
    async tell(type, reason, message) {
      const about = await describeOwnPod(client, pod)
      if (about === undefined) return 'the Pod of this controller is not known'
      events.offer([{ about, type, reason, message, repeat: 'count', from: 'leader' }])
      return undefined
    },
    async stop() {
      recorder.stop()
      await loadBalancer?.stop()
      await status?.clear()
      await election?.stop()
      await events.stop()
    },
  }
}

/** FLG-3: our own Pod. Inside a cluster it must be known; outside there is none. */
function findPod(): PodName | undefined {
  const { POD_NAME: name = '', POD_NAMESPACE: namespace = '', KUBERNETES_SERVICE_HOST: inside = '' } = process.env
  if (name !== '' && namespace !== '') return { namespace, name }
  if (inside === '') return undefined
  throw new StartError(
    'POD_NAME and POD_NAMESPACE are not set. Add them to the container: env: [{name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}].',
  )
}

function findStatusSource(flags: ServeFlags): StatusSource {
  const found = statusSourceOf({
    publishService: flags.publishService,
    publishStatusAddress: flags.publishStatusAddress,
    reportNodeInternalIpAddress: flags.reportNodeInternalIpAddress === true,
  })
  if (!found.ok) throw new StartError(found.message)
  return found.source
}

async function describeOwnPod(client: Cluster['client'], pod: PodName | undefined) {
  const own = await readOwnPod(client, pod)
  if (!own.ok || pod === undefined) return undefined
  return { apiVersion: 'v1', kind: 'Pod', ...pod, uid: own.value.uid }
}
