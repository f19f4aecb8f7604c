import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../serve/program.js'
import { insideOf } from './inside.js'
import { ingress, service } from './objects.js'
import { LONG, type Replica } from './replica.js'
import { openStage, type Stage } from './stage.js'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  await stage.cluster.apply(service('app', 'one'))
})

afterAll(() => stage?.end())

const TTL = '--election-ttl=4s'

describe('STA-6: two replicas', () => {
  it('of which the leader stops past its ttl and goes on: never both write the status, and the last one is right', async () => {
    const { cluster } = stage
    // What a replica writes tells which it is.
    const [a, b] = [stage.replica({ flags: [TTL] }), stage.replica({ flags: [TTL] })]
    const [addressOfA, addressOfB] = ['192.0.2.1', '192.0.2.2']
    const written = followStatus()
    a.start()
    await a.ready()
    await makeIngress('before')
    await until(() => Promise.resolve(written.includes(`before ${addressOfA}`)), LONG)
    b.start()
    await b.ready()
    const clients = await stage.inside.startClients(
      [a, b].map(({ http }) => ({ port: http, host: 'before.test', body: 'one' })),
    )

    a.process()?.kill('SIGSTOP')
    await until(async () => (await holder()).startsWith(nameOf(b)), LONG)
    for (const name of ['meanwhile-1', 'meanwhile-2', 'meanwhile-3']) await makeIngress(name)
    await until(() => Promise.resolve(written.includes(`meanwhile-3 ${addressOfB}`)), LONG)
    // It wakes up with three Ingresses to write, and believes itself the leader.
    a.process()?.kill('SIGCONT')
    await a.serves('meanwhile-3.test', 'one')
    await makeIngress('after')
    await until(() => Promise.resolve(written.includes(`after ${addressOfB}`)), LONG)
    await until(async () => everyAddressIs(await statuses(), addressOfB), LONG)
    expect(turns()).toEqual([addressOfA, addressOfB])
    expect((await clients.stop()).failed).toEqual([])

    // The leader goes in peace: the other one takes over, and the address is never gone in between.
    expect(await b.stop()).toBe(0)
    await until(async () => everyAddressIs(await statuses(), addressOfA), LONG)
    expect(turns()).toEqual([addressOfA, addressOfB, addressOfA])

    function turns(): readonly string[] {
      const addresses = written.map((line) => line.split(' ')[1] ?? '').filter((address) => address !== '')
      return addresses.filter((address, index) => address !== addresses[index - 1])
    }

    async function makeIngress(name: string): Promise<void> {
      await cluster.apply([ingress(name, `${name}.test`, 'app')])
    }
  })
})

const nameOf = (replica: Replica): string => `fairlead-${replica.http - 8000}`

/** `name address`, one for each write of an Ingress, in the order of the API server. */
function followStatus(): readonly string[] {
  const lines: string[] = []
  const line = 'jsonpath={.metadata.name} {.status.loadBalancer.ingress[*].ip}{"\\n"}'
  const [file, words] = insideOf(stage.cluster, 'kubectl', 'get', 'ingresses', '-w', '-o', line)
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout }).on('line', (text) => lines.push(text))
  return lines
}

async function statuses(): Promise<readonly string[]> {
  const line = 'jsonpath={range .items[*]}{.metadata.name} {.status.loadBalancer.ingress[*].ip}{"\\n"}{end}'
  return (await stage.cluster.kubectl('get', 'ingresses', '-o', line)).trim().split('\n')
}

const everyAddressIs = (lines: readonly string[], address: string): boolean =>
  lines.every((line) => line.split(' ')[1] === address)

function holder(): Promise<string> {
  const line = 'jsonpath={.spec.holderIdentity}'
  return stage.cluster.kubectl('-n', 'fairlead', 'get', 'lease', 'fairlead-leader', '-o', line)
}
