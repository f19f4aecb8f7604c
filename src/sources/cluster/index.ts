import type { KubernetesClient } from '../../kubernetes/client.js'
import { type Clock, systemClock } from '../../kubernetes/clock.js'
import type { ReflectorTimes } from '../../kubernetes/reflector.js'
import type { ReflectorState } from '../../kubernetes/reflector-state.js'
import { resourceName, resourcePath } from '../../kubernetes/resource.js'
import type { Problem } from '../../problems/problem.js'
import type { ConfigMap, Ingress } from '../../snapshot/objects.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import { createClusterObjects, type KnownClasses, type NamedKind } from './cluster-objects.js'
import { parseRaw } from './kept-objects.js'
import { parseLabelSelector } from './label-selector.js'
import { isSameList } from '../same-problems.js'
import { createNamedObjects } from './objects-by-name.js'
import type { SecretsMode } from './secret-reader.js'
import { createSecretReader } from './secrets.js'
import { isSettled, type Track, type TrackSurroundings } from './track.js'
import { ingressClasses, namesOutside, resourcesIn, resourcesOf, trackNamespaces, trackObjects } from './tracks.js'
import { describeTroubles, GRACE_MILLISECONDS } from './troubles.js'
import { createZoneReader, type ZoneSource } from './zone.js'
import {
  createLookup,
  createNames,
  hasOtherNames,
  type Lookup,
  namesToResolve,
  readSearchRules,
} from '../names/resolve.js'

export type { SecretsMode } from './secret-reader.js'

/** What the source knows at present. */
export interface ClusterState {
  readonly snapshot: Snapshot
  readonly problems: readonly Problem[]
  /**
   * Everything has been read once, or may not be read and can be missed. Before that the snapshot must not take the
   * place of what NGINX serves: it lacks objects that exist. Stays true.
   */
  readonly complete: boolean
}

export type Started = { readonly ok: true } | { readonly ok: false; readonly message: string }

export interface ClusterSource {
  /**
   * Resolves when everything was read once or may not be read, and the first content of named Secrets is there; after
   * `patienceMilliseconds` at the latest, with problems that say what is wrong, and goes on trying. A Secret that does
   * not exist is not waited for. Not ok: flags that cannot work (FLG-2); nothing was begun.
   */
  start(): Promise<Started>
  current(): ClusterState
  /**
   * How each kind of resource is doing, for health and metrics; keyed as kubectl writes it
   * (`ingresses.networking.k8s.io`).
   */
  states(): ReadonlyMap<string, ReflectorState>
  /** Leaves nothing open; the client remains the caller's. */
  stop(): Promise<void>
}

export interface ClusterOptions {
  readonly client: KubernetesClient
  /** `--watch-namespace`; '' is all. SEL-5. */
  readonly watchNamespace: string
  /** `--watch-namespace-selector`; '' is none. SEL-5. */
  readonly watchNamespaceSelector: string
  readonly secrets: SecretsMode
  /** `namespace/name` of ConfigMaps that flags name. Empty texts are left out. */
  readonly configMaps: readonly string[]
  /** `namespace/name` of Services that flags name; read wherever they are, with their endpoints. Empty texts are left out. */
  readonly flagServices: readonly string[]
  /** `namespace/name` of Secrets that flags name; read wherever they are. Empty texts are left out. */
  readonly flagSecrets: readonly string[]
  /**
   * ConfigMaps and Secrets that the annotations of an Ingress name, as `namespace/name`; no others are read. By default
   * none.
   */
  readonly namedBy?: (kind: NamedKind, ingress: Ingress) => readonly string[]
  /** What the ConfigMaps of `configMaps` name themselves, as `namespace/name`. */
  readonly namedByConfigMap?: (kind: NamedKind, configMap: ConfigMap) => readonly string[]
  /** Whether an Ingress is served; what others name is not read. By default every one is. */
  readonly isServed?: (ingress: Ingress, classes: KnownClasses) => boolean
  /** Where the zone of the node is known from; by default zones have no say. SVC-9. */
  readonly zone?: ZoneSource
  readonly log: (level: 'debug' | 'info' | 'warn', message: string) => void
  /** Called after changes of the snapshot or the problems, once for all that arrived together; not for what `start` read. */
  readonly onChange: () => void
  /** How names of ExternalName Services are resolved; by default by the machine's name servers. */
  readonly lookup?: Lookup
  readonly clock?: Clock
  readonly times?: Partial<ReflectorTimes>
  /**
   * How long after the first time the API server must refuse something again before it counts as what may not be read.
   * Default 5 s.
   */
  readonly denialMilliseconds?: number
  /** Default 30 s. */
  readonly patienceMilliseconds?: number
}

const FIRST_NAMES_MILLISECONDS = 2_000
/** What nothing can be served without. */
const needed: ReadonlySet<string> = new Set(['Ingress', 'Service', 'EndpointSlice', 'Namespace'])

/** An API server has read its roles by then (`informer-sync` of its /readyz). */
const DENIAL_MILLISECONDS = 5_000

