import { microTime, type Lease, type LeaseRecord } from './lease.js'

/** One candidate's choices; all durations in milliseconds of the local monotonic clock. */
export interface ElectionSettings {
  /** Unlike that of every other process that ever asks for this Lease. */
  readonly identity: string
  /** STA-6: how long others leave the Lease alone after a change of it, at least a second. */
  readonly ttlMilliseconds: number
}

/** What a candidate knows. Times are of its own monotonic clock, never of another host's. */
export interface ElectionState {
  /** The Lease as it was last seen; undefined before the first look and when there is none. */
  readonly seen: Lease | undefined
  /** When the version in `seen` was first seen. */
  readonly seenAt: number
  /** Whether `seen` (or that there is none) was read in this round. */
  readonly fresh: boolean
  /** When the last write that made or kept us leader was *sent*: others saw it no earlier. */
  readonly renewedAt: number | undefined
}

/** What to do next. */
export type ElectionStep =
  | { readonly kind: 'read' }
  | { readonly kind: 'create'; readonly record: LeaseRecord }
  | { readonly kind: 'update'; readonly lease: Lease; readonly record: LeaseRecord }
  | { readonly kind: 'rest'; readonly milliseconds: number }

export const initialElection: ElectionState = { seen: undefined, seenAt: 0, fresh: false, renewedAt: undefined }

/** STA-6: a leader that could not renew for half of the ttl leads no more, well before others may take over. */
export function renewDeadline({ ttlMilliseconds }: ElectionSettings): number {
  return ttlMilliseconds / 2
}

/** STA-6: how often a leader renews and a candidate looks. */
export function retryPeriod({ ttlMilliseconds }: ElectionSettings): number {
  return ttlMilliseconds / 4
}

/** Milliseconds of leadership left at `now`; 0 for who does not lead. */
export function leadershipLeft({ renewedAt }: ElectionState, settings: ElectionSettings, now: number): number {
  return renewedAt === undefined ? 0 : Math.max(0, renewedAt + renewDeadline(settings) - now)
}

/** A new round: who does not hold the Lease looks before it acts. */
export function beginRound(state: ElectionState, { identity }: ElectionSettings): ElectionState {
  return { ...state, fresh: state.seen?.record.holder === identity && state.fresh }
}

/**
 * client-go's algorithm: a Lease that is absent, released, our own or not renewed for its duration since *we* saw it
 * change may be written, guarded by its resourceVersion; else it is looked at again later. `now` is monotonic, `wall`
 * the time of day, which only goes into the record. Source: k8s.io/client-go/tools/leaderelection.
 */
export function nextStep(state: ElectionState, settings: ElectionSettings, now: number, wall: number): ElectionStep {
  const { seen, fresh } = state
  if (!fresh) return { kind: 'read' }
  if (seen === undefined) return { kind: 'create', record: claim(undefined, settings, wall) }
  const free = seen.record.holder === settings.identity || seen.record.holder === '' || now >= expiry(state, settings)
  if (free) return { kind: 'update', lease: seen, record: claim(seen.record, settings, wall) }
  return { kind: 'rest', milliseconds: Math.min(retryPeriod(settings), expiry(state, settings) - now) }
}

/**
 * The Lease was read, or does not exist. The same version keeps the time at which it was first seen. Who finds that
 * it is not the holder (somebody edited or deleted the Lease) leads no more.
 */
export function afterRead(
  state: ElectionState,
  { identity }: ElectionSettings,
  lease: Lease | undefined,
  now: number,
): ElectionState {
  const same = lease !== undefined && lease.resourceVersion === state.seen?.resourceVersion
  const renewedAt = lease?.record.holder === identity ? state.renewedAt : undefined
  return { seen: lease, seenAt: same ? state.seenAt : now, fresh: true, renewedAt }
}

/**
 * The API server took our claim. A write that changed nothing was not stored, so nobody else saw it: it does not count
 * (`renewTime` of a claim always differs, so this is a server that answers from somewhere else).
 */
export function afterWrite(state: ElectionState, lease: Lease, sentAt: number, now: number): ElectionState {
  if (lease.resourceVersion === state.seen?.resourceVersion) return { ...state, fresh: false }
  return { seen: lease, seenAt: now, fresh: true, renewedAt: sentAt }
}

/** Somebody else wrote first (409), or the Lease is gone (404). What was seen keeps its time until it is read again. */
export function afterConflict(state: ElectionState): ElectionState {
  return { ...state, fresh: false }
}

/** Not leading any more. */
export function withoutLeadership(state: ElectionState): ElectionState {
  return { ...state, renewedAt: undefined }
}

/** The record that gives the Lease away, so that the next candidate need not wait. */
export function releasedRecord(before: LeaseRecord, wall: number): LeaseRecord {
  const renewTime = differentTime(before.renewTime, wall)
  return { ...before, holder: '', durationSeconds: 1, renewTime }
}

function claim(before: LeaseRecord | undefined, settings: ElectionSettings, wall: number): LeaseRecord {
  const renewTime = differentTime(before?.renewTime, wall)
  const ours = before?.holder === settings.identity
  return {
    holder: settings.identity,
    durationSeconds: Math.ceil(settings.ttlMilliseconds / 1000),
    acquireTime: ours ? before.acquireTime : renewTime,
    renewTime,
    transitions: before === undefined ? 0 : before.transitions + (ours ? 0 : 1),
  }
}

/** A clock that stands still or was set back must not make a renewal look like no change: it would not be stored. */
function differentTime(before: string | undefined, wall: number): string {
  const time = microTime(wall * 1000)
  return time === before ? microTime(wall * 1000 + 1) : time
}

function expiry({ seen, seenAt }: ElectionState, { ttlMilliseconds }: ElectionSettings): number {
  const seconds = seen?.record.durationSeconds ?? 0
  return seenAt + (seconds > 0 ? seconds * 1000 : ttlMilliseconds)
}
