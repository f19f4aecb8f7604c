import { afterAll, describe, expect, test } from 'vitest'
import { normalise, type Normalised } from '../../src/request/normalise.js'
import { enginesForTests } from '../support/engine.js'
import { seed } from '../support/seed.js'
import { startEcho, type Echo, type EchoEngine, type RawRequest } from './echo-engine.js'
import { hostileRequests } from './hostile-requests.js'
import { askHttp2 } from './http2-client.js'

const HTTP2_CASES = 5_000

const engines = await enginesForTests()
const running: EchoEngine[] = []

afterAll(async () => {
  for (const engine of running) await engine.stop()
})

/** The newest engine gets the whole number of cases, older ones a part. */
describe.each(
  engines.map((engine, index) => ({ engine, version: engine.version, count: index === 0 ? 100_000 : 30_000 })),
)('normalise agrees with nginx $version (PATH-3, HOST-2, HOST-6)', ({ engine, count }) => {
  const { strictHosts } = engine.facts
  const predict = ({ target, host, version }: RawRequest): Normalised => normalise(target, host, version, strictHosts)
  const ends = (request: RawRequest): boolean => predict(request).kind === 'refused'

  test(`on ${count} hostile requests`, { timeout: 240_000 }, async () => {
    const echo = await startEcho(engine)
    running.push(echo)
    const requests = hostileRequests(seed, count)
    const answers = await echo.ask(requests, ends)
    expect(answers.length).toBe(count)
    const counts = new Map<string, number>()
    let worst: RawRequest | undefined
    for (const [i, request] of requests.entries()) {
      const answer = answers[i]
      if (answer === undefined) throw new Error(`request ${i} was not answered`)
      for (const name of classesOf(request, answer)) counts.set(name, (counts.get(name) ?? 0) + 1)
      if (!isSame(answer, predict(request)) && (worst === undefined || sizeOf(request) < sizeOf(worst))) worst = request
    }
    console.log(
      `seed ${seed}, nginx ${engine.version}:`,
      Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    )
    if (worst !== undefined) {
      const least = await shrink(worst, async (request) => {
        const [answer] = await echo.ask([request], ends)
        return answer !== undefined && !isSame(answer, predict(request))
      })
      const [answer] = await echo.ask([least], ends)
      expect({ request: least, ...predict(least) }, `seed ${seed}`).toEqual({ request: least, ...answer })
      expect.fail('a difference that did not come back when the request was sent alone')
    }
    for (const name of classes) expect(counts.get(name) ?? 0, name).toBeGreaterThan(count / 200)
  })

  test(`on ${HTTP2_CASES} hostile requests of HTTP/2`, { timeout: 120_000 }, async () => {
    const echo = await startEcho(engine)
    running.push(echo)
    let accepted = 0
    for (const request of hostileRequests(seed, HTTP2_CASES)) {
      const answer = await askHttp2(echo.socketPath, request)
      const predicted = normalise(request.target, request.host, '2', strictHosts)
      if (!isSame(answer, predicted)) expect({ request, ...predicted }, `seed ${seed}`).toEqual({ request, ...answer })
      if (answer.kind === 'ok') accepted++
    }
    console.log(`seed ${seed}, nginx ${engine.version}: ${accepted} of ${HTTP2_CASES} accepted over HTTP/2`)
    expect(accepted).toBeGreaterThan(HTTP2_CASES / 4)
  })
})

const classes = [
  'ok',
  'refused 400',
  'path changed',
  'absolute form, ok',
  'absolute form, refused',
  'encoded slash or dot, ok',
  'dot elements, ok',
  'several slashes, ok',
  'bytes from 0x80 on, ok',
  'host changed',
  'HTTP/1.0, ok',
] as const

function classesOf({ target, host, version }: RawRequest, answer: Echo): readonly string[] {
  const absolute = !target.startsWith('/')
  if (answer.kind === 'refused') {
    return [`refused ${answer.status}`, absolute ? 'absolute form, refused' : 'origin form, refused']
  }
  const path = target.replace(/[?#].*/s, '')
  const found = ['ok', absolute ? 'absolute form, ok' : 'origin form, ok']
  if (answer.path !== path) found.push('path changed')
  if (/%2[ef]/i.test(path)) found.push('encoded slash or dot, ok')
  if (/\/\.\.?(\/|$)/.test(path)) found.push('dot elements, ok')
  if (/[^:]\/\/|^\/\//.test(path)) found.push('several slashes, ok')
  if (/[\x80-\xff]/.test(path)) found.push('bytes from 0x80 on, ok')
  if (answer.host !== host) found.push('host changed')
  if (version === '1.0') found.push('HTTP/1.0, ok')
  return found
}

function isSame(answer: Echo, predicted: Normalised): boolean {
  if (answer.kind === 'refused') return predicted.kind === 'refused' && answer.status === predicted.status
  if (predicted.kind === 'refused') return false
  return answer.host === predicted.host && answer.path === predicted.path && answer.target === predicted.target
}

function sizeOf({ target, host }: RawRequest): number {
  return target.length + (host ?? '').length
}

/** Leaves out piece after piece, halves first, as long as the request still fails. */
async function shrink(request: RawRequest, fails: (request: RawRequest) => Promise<boolean>): Promise<RawRequest> {
  let least = request
  for (let size = Math.max(1, sizeOf(least) >> 1); size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at < least.target.length; ) {
      const smaller = { ...least, target: without(least.target, at, size) }
      if (smaller.target !== '' && (await fails(smaller))) least = smaller
      else at += size
    }
    for (let at = 0; at < (least.host ?? '').length; ) {
      const smaller = { ...least, host: without(least.host ?? '', at, size) }
      if (smaller.host !== '' && (await fails(smaller))) least = smaller
      else at += size
    }
  }
  return least
}

function without(text: string, at: number, size: number): string {
  return text.slice(0, at) + text.slice(at + size)
}
