import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseKept, printKept } from './kept.js'
import { step, takeOver, type SeriesState, type Tell, type Verdict, type Voice } from './machine.js'
import type { Timing } from './rule.js'

const MINUTE = 60_000

interface Look {
  readonly verdict: Verdict
  readonly voice?: Voice
}

/** Looks a minute apart; what was told at each, and the state after it. */
function run(looks: readonly Look[], timing: Timing, begin?: SeriesState): readonly string[] {
  let state = begin
  return looks.map(({ verdict, voice = 'tell' }, i) => {
    const made = step(state, verdict, timing, { now: i * MINUTE, voice })
    state = made.state
    return `${made.state.kind}${made.tell === undefined ? '' : ` !${made.tell.what}`}`
  })
}

const once: Timing = { consecutive: 1, resolveAfter: 1 }
const holds: Look = { verdict: 'holds' }
const clear: Look = { verdict: 'clear' }
const unknown: Look = { verdict: 'unknown' }
const silent = (look: Look): Look => ({ ...look, voice: 'withhold' })
const elsewhere = (look: Look): Look => ({ ...look, voice: 'assume' })

describe('a series of looks', () => {
  test.each<readonly [string, readonly Look[], Timing, readonly string[]]>([
    [
      'an incident is told once, and its end',
      [clear, holds, holds, clear, clear],
      once,
      ['ok', 'firing !firing', 'firing', 'resolved !resolved', 'resolved'],
    ],
    [
      'so many looks in a row are needed',
      [holds, holds, clear, holds, holds, holds],
      { ...once, consecutive: 3 },
      ['pending', 'pending', 'ok', 'pending', 'pending', 'firing !firing'],
    ],
    [
      'what could not be seen breaks no row and ends nothing',
      [holds, unknown, holds, unknown, clear],
      { ...once, consecutive: 2 },
      ['pending', 'pending', 'firing !firing', 'firing', 'resolved !resolved'],
    ],
    [
      'one good look is not the end where two are asked for',
      [holds, clear, holds, clear, clear],
      { ...once, resolveAfter: 2 },
      ['firing !firing', 'firing', 'firing', 'firing', 'resolved !resolved'],
    ],
    [
      'a reminder comes after the interval',
      [holds, holds, holds, holds, holds],
      { ...once, notifyEveryMilliseconds: 2 * MINUTE },
      ['firing !firing', 'firing', 'firing !reminder', 'firing', 'firing !reminder'],
    ],
    [
      'a silence tells nothing, and what goes on after it is told',
      [silent(holds), silent(holds), holds, holds],
      once,
      ['firing', 'firing', 'firing !firing', 'firing'],
    ],
    [
      'what began and ended in a silence is never told',
      [silent(holds), silent(clear), clear],
      once,
      ['firing', 'resolved', 'resolved'],
    ],
    ['the end of what was never told is not told', [silent(holds), clear], once, ['firing', 'resolved']],
    [
      'what ended in a silence is not told when that is over',
      [holds, silent(clear), clear],
      once,
      ['firing !firing', 'resolved', 'resolved'],
    ],
    [
      'what another replica told is told by nobody else, and its end by who leads then',
      [elsewhere(holds), holds, clear],
      once,
      ['firing', 'firing', 'resolved !resolved'],
    ],
    [
      'a new incident of the same series is told again',
      [holds, clear, holds],
      once,
      ['firing !firing', 'resolved !resolved', 'firing !firing'],
    ],
  ])('%s', (_, looks, timing, expected) => {
    expect(run(looks, timing)).toEqual(expected)
  })

  test('that it was firing is forgotten after an hour', () => {
    const state: SeriesState = { kind: 'resolved', since: 0, began: -1 }
    expect(step(state, 'clear', once, { now: 3_599_999, voice: 'tell' }).state.kind).toBe('resolved')
    expect(step(state, 'clear', once, { now: 3_600_000, voice: 'tell' }).state.kind).toBe('ok')
  })

  test('a clock that was set back puts a reminder off for the interval at most', () => {
    const timing = { ...once, notifyEveryMilliseconds: MINUTE }
    const first = step(undefined, 'holds', timing, { now: 1e12, voice: 'tell' }).state
    const back = step(first, 'holds', timing, { now: 1000, voice: 'tell' })
    expect(back.tell).toBeUndefined()
    expect(step(back.state, 'holds', timing, { now: 1000 + MINUTE, voice: 'tell' }).tell?.what).toBe('reminder')
  })

  test('of what another replica would have told, that from which on there was none is told by the next leader', () => {
    const before = step(undefined, 'holds', once, { now: 5_000, voice: 'assume' }).state
    const told = (since: number): Tell | undefined =>
      step(takeOver(before, since), 'holds', once, { now: 10_000, voice: 'tell' }).tell?.what
    expect([told(5_001), told(5_000)]).toEqual([undefined, 'firing'])
  })
})

