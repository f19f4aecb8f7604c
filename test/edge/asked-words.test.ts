import fc from 'fast-check'
import { expect, test } from 'vitest'
import { areUsual, usualWords, withoutId, wordsOfUnsized } from '../../src/edge/asked-words.js'

interface Request {
  readonly name: string
  readonly host: string
  readonly id: string
  readonly upgrade: string
  readonly kind: string
}

/** As the frame puts it together. */
const asked = ({ name, host, id, upgrade, kind }: Request): string => [name, host, id, upgrade, kind].join(' ')

const letters = (...chosen: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...chosen), { maxLength: 4 }).map((parts) => parts.join(''))

const hosts = letters('a', 'h2', '.').filter((text) => text !== '')

const requests: fc.Arbitrary<Request> = fc
  .record({
    name: hosts,
    host: hosts,
    same: fc.boolean(),
    id: letters('a', 'h2', '5', ' ').map((text) => text.trim()),
    upgrade: letters('a', 'h2', ' ').map((text) => text.trim()),
    kind: fc.constantFrom('', '', '5', 'chunked', 'h2', '5h2'),
  })
  .map(({ same, host, ...others }) => ({ ...others, host: same ? others.name : host }))

test('no request has the words of another kind, whatever its client writes', () => {
  const seen = { usual: 0, unsized: 0, other: 0 }
  fc.assert(
    fc.property(requests, hosts, (request, other) => {
      const { name, host, id, upgrade, kind } = request
      const words = withoutId(asked(request))
      const isPlain = name === host && upgrade === ''
      const isSimple = !id.includes(' ')
      // Of an id with a blank in it nothing is known but that it is no usual request.
      for (const candidate of [name, host, other]) {
        const isIts = isPlain && candidate === name && isSimple
        expect(areUsual(words, candidate)).toBe(isIts && kind === '')
        expect(wordsOfUnsized(words) === usualWords(candidate)).toBe(isIts && kind === 'h2')
      }
      seen[isPlain && isSimple && kind === '' ? 'usual' : isPlain && isSimple && kind === 'h2' ? 'unsized' : 'other']++
      // An id is seen wherever the rest is usual.
      if (isPlain && id !== '') expect(words).not.toBe(asked(request))
    }),
    { numRuns: 20_000 },
  )
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(300)
})
