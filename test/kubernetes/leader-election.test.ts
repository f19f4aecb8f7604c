import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLeaderElection, electionIdentity, type LeaderElection } from '../../src/kubernetes/leader-election.js'
import {
  createClock,
  createLeaseServer,
  createSimulatedClient,
  createWorld,
  type Fate,
  type Life,
  type World,
} from './simulated-api.js'

const TTL = 8_000
const TROUBLE = 60_000
const QUIET = 40_000

interface Candidate {
  readonly election: LeaderElection
  /** Calls of onStart and onStop. */
  readonly told: string[]
}

interface Trouble {
  readonly lives: readonly Life[]
  readonly fates: readonly (readonly Fate[])[]
  readonly stops: readonly (number | undefined)[]
}

const calmLife: Life = { rate: 1, wallOffset: 0, wallFrozen: false, pauses: [] }

const anyFate = fc.record({
  there: fc.integer({ min: 0, max: TTL }),
  back: fc.integer({ min: 0, max: TTL }),
  lost: fc.constantFrom('no' as const, 'no' as const, 'no' as const, 'request' as const, 'answer' as const),
})
const quickFate = fc.record({
  there: fc.integer({ min: 0, max: 20 }),
  back: fc.integer({ min: 0, max: 20 }),
  lost: fc.constant('no' as const),
})
const anyLife = fc.record({
  // A clock that goes 20 % wrong: the margin between half a ttl and a whole one has room for it.
  rate: fc.double({ min: 0.8, max: 1.2, noNaN: true }),
  wallOffset: fc.integer({ min: -10_000_000, max: 10_000_000 }),
  wallFrozen: fc.boolean(),
  pauses: fc.array(
    fc.record({ from: fc.integer({ min: 0, max: TROUBLE }), length: fc.integer({ min: 1, max: 3 * TTL }) }),
    { maxLength: 3 },
  ),
})

function trouble(candidates: number): fc.Arbitrary<Trouble> {
  const each = { minLength: candidates, maxLength: candidates }
  return fc.record({
    lives: fc.array(anyLife, each),
    fates: fc.array(fc.array(fc.oneof(quickFate, quickFate, anyFate), { minLength: 1, maxLength: 30 }), each),
    // At least the last candidate stays.
    stops: fc
      .array(fc.option(fc.integer({ min: 0, max: TROUBLE }), { nil: undefined, freq: 3 }), each)
      .map((stops) => stops.with(stops.length - 1, undefined)),
  })
}

function stage({ lives, fates }: Trouble, world: World, server = createLeaseServer()): Candidate[] {
  return lives.map((life, index) => {
    const told: string[] = []
    const election = createLeaderElection({
      client: createSimulatedClient(world, server, life, fates[index] ?? [], TROUBLE),
      namespace: 'fairlead',
      name: 'leader',
      ttlMilliseconds: TTL,
      identity: `candidate-${index}`,
      onStart: () => told.push('start'),
      onStop: () => told.push('stop'),
      log: () => undefined,
      clock: createClock(world, life),
      random: () => (index % 10) / 10,
    })
    return { election, told }
  })
}

const leaders = (candidates: readonly Candidate[]): number =>
  candidates.filter(({ election }) => election.isLeader()).length

describe('STA-6: the election', () => {
  it('never has two leaders at once, and exactly one when things are quiet again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }).chain((count) => trouble(count)),
        async (events) => {
          const world = createWorld()
          const candidates = stage(events, world)
          candidates.forEach(({ election }, index) => {
            world.at(index, () => election.start())
            const stop = events.stops[index]
            if (stop !== undefined) world.at(stop + 10, () => void election.stop())
          })
          await world.run(TROUBLE + QUIET, () => {
            expect(leaders(candidates)).toBeLessThanOrEqual(1)
            for (const { told } of candidates)
              expect(told.every((word, index) => word === (index % 2 === 0 ? 'start' : 'stop'))).toBe(true)
          })
          expect(leaders(candidates)).toBe(1)
          for (const { election, told } of candidates)
            expect(told.at(-1) === 'start', 'callbacks agree with isLeader').toBe(election.isLeader())
        },
      ),
      { numRuns: 150 },
    )
  })

  it('is over half a ttl after the last renewal was sent, asked at any moment and without any timer', async () => {
    const stoppedFor = 100_000
    const world = createWorld()
    const life = { ...calmLife, pauses: [{ from: 1_000, length: stoppedFor }] }
    const [candidate] = stage({ lives: [life], fates: [[]], stops: [] }, world)
    candidate?.election.start()
    await world.run(TTL / 2 - 1, () => undefined)
    expect(candidate?.election.isLeader()).toBe(true)
    expect(candidate?.election.remainingMilliseconds()).toBeLessThan(TTL / 2)
    await world.run(TTL / 2 + 5, () => undefined)
    expect(candidate?.election.isLeader()).toBe(false)
    expect(candidate?.told, 'it is stopped and cannot be told').toEqual(['start'])
    await world.run(stoppedFor + TTL, () => undefined)
    expect(candidate?.told).toEqual(['start', 'stop', 'start'])
  })

  it('a clean stop gives the Lease away: the other leads after one look, not after a ttl', async () => {
    const world = createWorld()
    const [first, second] = stage({ lives: [calmLife, calmLife], fates: [[], []], stops: [] }, world)
    first?.election.start()
    await world.run(100, () => undefined)
    second?.election.start()
    await world.run(1_000, () => undefined)
    expect(first?.election.isLeader()).toBe(true)
    expect(second?.election.holder()).toBe('candidate-0')
    void first?.election.stop()
    expect(first?.election.isLeader()).toBe(false)
    await world.run(1_000 + TTL / 2, () => undefined)
    expect(second?.election.isLeader()).toBe(true)
  })

  it('a leader whose Lease was deleted or edited by hand stops at its next look', async () => {
    const world = createWorld()
    const server = createLeaseServer()
    const [candidate] = stage({ lives: [calmLife], fates: [[]], stops: [] }, world, server)
    candidate?.election.start()
    await world.run(1_000, () => undefined)
    server.remove()
    await world.run(1_000 + TTL, () => undefined)
    expect(candidate?.told).toEqual(['start', 'stop', 'start'])
    expect(candidate?.election.isLeader()).toBe(true)
  })
})

describe('FLG-3: the identity', () => {
  it.each([
    ['fairlead-1', 'fairlead-1_r'],
    ['', 'machine_r'],
    [undefined, 'machine_r'],
  ])('POD_NAME %s: %s', (podName, expected) => {
    expect(electionIdentity(podName, 'machine', 'r')).toBe(expected)
  })
})
