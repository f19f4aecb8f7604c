import { describe, expect, test } from 'vitest'
import { SortedMap } from '../../collections/sorted-map.js'
import { emptySnapshot } from '../../snapshot/snapshot.js'
import { defaultTranslateOptions } from '../../translate/options.js'
import { translate } from '../../translate/translate.js'
import type { PassReport } from '../events/recorder.js'
import { createControllerRecord } from './record.js'

const translation = translate(emptySnapshot, defaultTranslateOptions, {
  fallbackCertificate: { chain: '', key: '' },
  now: 0,
})

function createStage() {
  let now = 0
  const record = createControllerRecord({ now: () => now, wall: () => 1_000_000 + now })
  const take = record.taking(() => ({ snapshot: emptySnapshot, problems: [], complete: true }))
  return {
    record,
    take,
    wait: (milliseconds: number) => void (now += milliseconds),
    pass: (snapshot: PassReport['snapshot'], live = true) =>
      record.passed({ snapshot, served: SortedMap.empty(), problems: [], live }, translation),
    counts: () =>
      Object.fromEntries(
        record.live
          .samples()
          .filter(({ suffix }) => suffix === '_sum')
          .map(({ labels, value }) => [labels[0]?.[1], value]),
      ),
  }
}

const withService = { ...emptySnapshot, services: SortedMap.empty<never>().with([['a/b', {} as never]]) }

describe('the time until a change is live', () => {
  test('is taken from the first news of it, for the kinds that changed', () => {
    const { record, take, wait, pass, counts } = createStage()
    pass(emptySnapshot)
    record.changed()
    wait(20)
    record.changed()
    wait(10)
    take()
    wait(5)
    pass(withService)
    expect(counts()).toEqual({ Service: 0.035 })
  })

  test('is not that of news that comes while a pass is under way', () => {
    const { record, take, wait, pass, counts } = createStage()
    pass(emptySnapshot)
    record.changed()
    take()
    wait(5)
    record.changed()
    wait(5)
    pass(withService)
    take()
    wait(10)
    pass(emptySnapshot)
    expect(counts()['Service']).toBeCloseTo(0.01 + 0.015)
  })

  test('goes on through a pass that does not become live', () => {
    const { record, take, wait, pass, counts } = createStage()
    pass(emptySnapshot)
    record.changed()
    take()
    pass(emptySnapshot, false)
    wait(50)
    take()
    pass(withService)
    expect(counts()).toEqual({ Service: 0.05 })
  })
})

test('the first pass that is live counts as a frame that was loaded; failures are told until the next success', () => {
  const { record, pass } = createStage()
  expect(record.reloads()).toMatchObject({ succeeded: 0, isLastGood: false })
  pass(emptySnapshot, false)
  pass(emptySnapshot)
  expect(record.reloads()).toMatchObject({ succeeded: 1, isLastGood: true, lastSuccess: 1000 })
  record.reloaded({ ok: false, message: 'no' })
  expect(record.reloads()).toMatchObject({ succeeded: 1, failed: 1, isLastGood: false, lastFailure: 'no' })
  record.reloaded({ ok: true })
  expect(record.reloads()).toMatchObject({ succeeded: 2, isLastGood: true })
})

test('ADM-5: a refusal that check_errors does not count is the last review all the same', () => {
  const { record } = createStage()
  const review = { namespace: 'shop', ingress: 'front', seconds: 0.01, tested: 2 }
  record.reviewed({ ...review, admitted: false, isUncounted: true })
  expect(record.reviews().refused.size).toBe(0)
  expect(record.reviews().last).toMatchObject({ seconds: 0.01 })
  record.reviewed({ ...review, admitted: false })
  expect(record.reviews().refused).toEqual(new Map([['shop front', 1]]))
})
