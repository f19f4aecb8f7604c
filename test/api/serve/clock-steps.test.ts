import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../serve/program.js'
import { createAuthority } from '../../support/certificates.js'
import { createSteppedClock, type SteppedClock } from '../../support/stepped-clock.js'
import { insideOf, type SteadyClients } from './inside.js'
import { BACKEND_PORT, ingress, secret, service } from './objects.js'
import { LONG, type Replica } from './replica.js'
import { openStage, type Stage } from './stage.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TTL_SECONDS = 4

/**
 * Where the clock of the stepped replica begins, so that it can be set back without the API server's certificate being
 * too new.
 */
const START = 3 * HOUR

let stage: Stage
let clock: SteppedClock
/** The leader, its NGINX too, has the clock that is stepped; the other one that of the machine. */
let stepped: Replica
let other: Replica
let clients: SteadyClients

beforeAll(async () => {
  stage = await openStage()
  clock = createSteppedClock(stage.folder)
  clock.set(START)
  const flags = [`--election-ttl=${TTL_SECONDS}s`]
  stepped = stage.replica({ flags, environment: clock.environment })
  other = stage.replica({ flags })
  await stage.cluster.apply([ingress('app', 'app.test', 'app'), ...service('app', 'one')])
  stepped.start()
  await stepped.ready()
  await until(async () => (await holder()).startsWith('fairlead-0'), LONG)
  other.start()
  await other.ready()
  clients = await stage.inside.startClients(
    [stepped, other].map(({ http }) => ({ port: http, host: 'app.test', body: 'one' })),
  )
})

afterAll(() => stage?.end())

/** One after the other: what a clock has been through is part of it. */
describe('while the wall clock of a replica and its NGINX is set', () => {
  it('no two replicas write the status at a time, and the one whose clock it is goes on leading (STA-6)', async () => {
    const writers = followStatus()
    let count = 0
    for (const step of [START + HOUR, 0, START + 30 * MINUTE, START - HOUR, START]) {
      clock.set(step)
      const [began, before] = [performance.now(), writers.length]
      await until(async () => {
        await stage.cluster.apply([ingress(`step-${(count += 1)}`, `step-${count}.test`, 'app')])
        // Longer than anybody waits for a leader that is silent.
        const isLong = performance.now() - began > 2.5 * TTL_SECONDS * SECOND
        return isLong && writers.length > before + 5 && Math.abs((await renewedAt()) - Date.now() - step) < MINUTE
      }, LONG)
      await stepped.serves(`step-${count}.test`, 'one')
    }
    expect(new Set(writers)).toEqual(new Set(['192.0.2.1']))
    expect(await holder()).toMatch(/^fairlead-0/)
  }, 240_000)

  it('certificates are warned about by that clock, without any other change, and no longer when it is right (CERT-8)', async () => {
    const { chain, key } = createAuthority('Clock steps').issue({
      names: ['secure.test'],
      notAfter: Date.now() + 20 * DAY,
    })
    await stage.cluster.apply([
      secret('secure', chain, key),
      ingress('secure', 'secure.test', 'app', { secret: 'secure' }),
    ])
    const isServed = async (): Promise<boolean> =>
      (await stage.inside.get({ port: stepped.https, host: 'secure.test', tls: true })).status === 200
    await until(isServed, LONG)
    stepped.forget()
    for (const [step, line] of [
      [15 * DAY, /\[tls\/expires-soon\]/],
      [25 * DAY, /\[tls\/expired\]/],
      [START, /solved: .*\(tls\/expired\)/],
    ] as const) {
      clock.set(step)
      await stepped.logs(line)
      stepped.forget()
      expect(await isServed()).toBe(true)
    }
  }, 240_000)

  it('events go on, with the time of that clock', async () => {
    for (const step of [START + HOUR, 0]) {
      clock.set(step)
      const name = `broken-${step / HOUR}`
      await stage.cluster.apply([ingress(name, `${name}.test`, 'nothing')])
      await until(async () => (await eventTimes(name)).length > 0, LONG)
      for (const time of await eventTimes(name)) expect(Math.abs(time - Date.now() - step)).toBeLessThan(LONG)
    }
  }, 240_000)

  it('an endpoint that refused just before is asked again soon', async () => {
    const [alive, late] = ['10.244.0.31', '10.244.0.32']
    const endpoints = [
      { addresses: [alive], conditions: { ready: true } },
      { addresses: [late], conditions: { ready: true } },
    ]
    await stage.inside.startBackend(alive, BACKEND_PORT, 'alive')
    await stage.cluster.run('ip', 'address', 'replace', `${late}/32`, 'dev', 'lo')
    const [object, slice] = service('pair', 'one')
    await stage.cluster.apply([object ?? {}, { ...slice, endpoints }, ingress('pair', 'pair.test', 'pair')])
    clock.set(START + HOUR)
    await stepped.serves('pair.test', 'alive')
    // Both in the round were asked, so that one is known to refuse.
    for (let request = 0; request < 4; request += 1) await stepped.serves('pair.test', 'alive')
    clock.set(START)
    await stage.inside.startBackend(late, BACKEND_PORT, 'late')
    await stepped.serves('pair.test', 'late')
  }, 240_000)

  it('to a time at which the certificate of the API server is not valid: it serves on, says why, and is right when the clock is', async () => {
    clock.set(-DAY)
    stepped.forget()
    // Kept connections would go on.
    await stage.cluster.control('restart', 'kube-apiserver')
    await stepped.logs(/not yet valid.*\[source\/unreachable\]/)
    expect(await stepped.ask('/readyz')).toMatchObject({ status: 200 })
    await stepped.serves('app.test', 'one')
    await until(async () => (await holder()).startsWith('fairlead-1'), LONG)
    clock.set(START)
    await stepped.logs(/solved: .*\(source\/unreachable\)/)
    await stage.cluster.apply([ingress('right', 'right.test', 'app')])
    await stepped.serves('right.test', 'one')
  }, 240_000)

  it('no request fails, and NGINX is never reloaded or started anew', async () => {
    const { requests, failed } = await clients.stop()
    expect(failed).toEqual([])
    expect(requests).toBeGreaterThan(100)
    expect(stepped.generation()).toBe(1)
    expect(stepped.log()).not.toContain('NGINX has ended')
  })
})

/** The addresses in status, one for each write, in the order of the API server; each replica has its own. */
function followStatus(): readonly string[] {
  const addresses: string[] = []
  const line = 'jsonpath={.status.loadBalancer.ingress[*].ip}{"\\n"}'
  const [file, words] = insideOf(stage.cluster, 'kubectl', 'get', 'ingresses', '--watch-only', '-o', line)
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill())
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (text !== '') addresses.push(text)
  })
  return addresses
}

const lease = (line: string): Promise<string> =>
  stage.cluster.kubectl('-n', 'fairlead', 'get', 'lease', 'fairlead-leader', '-o', line)

const holder = (): Promise<string> => lease('jsonpath={.spec.holderIdentity}')

const renewedAt = async (): Promise<number> => Date.parse(await lease('jsonpath={.spec.renewTime}'))

/** Of the events about an Ingress, in milliseconds since the epoch. */
async function eventTimes(name: string): Promise<readonly number[]> {
  const line = 'jsonpath={range .items[*]}{.lastTimestamp}{"\\n"}{end}'
  const about = `involvedObject.kind=Ingress,involvedObject.name=${name}`
  const text = await stage.cluster.kubectl('get', 'events', '--field-selector', about, '-o', line)
  return text.split('\n').flatMap((time) => (time === '' ? [] : [Date.parse(time)]))
}
