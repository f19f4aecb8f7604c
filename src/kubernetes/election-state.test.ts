import { describe, expect, it } from 'vitest'
import {
  afterConflict,
  afterRead,
  afterWrite,
  beginRound,
  initialElection,
  leadershipLeft,
  nextStep,
  releasedRecord,
  type ElectionState,
} from './election-state.js'
import { changedLease, microTime, parseLease, type Lease } from './lease.js'

const settings = { identity: 'us', ttlMilliseconds: 30_000 }
const WALL = Date.UTC(2026, 0, 31, 12)

function lease(holder: string, version = '7', spec: object = {}): Lease {
  const found = parseLease({
    kind: 'Lease',
    metadata: { name: 'leader', resourceVersion: version, labels: { kept: 'yes' } },
    spec: { holderIdentity: holder, leaseDurationSeconds: 30, leaseTransitions: 2, strategy: 'kept', ...spec },
  })
  if (found === undefined) throw new Error('not a Lease')
  return found
}

const saw = (found: Lease | undefined, at = 0): ElectionState => afterRead(initialElection, settings, found, at)

const steps: [fact: string, state: ElectionState, now: number, expected: object][] = [
  ['before the first look: look', initialElection, 0, { kind: 'read' }],
  ['no Lease: create', saw(undefined), 0, { kind: 'create', record: { holder: 'us', transitions: 0 } }],
  ['a released Lease: take it', saw(lease('')), 0, { kind: 'update', record: { holder: 'us', transitions: 3 } }],
  ['our own: renew', saw(lease('us')), 0, { kind: 'update', record: { holder: 'us', transitions: 2 } }],
  ['held: rest a quarter of the ttl', saw(lease('them')), 0, { kind: 'rest', milliseconds: 7_500 }],
  ['nearly over: rest until then', saw(lease('them')), 28_000, { kind: 'rest', milliseconds: 2_000 }],
  ['not renewed for its duration since we saw it: take it', saw(lease('them')), 30_000, { kind: 'update' }],
  [
    "the holder's duration counts, not ours",
    saw(lease('them', '7', { leaseDurationSeconds: 60 })),
    59_000,
    { kind: 'rest', milliseconds: 1_000 },
  ],
  ['without a duration ours counts', saw(lease('them', '7', { leaseDurationSeconds: 0 })), 30_000, { kind: 'update' }],
  [
    'a renewTime far in the past says nothing',
    saw(lease('them', '7', { renewTime: '1999-01-01T00:00:00.000000Z' })),
    0,
    { kind: 'rest' },
  ],
  ['after a conflict: look', afterConflict(saw(lease('us'))), 0, { kind: 'read' }],
]

describe('STA-6: what a candidate does', () => {
  it.each(steps)('%s', (_fact, state, now, expected) => {
    expect(nextStep(state, settings, now, WALL)).toMatchObject(expected)
  })

  it('the same version seen again does not begin the wait anew; another version does', () => {
    const again = afterRead(beginRound(saw(lease('them', '7')), settings), settings, lease('them', '7'), 20_000)
    expect(nextStep(again, settings, 30_000, WALL).kind).toBe('update')
    const renewed = afterRead(again, settings, lease('them', '8'), 20_000)
    expect(nextStep(renewed, settings, 30_000, WALL).kind).toBe('rest')
  })

  it('leadership counts from when the write was sent, and ends after half the ttl', () => {
    const won = afterWrite(saw(lease('')), lease('us', '8'), 1_000, 9_000)
    expect(leadershipLeft(won, settings, 9_000)).toBe(7_000)
    expect(leadershipLeft(won, settings, 16_000)).toBe(0)
    expect(leadershipLeft(saw(lease('us')), settings, 0), 'to read our name is not to lead').toBe(0)
  })

  it('a write that was not stored makes nobody leader', () => {
    const state = afterWrite(saw(lease('us', '7')), lease('us', '7'), 0, 0)
    expect(leadershipLeft(state, settings, 0)).toBe(0)
  })

  it('a renewal differs from the one before, even if the clock stands still', () => {
    const step = nextStep(saw(lease('us', '7', { renewTime: microTime(WALL * 1000) })), settings, 0, WALL)
    expect(step).toMatchObject({ record: { renewTime: '2026-01-31T12:00:00.000001Z' } })
  })

  it('a write keeps what it does not know, and the version that guards it', () => {
    const found = lease('us')
    expect(changedLease(found, releasedRecord(found.record, WALL))).toMatchObject({
      metadata: { resourceVersion: '7', labels: { kept: 'yes' } },
      spec: { strategy: 'kept', holderIdentity: '', leaseDurationSeconds: 1 },
    })
  })

  it.each([undefined, null, 'Lease', [], {}, { kind: 'Status' }, { kind: 'Lease' }, { kind: 'Lease', metadata: {} }])(
    'is no Lease: %j',
    (raw) => {
      expect(parseLease(raw)).toBeUndefined()
    },
  )

  it('a Lease without a spec has no holder', () => {
    expect(parseLease({ kind: 'Lease', metadata: { resourceVersion: '1' }, spec: null })?.record.holder).toBe('')
  })
})