/** Secrets that cannot be read for so long are gone on without, with the default certificate in their place. */
const SECRETS_MILLISECONDS = 30_000

/** For how long other changes wait for an object that an Ingress has just named. */
const NAMED_MILLISECONDS = 500

/**
 * Desired state from a cluster, followed as it changes:
 *
 *     const found = findAccess(flags, { environment: process.env })
 *     const client = createKubernetesClient(found.access)
 *     const source = createClusterSource({ client, …, onChange: () => controller.changed() })
 *     const started = await source.start()      // then translate source.current() if it is complete
 *     …
 *     await source.stop(); await client.close()
 *
 * Reads Ingresses, IngressClasses, Services and EndpointSlices, the Secrets and ConfigMaps that are named, and
 * namespaces where a selector is used. An object that does not parse keeps its last good version. Problems:
 * `object/invalid`, `source/unreachable`, `source/permission-missing`, `source/classes-unreadable`.
 */
export function createClusterSource(options: ClusterOptions): ClusterSource {
  const { client, watchNamespace, log, onChange, clock = systemClock, patienceMilliseconds = 30_000 } = options
  const selector = parseLabelSelector(options.watchNamespaceSelector)
  const surroundings: TrackSurroundings = {
    client,
    clock,
    times: options.times ?? {},
    denialMilliseconds: options.denialMilliseconds ?? DENIAL_MILLISECONDS,
    roles: { knownSince: undefined },
    changed: () => changed(),
    warn: (message) => log('warn', message),
  }
  const objects = createClusterObjects({
    matches: options.watchNamespaceSelector !== '' && selector.ok ? selector.matches : undefined,
    isServed: options.isServed ?? (() => true),
    namedBy: (kind, ingress) => [
      ...(kind === 'Secret' ? tlsSecretsOf(ingress) : []),
      ...(options.namedBy?.(kind, ingress) ?? []).filter((key) => isWatched(key, watchNamespace)),
    ],
    namedByConfigMap: options.namedByConfigMap ?? (() => []),
    flagged: { Secret: options.flagSecrets.filter(isGiven), ConfigMap: options.configMaps.filter(isGiven) },
    onNeed: (kind, key, need) => (kind === 'Secret' ? secrets : configMaps).change(key, need),
  })
  const secrets = createSecretReader(options.secrets, {
    ...surroundings,
    namespace: watchNamespace,
    isNeeded: (key) => objects.needs.Secret.has(key),
    needed: () => objects.needs.Secret.keys(),
    onObject: (raw) => objects.set('Secret', parseRaw('Secret', raw)),
    onGone: (namespace, name) => objects.delete('Secret', namespace, name),
  })
  const configMaps = createNamedObjects('ConfigMap', {
    ...surroundings,
    // The main one may be in a namespace that is not watched; what Ingresses name is looked at above.
    namespace: '',
    needed: () => objects.needs.ConfigMap.keys(),
    onObject: (raw) => objects.set('ConfigMap', parseRaw('ConfigMap', raw)),
    onGone: (namespace, name) => objects.delete('ConfigMap', namespace, name),
  })
  const classes = trackObjects(surroundings, objects, 'IngressClass', ingressClasses)
  const own: readonly Track[] = [
    ...(objects.namespaces === undefined ? [] : [trackNamespaces(surroundings, objects.namespaces)]),
    classes,
    ...Object.entries(resourcesIn(watchNamespace)).map(
      ([kind, resource]) => trackObjects(surroundings, objects, kind as keyof ReturnType<typeof resourcesIn>, resource), // its own keys
    ),
  ]
  /** What is missed where it may not be read, as a Service is that does not exist. */
  const elsewhere = namesOutside(watchNamespace, options.flagServices).flatMap((key) =>
    Object.entries(resourcesOf(key)).map(
      ([kind, resource]) => trackObjects(surroundings, objects, kind as keyof ReturnType<typeof resourcesOf>, resource), // its own keys
    ),
  )
  const tracks = (): readonly Track[] => [...own, ...elsewhere, ...configMaps.tracks, ...secrets.tracks]

  let state: ClusterState = { snapshot: objects.store.snapshot(), problems: [], complete: false }
  let phase: 'reading' | 'announcing' | 'stopped' = 'reading'
  let scheduled = false
  let settle = (): void => undefined
  let cancelGrace = (): void => undefined
  let cancelSecrets = (): void => undefined
  let secretsAreLate = false
  let cancelNamed: (() => void) | undefined
  let namedAreLate = false

  const isComplete = (): boolean =>
    state.complete ||
    (own.every((track) => track.synced || (track.denied && !needed.has(track.kind))) &&
      configMaps.settled() &&
      // What keeps somebody out may stand in them.
      options.configMaps.filter(isGiven).every(configMaps.isRead) &&
      elsewhere.every(isSettled) &&
      ((secrets.tracks.every(isSettled) && secrets.settled()) || secretsAreLate))

  /** Everything that arrives in one turn of the event loop is one change. */
  const changed = (): void => {
    if (scheduled || phase === 'stopped') return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      objects.setClassesReadable(!classes.denied)
      if (phase === 'reading' && tracks().every(isSettled) && secrets.settled()) settle()
      // A snapshot copies what changes after it, so none is taken while thousands of objects arrive.
      else if (phase === 'announcing' && !isReadingNamed()) refresh()
    })
  }

  /**
   * What an Ingress begins to name is there with it, or else the Ingress would be closed for a moment; unless that
   * takes long.
   */
  const isReadingNamed = (): boolean => {
    if (configMaps.settled() && secrets.settled()) {
      cancelNamed?.()
      cancelNamed = undefined
      namedAreLate = false
    } else
      cancelNamed ??= clock.after(NAMED_MILLISECONDS, () => {
        namedAreLate = true
        changed()
      })
    return cancelNamed !== undefined && !namedAreLate
  }

  const refresh = (): void => {
    objects.setClassesReadable(!classes.denied)
    const now = objects.store.snapshot()
    if (phase === 'reading' || hasOtherNames(state.snapshot, now)) names.want(namesToResolve(now))
    const snapshot = objects.store.snapshot()
    const found = [
      ...describeTroubles({
        server: client.server,
        tracks: tracks(),
        secretFailures: secrets.failures(),
        now: clock.now(),
      }),
      ...objects.problems(),
    ]
    const problems = isSameList(found, state.problems) ? state.problems : found
    const complete = isComplete()
    const isNew = snapshot !== state.snapshot || problems !== state.problems || complete !== state.complete
    if (isNew) state = { snapshot, problems, complete }
    // What fails now becomes worth a word later, without another event.
    cancelGrace()
    if (tracks().some((track) => track.synced && track.state.kind === 'failing'))
      cancelGrace = clock.after(GRACE_MILLISECONDS, changed)
    if (isNew && phase === 'announcing') onChange()
  }
  const names = createNames({
    rules: readSearchRules(),
    lookup: options.lookup ?? createLookup(),
    onAddresses(name, addresses) {
      objects.store.setResolved(name, addresses)
      changed()
    },
  })

  const zone = createZoneReader(options.zone ?? { kind: 'none' }, {
    client,
    clock,
    onZone(name) {
      objects.store.setZone(name)
      changed()
    },
    warn: (message) => log('warn', message),
  })

  return {
    async start() {
      if (watchNamespace !== '' && options.watchNamespaceSelector !== '')
        return refuse('--watch-namespace and --watch-namespace-selector exclude each other; give one of them')
      if (!selector.ok) return refuse(`--watch-namespace-selector: ${selector.message}`)
      const absent = await findAbsentNamespace(client, watchNamespace)
      if (absent !== undefined) return refuse(absent)
      const settled = new Promise<void>((resolve) => {
        settle = resolve
      })
      const cancel = clock.after(patienceMilliseconds, () => settle())
      for (const track of [...own, ...elsewhere]) track.start()
      configMaps.start()
      secrets.start()
      const zoned = zone.start()
      cancelSecrets = clock.after(SECRETS_MILLISECONDS, () => {
        secretsAreLate = true
        changed()
      })
      await settled
      cancel()
      if (phase === 'stopped') return { ok: true }
      refresh()
      await Promise.all([names.firstAnswers(FIRST_NAMES_MILLISECONDS), orAfter(zoned, FIRST_NAMES_MILLISECONDS, clock)])
      refresh()
      if (phase === 'reading') phase = 'announcing'
      changed()
      return { ok: true }
    },
    current: () => state,
    states: () => new Map(tracks().map((track) => [resourceName(track.resource), track.state])),
    async stop() {
      phase = 'stopped'
      settle()
      cancelGrace()
      cancelSecrets()
      cancelNamed?.()
      names.stop()
      zone.stop()
      await Promise.all([...[...own, ...elsewhere].map((track) => track.stop()), configMaps.stop(), secrets.stop()])
    },
  }
}

/** Resolves with the promise, or after a time. */
function orAfter(promise: Promise<void>, milliseconds: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(milliseconds, resolve)
    void promise.then(() => {
      cancel()
      resolve()
    })
  })
}

function tlsSecretsOf({ namespace, tls }: Ingress): readonly string[] {
  return tls.filter(({ secretName }) => secretName !== '').map(({ secretName }) => `${namespace}/${secretName}`)
}

function isGiven(key: string): boolean {
  return key !== ''
}

/** SEL-5. */
function isWatched(key: string, namespace: string): boolean {
  return namespace === '' || key.startsWith(`${namespace}/`)
}

/** FLG-2: a namespace that does not exist. Where we may not ask, or nobody answers, it counts as existing. */
async function findAbsentNamespace(client: KubernetesClient, namespace: string): Promise<string | undefined> {
  if (namespace === '') return undefined
  const path = resourcePath({ group: '', version: 'v1', plural: 'namespaces', namespace: '' }, namespace)
  const result = await client.call({ method: 'GET', path, timeoutMilliseconds: 5_000 })
  return !result.ok && result.status === 404
    ? `--watch-namespace: there is no namespace ${namespace} in the cluster`
    : undefined
}

function refuse(message: string): Started {
  return { ok: false, message }
}
