import type { Clock } from '../../kubernetes/clock.js'
import type { Problem } from '../../problems/problem.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import type { ServedIngresses } from '../served.js'
import { configMapEvents, type SeenConfigMaps } from './config-map-events.js'
import type { EventRequest, EventTarget } from './event.js'
import type { EventWriter } from './event-writer.js'
import { ingressEvents, type SeenIngresses } from './ingress-events.js'
import { isOfNginx, problemEvents, type SyncEvents, type ToldProblems } from './problem-events.js'

/** What a pass of the loop came to. */
export interface PassReport {
  readonly snapshot: Snapshot
  readonly served: ServedIngresses
  readonly problems: readonly Problem[]
  /** Everything served is in NGINX. */
  readonly live: boolean
}

export type ReloadReport = { readonly ok: true } | { readonly ok: false; readonly message: string }

/** Turns what happens into events on the objects it happens to (routing.md section 20). */
export interface EventRecorder {
  /** After each pass. Returns at once; passes that follow each other closely are one. */
  passed(report: PassReport): void
  /** NGINX was reloaded, or refused. */
  reloaded(report: ReloadReport): void
  /** This replica begins to lead: what is wrong now is told, unless the replica before did. Belongs in onStart. */
  lead(): void
  stop(): void
}

export interface EventRecorderParts {
  readonly writer: Pick<EventWriter, 'offer'>
  /** `off`: `--disable-sync-events`. */
  readonly syncEvents: SyncEvents
  /** `namespace/name` of the main, TCP and UDP ConfigMaps. */
  readonly configMaps: readonly string[]
  /** Our own Pod (see `readOwnPod`); undefined: there is none, or it cannot be read. Asked until it is known. */
  ownPod(): Promise<EventTarget | undefined>
  readonly clock: Clock
}

/** Longer than a burst of passes, and shorter than anybody waits for an event. */
const GATHER_MILLISECONDS = 100
/** With ten thousand problems a look costs tens of milliseconds: it may take a tenth of the time, not more. */
const SHARE = 10

export function createEventRecorder(parts: EventRecorderParts): EventRecorder {
  const { writer, syncEvents, clock } = parts
  let latest: PassReport | undefined
  let told: ToldProblems | undefined
  let seen: SeenIngresses | undefined
  let seenConfigMaps: SeenConfigMaps | undefined
  let asked: Promise<EventTarget | undefined> | undefined
  let pod: EventTarget | undefined
  let scheduled = false
  let cost = 0
  let cancel = (): void => undefined

  function schedule(): void {
    if (scheduled || latest === undefined) return
    scheduled = true
    cancel = clock.after(Math.max(GATHER_MILLISECONDS, cost * SHARE), () => {
      scheduled = false
      const began = clock.now()
      tell()
      cost = clock.now() - began
    })
  }

  function tell(): void {
    if (latest === undefined) return
    const { snapshot, served, problems, live } = latest
    if (pod === undefined && problems.some(isOfNginx)) void tellOnceKnown()
    const wrong = problemEvents(told, problems, snapshot, syncEvents, pod)
    const changed = ingressEvents(seen, served, live)
    const named = parts.configMaps.flatMap((name) => snapshot.configMaps.get(name) ?? [])
    const configured = configMapEvents(seenConfigMaps, named)
    told = wrong.told
    seen = changed.seen
    seenConfigMaps = configured.seen
    writer.offer(wrong.events)
    if (syncEvents === 'on') writer.offer([...configured.events, ...changed.events])
  }

  /** What is told of a Pod that is not known yet is not told: the next look does it. */
  async function tellOnceKnown(): Promise<void> {
    if ((await findPod()) !== undefined) schedule()
  }

  async function findPod(): Promise<EventTarget | undefined> {
    asked ??= parts.ownPod()
    pod = await asked
    if (pod === undefined) asked = undefined
    return pod
  }

  async function tellReload(report: ReloadReport): Promise<void> {
    const about = await findPod()
    if (about !== undefined) writer.offer([reloadEvent(about, report)])
  }

  return {
    passed(report) {
      latest = report
      schedule()
    },
    reloaded: (report) => void tellReload(report),
    lead() {
      told = undefined
      seenConfigMaps = undefined
      schedule()
    },
    stop() {
      cancel()
      scheduled = true
    },
  }
}

function reloadEvent(about: EventTarget, report: ReloadReport): EventRequest {
  const shared = { about, reason: 'RELOAD', repeat: 'count', from: 'own' } as const
  return report.ok
    ? { ...shared, type: 'Normal', message: 'NGINX was reloaded because its configuration changed' }
    : { ...shared, type: 'Warning', message: `NGINX was not reloaded: ${report.message}` }
}
