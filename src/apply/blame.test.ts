import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBlame, type Blame } from './blame.js'
import type { Done } from './nginx-process.js'

describe('what NGINX refuses of the ConfigMap', () => {
  test('exactly the keys that it takes in no frame are found, whichever they are, and few frames are tried', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), async (areBad) => {
        const keys = new Map(areBad.map((isBad, i) => [`key-${i}`, isBad ? 'bad' : 'good']))
        const bad = [...keys].filter(([, text]) => text === 'bad').map(([name]) => name)
        const engine = fakeEngine((used) => used.find(([, text]) => text === 'bad')?.[0])
        await findIn(engine.blame, keys)
        const found = engine.blame.tried().refused
        expect([...found.keys()].toSorted()).toEqual(bad.toSorted())
        for (const name of bad) expect(found.get(name)?.get('bad')).toBe(`${name} is wrong.`)
        expect(engine.trials()).toBeLessThanOrEqual(3 + bad.length * 8)
      }),
    )
  })

  test('of two that do not go together the one that changed is at fault', async () => {
    const { blame } = fakeEngine((used) =>
      used.some(([, text]) => text === 'small') && used.some(([, text]) => text === 'large') ? 'a pair' : undefined,
    )
    blame.accept(new Map([['z-buffers', 'large']]))
    const keys = new Map([
      ['a-buffer', 'small'],
      ['m-other', 'x'],
      ['z-buffers', 'large'],
    ])
    await findIn(blame, keys)
    expect([...blame.tried().refused.keys()]).toEqual(['a-buffer'])
  })

  test('nothing is blamed for what NGINX refuses without any key', async () => {
    const { blame } = fakeEngine(() => 'the rest')
    await findIn(blame, new Map([['a', 'good']]))
    expect(blame.tried().refused.size).toBe(0)
  })

  test('a refused text is tried again after half a minute, and then after twice as long', async () => {
    const { blame } = fakeEngine((used) => used[0]?.[0])
    const keys = new Map([['bind-address', '192.0.2.1']])
    const refusals = (): number => blame.tried().refused.size
    await findIn(blame, keys)
    const { refused } = blame.tried()
    blame.reconsider(performance.now() + 29_000)
    expect(blame.tried().refused).toBe(refused)
    blame.reconsider(performance.now() + 31_000)
    expect(refusals()).toBe(0)
    await findIn(blame, keys)
    blame.reconsider(performance.now() + 59_000)
    expect(refusals()).toBe(1)
    blame.reconsider(performance.now() + 61_000)
    expect(refusals()).toBe(0)
  })
})

/** An NGINX that names what is wrong with the keys of a frame; a frame is the list of its keys. */
function fakeEngine(wrong: (used: readonly (readonly [string, string])[]) => string | undefined): {
  readonly blame: Blame
  trials(): number
} {
  let count = 0
  const judge = (text: string): Done => {
    count++
    const used = JSON.parse(text) as readonly (readonly [string, string])[] // `findIn` wrote it
    const culprit = wrong(used)
    return culprit === undefined ? { ok: true } : { ok: false, cause: `nginx: [emerg] ${culprit} is wrong in /a/b:1` }
  }
  return { blame: createBlame({ test: (text) => Promise.resolve(judge(text)) }), trials: () => count }
}

function findIn(blame: Blame, keys: ReadonlyMap<string, string>): Promise<void> {
  const print = (_: unknown, without: ReadonlySet<string>): string =>
    JSON.stringify([...keys].filter(([name]) => !without.has(name)))
  return blame.find({ profiles: [], keys, files: [], print }, [])
}
