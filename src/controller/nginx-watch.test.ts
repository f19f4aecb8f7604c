import { beforeEach, expect, test } from 'vitest'
import { createProblem } from '../problems/create.js'
import type { Problem } from '../problems/problem.js'
import { createNginxWatch, type NginxWatch } from './nginx-watch.js'

let pid: number | undefined
let workers: boolean
let failed: readonly Problem[]
let said: string[]
let done: string[]
let watch: NginxWatch

const refused = [createProblem('frame/refused', { kind: 'NGINX', namespace: '', name: 'frame' }, '', 'no memory')]
const going = (): boolean => false

beforeEach(() => {
  ;[pid, workers, failed, said, done] = [7, true, [], [], []]
  watch = createNginxWatch({
    nginx: {
      pid: () => pid,
      workers: () => (workers ? [9] : []),
      signal: (name) => done.push(name),
      waitForEnd() {
        pid = undefined
        return Promise.resolve(true)
      },
    },
    applier: {
      revive() {
        done.push('revive')
        if (failed.length === 0) [pid, workers] = [8, true]
        return Promise.resolve(failed)
      },
    },
    say: (_, text) => said.push(text),
  })
})

test('an NGINX that has ended is started again, which is said once', async () => {
  expect(watch.look(0)).toBeUndefined()
  pid = undefined
  expect(watch.look(0)).toBe('NGINX has ended')
  expect(await watch.recover('NGINX has ended', going)).toBe(true)
  expect(done).toEqual(['revive'])
  expect([watch.look(0), watch.look(0)]).toEqual([undefined, undefined])
  expect(said).toEqual(['NGINX has ended and is started again with the last table', 'NGINX runs again (process 8)'])
})

test('one without workers for two seconds is ended first; one that has them again in between is not', async () => {
  workers = false
  for (let i = 0; i < 9; i++) expect(watch.look(0)).toBeUndefined()
  workers = true
  expect(watch.look(0)).toBeUndefined()
  workers = false
  for (let i = 0; i < 9; i++) expect(watch.look(0)).toBeUndefined()
  expect(watch.look(0)).toBe('NGINX has no workers any more')
  await watch.recover('NGINX has no workers any more', going)
  expect(done).toEqual(['SIGTERM', 'revive'])
})

test('between attempts that fail there is time for what is newer, each time more', async () => {
  ;[pid, failed] = [undefined, refused]
  const pauses: number[] = []
  for (let attempt = 0; attempt < 9; attempt++) {
    expect(await watch.recover('NGINX has ended', going)).toBe(false)
    const now = performance.now()
    let pause = 0
    while (watch.look(now + pause) === undefined) pause += 10
    pauses.push(pause)
  }
  expect(pauses.at(0)).toBeLessThanOrEqual(50)
  expect(pauses.at(-1)).toBeGreaterThan(4_900)
  expect(pauses.at(-1)).toBeLessThanOrEqual(5_000)
  expect(said.filter((text) => text.includes('started again'))).toHaveLength(1)
})

test('who is stopping starts nothing', async () => {
  workers = false
  expect(await watch.recover('NGINX has no workers any more', () => true)).toBe(false)
  expect(done).toEqual(['SIGTERM'])
})
