import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAlive, until } from '../../serve/program.js'
import { configMap } from './objects.js'
import { LONG } from './replica.js'
import { openServedApp, type ServedApp } from './served-app.js'

let stage: ServedApp

beforeAll(async () => {
  stage = await openServedApp()
})

afterAll(() => stage?.end())

/** Milliseconds from the first byte of a new frame to the end of the controller. */
const moments = [0, 1, 3, 10, 20, 40, 80, 160]

describe('the controller, killed between writing the frame and reloading', () => {
  it('leaves an NGINX that serves throughout, and the next one takes it over and is right', {
    timeout: 400_000,
  }, async () => {
    const { cluster, first, inside } = stage
    const clients = await stage.clients()
    const master = first.nginx()
    for (const [index, moment] of moments.entries()) {
      const wanted = 4 + index
      const before = stampOf(first.frame)
      await cluster.apply([configMap({ 'keep-alive-requests': String(wanted) })], 'fairlead')
      for (const end = Date.now() + LONG; stampOf(first.frame) === before && Date.now() < end; ) await sleep(1)
      expect(stampOf(first.frame)).not.toBe(before)
      await sleep(moment)
      await first.die()
      first.forget()
      first.start()
      await first.ready()
      await first.logs(/adopted the running NGINX/)
      // Not what the file says counts, but what NGINX does.
      await until(async () => (await inside.countKept({ port: first.http, host: 'app.test' })) === wanted, LONG)
    }
    const { requests, failed } = await clients.stop()
    expect(failed).toEqual([])
    expect(requests).toBeGreaterThan(100)
    expect(first.nginx()).toBe(master)
    expect(isAlive(master)).toBe(true)
    // One reload for each change, and at most one more for each that was cut short.
    expect(first.generation()).toBeLessThanOrEqual(1 + 2 * moments.length)
  })
})

/** A new file has another number. */
function stampOf(file: string): string {
  const { ino, mtimeMs, size } = statSync(file)
  return `${ino} ${mtimeMs} ${size}`
}
