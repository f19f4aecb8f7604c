import { resolve } from 'node:path'
import type { Source } from '../../controller/controller.js'
import { referencesOfKeys } from '../../configmap/references.js'
import { referencesOf } from '../../features/references.js'
import { findAccess } from '../../kubernetes/find-access.js'
import { createKubernetesClient } from '../../kubernetes/http-client.js'
import type { ReflectorState } from '../../kubernetes/reflector-state.js'
import type { KubernetesClient } from '../../kubernetes/client.js'
import { createClusterSource } from '../../sources/cluster/index.js'
import { createFilesSource } from '../../sources/files/index.js'
import { isOurs } from '../../translate/select.js'
import type { ZoneSource } from '../../sources/cluster/zone.js'
import { givenZone, translateOptionsOf } from '../flags.js'
import type { Log } from '../log.js'
import { findTooOldServer } from './server-version.js'
import type { ServeFlags } from './flags.js'
import { StartError } from './start-error.js'

/** Where desired state comes from, and the cluster if it comes from one. */
export interface OpenSource extends Source {
  readonly cluster: Cluster | undefined
  /** How each kind of resource is doing; none where a folder is followed. */
  watches(): ReadonlyMap<string, ReflectorState>
  /** Reads everything for the first time; a cluster that does not answer is gone on with later. Throws a StartError. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface Cluster {
  readonly client: KubernetesClient
  /** Ours, as the credentials have it. */
  readonly namespace: string
}

/** Opens what the flags name; nothing is read yet. Throws a StartError. */
export function openSource(flags: ServeFlags, log: Log, onChange: () => void): OpenSource {
  return flags.manifests === undefined
    ? openCluster(flags, log, onChange)
    : openFolder(resolve(flags.manifests), flags, log, onChange)
}

function openFolder(folder: string, flags: ServeFlags, log: Log, onChange: () => void): OpenSource {
  const { endpoints } = flags
  const zone = givenZone(flags)
  if (flags.enableTopologyAwareRouting === true && zone === '')
    log('warn', '--enable-topology-aware-routing has no effect on a folder without --zone NAME: all endpoints are used')
  const source = createFilesSource({ folder, endpoints, zone, log, onChange })
  return {
    cluster: undefined,
    watches: () => new Map(),
    current: source.current,
    async start() {
      const read = await source.start()
      if (!read.ok) throw new StartError(`${read.message}. Name a folder of manifests with --manifests.`)
    },
    stop: source.stop,
  }
}

/** What is not there after that is gone on with later: an NGINX that serves its last table is ready meanwhile. */
const PATIENCE_MILLISECONDS = 10_000

function openCluster(flags: ServeFlags, log: Log, onChange: () => void): OpenSource {
  const found = findAccess(flags, { environment: process.env })
  if (!found.ok) throw new StartError(describeNoCluster(flags, found.message))
  for (const warning of found.warnings) log('warn', warning)
  const client = createKubernetesClient(found.access)
  const translateOptions = translateOptionsOf(flags)
  const source = createClusterSource({
    client,
    watchNamespace: flags.watchNamespace,
    watchNamespaceSelector: flags.watchNamespaceSelector,
    secrets: flags.secrets,
    configMaps: [flags.configmap, flags.tcpServicesConfigmap, flags.udpServicesConfigmap],
    flagServices: [flags.defaultBackendService],
    flagSecrets: [flags.defaultSslCertificate],
    isServed: (ingress, classes) => isOurs(ingress, classes, translateOptions),
    namedBy: (kind, ingress) => referencesOf(kind, ingress, flags.annotationsPrefix),
    namedByConfigMap: referencesOfKeys,
    zone: findZone(flags),
    log,
    onChange,
    patienceMilliseconds: PATIENCE_MILLISECONDS,
  })
  return {
    cluster: { client, namespace: found.access.namespace },
    watches: source.states,
    current: source.current,
    async start() {
      log('info', `reading the cluster at ${client.server}`)
      const tooOld = await findTooOldServer(client)
      if (tooOld !== undefined) throw new StartError(tooOld)
      const started = await source.start()
      if (!started.ok) throw new StartError(`${started.message}.`)
    },
    async stop() {
      await source.stop()
    },
  }
}

function findZone(flags: ServeFlags): ZoneSource {
  if (flags.enableTopologyAwareRouting !== true) return { kind: 'none' }
  const zone = givenZone(flags)
  if (zone !== '') return { kind: 'given', zone }
  const { POD_NAME: pod = '', POD_NAMESPACE: namespace = '' } = process.env
  return { kind: 'node-of', namespace, pod }
}

function describeNoCluster({ kubeconfig, apiserverHost }: ServeFlags, message: string): string {
  return kubeconfig === '' && apiserverHost === '' ? `${message} Or serve a folder with --manifests DIR.` : message
}
