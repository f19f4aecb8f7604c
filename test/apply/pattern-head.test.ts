import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { createPatternHelper } from '../../src/apply/engine/patterns.js'
import { headOf } from '../../src/translate/pattern-head.js'
import { theEngine } from '../support/engine.js'

const helper = createPatternHelper(await theEngine())

afterAll(() => helper.stop())

const pieces =
  '/ a b A B - . | ( ) [ ] ^ $ ? * + # {1} {,2} \\ \\Q \\E \\d (?: (?i) (?x) (?# (?| (?= (?! (?<n> (*ACCEPT) [[:alpha:]] [^ (a|b)'
const piece = fc.constantFrom('\n', ' ', ...pieces.split(' '))
const pattern = fc.array(piece, { maxLength: 9, size: 'max' }).map((some) => `/${some.join('')}`)
const end = fc
  .array(fc.constantFrom('a', 'b', 'A', '/', '-', '|', '(', '.'), { maxLength: 6, size: 'max' })
  .map((bytes) => bytes.join(''))

/** A text that often begins as the pattern does: with its first letters, as many as `kept`. */
const pair = fc
  .tuple(pattern, fc.nat(5), end)
  .map(([one, kept, rest]) => [one, `/${one.replace(/[^abAB-]/g, '').slice(0, kept)}${rest}`] as const)

test('no match of PCRE2 begins otherwise than with the head of its pattern (PATH-5)', async () => {
  let matched = 0
  let useful = 0
  await fc.assert(
    fc.asyncProperty(fc.array(pair, { minLength: 400, maxLength: 400, size: 'max' }), async (pairs) => {
      const asked = await helper.match(pairs.map(([one, text]) => ({ pattern: `^${one}`, text, letters: 'caseless' })))
      if (!asked.ok) throw new Error(asked.cause)
      for (const [i, [one, text]] of pairs.entries()) {
        const head = headOf(one)
        if (asked.answers[i]?.kind !== 'match') continue
        matched++
        if (head.length > 1) useful++
        expect({ one, text, fits: text.toLowerCase().startsWith(head) }).toEqual({ one, text, fits: true })
      }
    }),
    { numRuns: 150 },
  )
  expect(matched).toBeGreaterThan(2000)
  expect(useful).toBeGreaterThan(200)
})
