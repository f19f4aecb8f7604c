import { byLabel, counter, gauge, type Family } from '../../observe/metrics/family.js'
import { PREFIX } from '../../observe/metrics/request-text.js'
import type { Labels } from '../../observe/metrics/text.js'
import { certificateFamilies } from './certificates.js'
import { orphanFamily } from './orphans.js'
import type { ControllerRecord } from './record.js'

/** What is asked at a scrape, besides what was recorded. */
export interface ControllerFacts {
  readonly constant: Labels
  readonly controllerClass: string
  readonly version: string
  /** Of everything that NGINX runs; 12 hexadecimal digits or more. */
  readonly configDigest: string
  /** undefined: there is no election. */
  readonly isLeader: boolean | undefined
  readonly electionId: string
  /** The admission webhook is on. */
  readonly reviews: boolean
}

/** Sections 2.2 and 2.3 of observability.md. */
export function controllerFamilies(record: ControllerRecord, facts: ControllerFacts): readonly Family[] {
  const { constant, controllerClass, version, configDigest, isLeader, electionId } = facts
  const { succeeded, failed, lastSuccess, isLastGood } = record.reloads()
  const latest = record.latest()
  const hash = isLastGood ? Number.parseInt(configDigest.slice(0, 12), 16) : 0
  return [
    gauge(`${PREFIX}build_info`, 'Version of the controller; always 1.', 1, [
      ...constant,
      ['build', version],
      ['release', version],
      ['repository', 'fairlead'],
    ]),
    gauge(`${PREFIX}config_hash`, 'Stands for what NGINX runs; 0 after a failure.', hash, constant),
    gauge(`${PREFIX}config_last_reload_successful`, 'Whether NGINX took the last frame.', isLastGood ? 1 : 0, constant),
    gauge(
      `${PREFIX}config_last_reload_successful_timestamp_seconds`,
      'When NGINX last took a frame, in seconds since 1970.',
      lastSuccess ?? 0,
      constant,
    ),
    counter(`${PREFIX}success`, 'Frames that NGINX took, the first one too.', succeeded, constant),
    counter(`${PREFIX}errors`, 'Frames that NGINX refused.', failed, constant),
    ...(facts.reviews ? reviewFamilies(record, constant) : []),
    // One replica speaks for all.
    ...(latest === undefined || isLeader === false ? [] : certificateFamilies(latest.translation, controllerClass)),
    gauge(
      `${PREFIX}leader_election_status`,
      '1: this replica writes status and events.',
      isLeader === undefined ? undefined : isLeader ? 1 : 0,
      [...constant, ['name', electionId]],
    ),
    ...(latest === undefined ? [] : [orphanFamily(latest.report.served, latest.report.problems, constant)]),
  ]
}

function reviewFamilies(record: ControllerRecord, constant: Labels): readonly Family[] {
  const { last, admitted, refused } = record.reviews()
  const counts = (name: string, help: string, of: ReadonlyMap<string, number>): Family => ({
    name: `${PREFIX}${name}`,
    kind: 'counter',
    help,
    samples: [...of].map(([key, value]) => {
      const [namespace = '', ingress = ''] = key.split(' ')
      return { labels: [...constant, ['ingress', ingress], ['namespace', namespace]], value }
    }),
  })
  const of = (name: string, help: string, value: number | undefined): Family =>
    gauge(`${PREFIX}admission_${name}`, help, value, constant)
  return [
    counts('check_success', 'Reviews of Ingresses that admitted them.', admitted),
    counts(
      'check_errors',
      'Reviews of Ingresses that refused them, for more than text and form that are never allowed.',
      refused,
    ),
    of('tested_ingresses', 'Ingresses of the last review: the one and those it was held against.', last?.tested),
    of('tested_duration', 'Seconds that the last review took.', last?.seconds),
    of('render_ingresses', 'Always 0: a review prints no configuration.', last === undefined ? undefined : 0),
    of('render_duration', 'Always 0: a review prints no configuration.', last === undefined ? undefined : 0),
    of('config_size', 'Always 0: a review prints no configuration.', last === undefined ? undefined : 0),
    of('roundtrip_duration', 'Seconds from the question to the answer of the last review.', last?.seconds),
  ]
}

/** What is asked at a scrape about the controller itself. */
export interface OwnFacts {
  readonly version: string
  readonly revision: number
  readonly pushed: {
    readonly pushes: number
    readonly failed: number
    readonly puts: number
    readonly drops: number
    readonly bytes: number
  }
  readonly reloads: Readonly<Record<string, number>>
  /** undefined: NGINX does not answer. */
  readonly table: { readonly free: number; readonly capacity: number } | undefined
  /** Seconds since the table was last written beside the frame. */
  readonly snapshotAge: number | undefined
  readonly watchRestarts: ReadonlyMap<string, number>
  /** Seconds for which a watch has been failing; 0: it has not. */
  readonly watchLag: ReadonlyMap<string, number>
  readonly requestSeries: { readonly size: number; readonly overflowed: number } | undefined
}

/** What ingress-nginx has no name for: prefix `fairlead_`. */
export function ownFamilies(record: ControllerRecord, facts: OwnFacts): readonly Family[] {
  const { pushed, reloads, table, snapshotAge, watchRestarts, watchLag, requestSeries } = facts
  const codes = new Map<string, number>()
  for (const { code } of record.latest()?.report.problems ?? []) codes.set(code, (codes.get(code) ?? 0) + 1)
  return [
    gauge('fairlead_build_info', 'Version of Fairlead; always 1.', 1, [['version', facts.version]]),
    {
      name: 'fairlead_change_live_seconds',
      kind: 'histogram',
      help: 'From a change of an object of this kind until NGINX served it.',
      samples: record.live.samples(),
    },
    gauge('fairlead_table_revision', 'Number of the last push.', facts.revision),
    counter('fairlead_pushes_total', 'Changes of the table that NGINX took.', pushed.pushes),
    counter('fairlead_push_failures_total', 'Changes of the table that NGINX did not take.', pushed.failed),
    byLabel(
      'fairlead_documents_pushed_total',
      'counter',
      'Documents put into the table or dropped from it.',
      'operation',
      Object.entries({ put: pushed.puts, drop: pushed.drops }),
    ),
    counter('fairlead_pushed_bytes_total', 'Bytes of all pushes.', pushed.bytes),
    byLabel(
      'fairlead_reloads_total',
      'counter',
      'Reloads of NGINX: new profiles, changed settings, other code.',
      'reason',
      Object.entries(reloads),
    ),
    byLabel('fairlead_problems', 'gauge', 'Problems there are now, by code.', 'code', codes),
    byLabel(
      'fairlead_watch_restarts_total',
      'counter',
      'Watches that broke off or began anew with a list.',
      'resource',
      watchRestarts,
    ),
    byLabel('fairlead_watch_lag_seconds', 'gauge', 'For how long a watch has been failing.', 'resource', watchLag),
    gauge('fairlead_table_capacity_bytes', 'Shared memory for the table.', table?.capacity),
    gauge('fairlead_table_free_bytes', 'What of it is free, in whole pages.', table?.free),
    gauge('fairlead_snapshot_age_seconds', 'Since the table was last written to its file.', snapshotAge),
    gauge('fairlead_request_series', 'Label sets of request metrics.', requestSeries?.size),
    counter(
      'fairlead_request_series_overflow_total',
      'Requests that were counted under _overflow (--metrics-max-series).',
      requestSeries?.overflowed,
    ),
  ]
}
