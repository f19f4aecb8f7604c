import { expect, test } from 'vitest'
import type { PatternHelper } from '../apply/engine/patterns.js'
import type { PatternVerdict } from '../nginx/pattern.js'
import { createPatternJudge } from './pattern-judge.js'

const refused: PatternVerdict = { kind: 'refused', reason: 'x', position: 1 }

function helperOf(asked: string[][], broken = false): Pick<PatternHelper, 'compile'> {
  return {
    compile: (patterns) => {
      asked.push([...patterns])
      if (broken) return Promise.resolve({ ok: false, cause: 'it is gone' })
      return Promise.resolve({
        ok: true,
        answers: patterns.map((pattern) => (pattern.endsWith('(') ? refused : { kind: 'valid' })),
      })
    },
  }
}

test('what is not known is asked in one question, each pattern once, and then known', async () => {
  const asked: string[][] = []
  const judge = createPatternJudge(helperOf(asked))
  const before = judge.verdicts()
  expect(await judge.learn(['^/a', '^/(', '^/a'])).toBeUndefined()
  expect([...judge.verdicts()]).toEqual([
    ['^/a', { kind: 'valid' }],
    ['^/(', refused],
  ])
  expect(judge.verdicts()).not.toBe(before)
  const known = judge.verdicts()
  await judge.learn(['^/(', '^/a'])
  expect(judge.verdicts()).toBe(known)
  expect(asked).toEqual([['^/a', '^/(']])
})

test('the oldest are forgotten beyond the bound, never those that were just asked', async () => {
  const judge = createPatternJudge(helperOf([]), 3)
  await judge.learn(['1', '2'])
  await judge.learn(['3', '4'])
  expect([...judge.verdicts().keys()]).toEqual(['2', '3', '4'])
  await judge.learn(['5', '6', '7', '8'])
  expect([...judge.verdicts().keys()]).toEqual(['5', '6', '7', '8'])
})

test('so they are beyond so many characters', async () => {
  const judge = createPatternJudge(helperOf([]), 100, 9)
  await judge.learn(['1', '22', '333'])
  await judge.learn(['4444'])
  expect([...judge.verdicts().keys()]).toEqual(['22', '333', '4444'])
  await judge.learn(['5'.repeat(11)])
  expect([...judge.verdicts().keys()]).toEqual(['5'.repeat(11)])
})

test('a failure is said, and nothing is known by it', async () => {
  const judge = createPatternJudge(helperOf([], true))
  expect(await judge.learn(['1'])).toBe('it is gone')
  expect(judge.verdicts().size).toBe(0)
})
