import { createDistribution, type Distribution } from '../../observe/metrics/distribution.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import type { Translation } from '../../translate/translate.js'
import type { SourceState } from '../controller.js'
import type { PassReport, ReloadReport } from '../events/recorder.js'

/** What happened since the controller began, as far as metrics and `fairlead status` speak of it. */
export interface ControllerRecord {
  /** The source has changed. */
  changed(): void
  /** The same source; what a pass takes from it is what it will have brought to NGINX. */
  taking(current: () => SourceState): () => SourceState
  passed(report: PassReport, translation: Translation): void
  reloaded(report: ReloadReport): void
  reviewed(review: Review): void
  latest(): { readonly report: PassReport; readonly translation: Translation } | undefined
  reloads(): Reloads
  reviews(): Reviews
  /** Seconds from a change until it was live, by kind of object. */
  readonly live: Distribution
}

/** An Ingress was reviewed for admission. */
export interface Review {
  readonly namespace: string
  readonly ingress: string
  readonly admitted: boolean
  /** It was refused, and `check_errors` does not count it. */
  readonly isUncounted?: true
  readonly seconds: number
  /** Ingresses that it was held against, itself too. */
  readonly tested: number
}

export interface Reloads {
  readonly succeeded: number
  readonly failed: number
  /** Seconds since 1970. */
  readonly lastSuccess: number | undefined
  readonly isLastGood: boolean
  readonly lastFailure: string | undefined
}

export interface Reviews {
  readonly last: Review | undefined
  /** By `NAMESPACE INGRESS`. */
  readonly admitted: ReadonlyMap<string, number>
  readonly refused: ReadonlyMap<string, number>
}

const LIVE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** Ingresses whose reviews are counted; they may have any name, as they are not stored yet. */
const MOST_REVIEWED = 1_000

export function createControllerRecord(clock: { wall(): number; now(): number }): ControllerRecord {
  const live = createDistribution('kind', LIVE_SECONDS)
  let noticed: number | undefined
  let taken: number | undefined
  let latest: ReturnType<ControllerRecord['latest']>
  let reloads: Reloads = {
    succeeded: 0,
    failed: 0,
    lastSuccess: undefined,
    isLastGood: false,
    lastFailure: undefined,
  }
  let lastReview: Review | undefined
  const admitted = new Map<string, number>()
  const refused = new Map<string, number>()

  return {
    live,
    changed() {
      noticed ??= clock.now()
    },
    taking: (current) => () => {
      taken ??= noticed
      noticed = undefined
      return current()
    },
    passed(report, translation) {
      const before = latest?.report.snapshot
      const isFirst = latest === undefined || !latest.report.live
      latest = { report, translation }
      if (!report.live) return
      // The start is a configuration that was loaded, too.
      if (isFirst && reloads.lastSuccess === undefined) noteSuccess()
      if (taken !== undefined && before !== undefined)
        for (const kind of kindsOf(before, report.snapshot)) live.observe(kind, (clock.now() - taken) / 1000)
      taken = undefined
    },
    reloaded(report) {
      if (report.ok) noteSuccess()
      else reloads = { ...reloads, failed: reloads.failed + 1, isLastGood: false, lastFailure: report.message }
    },
    reviewed(review) {
      lastReview = review
      if (review.isUncounted === true) return
      const counts = review.admitted ? admitted : refused
      const key = `${review.namespace} ${review.ingress}`
      const count = counts.get(key)
      if (count !== undefined || counts.size < MOST_REVIEWED) counts.set(key, (count ?? 0) + 1)
    },
    latest: () => latest,
    reloads: () => reloads,
    reviews: () => ({ last: lastReview, admitted, refused }),
  }

  function noteSuccess(): void {
    reloads = {
      ...reloads,
      succeeded: reloads.succeeded + 1,
      lastSuccess: clock.wall() / 1000,
      isLastGood: true,
    }
  }
}

/** Which kinds of objects are not the same. */
function kindsOf(before: Snapshot, after: Snapshot): readonly string[] {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['Ingress', before.ingresses, after.ingresses],
    ['IngressClass', before.ingressClasses, after.ingressClasses],
    ['Service', before.services, after.services],
    ['EndpointSlice', before.endpointSlices, after.endpointSlices],
    ['Secret', before.secrets, after.secrets],
    ['ConfigMap', before.configMaps, after.configMaps],
  ]
  return pairs.filter(([, old, now]) => old !== now).map(([kind]) => kind)
}