describe('whatever the looks find', () => {
  const aLook = fc.record({
    verdict: fc.constantFrom<Verdict>('holds', 'holds', 'clear', 'unknown'),
    voice: fc.constantFrom<Voice>('tell', 'tell', 'withhold', 'assume', 'wait'),
    after: fc.integer({ min: 1, max: 10 * MINUTE }),
    restart: fc.boolean(),
  })
  const aTiming = fc.record({
    consecutive: fc.integer({ min: 1, max: 4 }),
    resolveAfter: fc.integer({ min: 1, max: 3 }),
    every: fc.option(fc.integer({ min: MINUTE, max: 20 * MINUTE }), { nil: undefined }),
  })

  /** Everything that is told, with the incident it is of; `isKept`: the state goes through the file at restarts. */
  function play(
    looks: readonly (typeof aLook extends fc.Arbitrary<infer T> ? T : never)[],
    timing: Timing,
    isKept: boolean,
  ) {
    let state: SeriesState | undefined
    let now = 1_000
    let row = 0
    /** The longest row of looks that found it, of the incident. */
    let longest = 0
    const told: { what: Tell; since: number; at: number; row: number }[] = []
    for (const { verdict, voice, after, restart } of looks) {
      now += after
      if (isKept && restart && (state?.kind === 'firing' || state?.kind === 'resolved')) {
        const kept = parseKept(
          printKept({ rules: [{ name: 'r', series: [{ key: '[]', labels: [], state }] }], waiting: [] }),
        )
        state = kept?.rules[0]?.series[0]?.state
      }
      const before = state
      const made = step(state, verdict, timing, { now, voice })
      state = made.state
      if (verdict === 'holds') row += 1
      if (verdict === 'clear') row = 0
      longest = Math.max(longest, row)
      if (verdict === 'unknown') expect(state.kind).toBe(before?.kind ?? 'ok')
      if (made.tell !== undefined) {
        expect(voice).toBe('tell')
        told.push({ ...made.tell, at: now, row: longest })
      }
      if (state.kind === 'ok' || state.kind === 'resolved') longest = 0
    }
    return told
  }

  const timingOf = ({
    consecutive,
    resolveAfter,
    every,
  }: {
    consecutive: number
    resolveAfter: number
    every: number | undefined
  }): Timing => ({
    consecutive,
    resolveAfter,
    ...(every === undefined ? {} : { notifyEveryMilliseconds: every }),
  })

  test('an incident is told as firing at most once and after enough looks, then as over at most once, with reminders no closer than the interval', () => {
    fc.assert(
      fc.property(fc.array(aLook, { maxLength: 60 }), aTiming, (looks, drawn) => {
        const timing = timingOf(drawn)
        const told = play(looks, timing, false)
        for (const since of new Set(told.map((one) => one.since))) {
          const own = told.filter((one) => one.since === since)
          const kinds = own.map(({ what }) => what)
          expect(kinds.filter((what) => what === 'firing').length).toBeLessThanOrEqual(1)
          expect(kinds.filter((what) => what === 'resolved').length).toBeLessThanOrEqual(1)
          if (kinds.includes('resolved')) expect(kinds.at(-1)).toBe('resolved')
          if (kinds.includes('firing')) expect(kinds[0]).toBe('firing')
          const begins = own.filter(({ what }) => what !== 'resolved')
          for (const { row, what } of begins)
            if (what === 'firing') expect(row).toBeGreaterThanOrEqual(drawn.consecutive)
          for (const [i, { at }] of begins.entries()) {
            const last = begins[i - 1]
            if (last !== undefined) expect(at - last.at).toBeGreaterThanOrEqual(drawn.every ?? Number.POSITIVE_INFINITY)
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  test('restarts change nothing of what is told', () => {
    fc.assert(
      fc.property(fc.array(aLook, { maxLength: 60 }), aTiming, (looks, drawn) => {
        expect(play(looks, timingOf(drawn), true)).toEqual(play(looks, timingOf(drawn), false))
      }),
      { numRuns: 300 },
    )
  })
})

test('a file that is damaged is nothing, and a damaged incident is left out', () => {
  expect(parseKept('')).toBeUndefined()
  expect(parseKept('{"version":2,"rules":[],"waiting":[]}')).toBeUndefined()
  const states = [
    { kind: 'firing', since: 1 },
    { kind: 'firing', since: 1, firedAt: 2, clears: 0, told: { kind: 'said', at: 1 } },
    { kind: 'gone', since: 1 },
    null,
    { kind: 'resolved', since: 5, began: 1 },
  ]
  const series = states.map((state) => ({ key: '[]', labels: [], state }))
  const text = JSON.stringify({ version: 1, rules: [{ name: 'r', series }, 7], waiting: [{ channel: 'c' }] })
  expect(parseKept(text)).toEqual({
    rules: [{ name: 'r', series: [{ key: '[]', labels: [], state: { kind: 'resolved', since: 5, began: 1 } }] }],
    waiting: [],
  })
})
