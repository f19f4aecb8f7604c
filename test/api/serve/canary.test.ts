import { cpus } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../serve/program.js'
import { ingress, service } from './objects.js'
import { LONG, type Replica } from './replica.js'
import { openStage, type Stage } from './stage.js'

const ROUND = 100
/** Each worker keeps the weight, and may be ahead by one at both ends of a round. */
const bound = 2 * cpus().length
const prefix = 'nginx.ingress.kubernetes.io'

let stage: Stage
let replica: Replica

beforeAll(async () => {
  stage = await openStage()
  const annotations = { [`${prefix}/canary`]: 'true', [`${prefix}/canary-weight`]: '0' }
  await stage.cluster.apply([
    ingress('app', 'app.test', 'app'),
    ...service('app', 'one'),
    // As a tool for progressive delivery makes it: a copy of the main Ingress.
    ingress('app-canary', 'app.test', 'app-next', { annotations }),
    ...service('app-next', 'two'),
  ])
  replica = stage.replica()
  replica.start()
  await replica.ready()
  await replica.serves('app.test', 'one')
})

afterAll(() => stage?.end())

/** How many of a round of requests the canary got. */
async function countCanary(): Promise<number> {
  let count = 0
  for (let asked = 0; asked < ROUND; asked += 1) {
    const { status, body } = await stage.inside.get({ port: replica.http, host: 'app.test' })
    expect(status).toBe(200)
    if (body === 'two') count += 1
  }
  return count
}

describe('a tool that patches the weight of a canary step by step', () => {
  it('sees the share follow each patch, to all and back to none, without a reload and without a lost request', async () => {
    const { cluster } = stage
    for (const weight of [0, 20, 50, 80, 100, 0]) {
      const patch = JSON.stringify({ metadata: { annotations: { [`${prefix}/canary-weight`]: `${weight}` } } })
      await cluster.kubectl('patch', 'ingress', 'app-canary', '--type=merge', '-p', patch)
      let count = -1
      await until(async () => {
        count = await countCanary()
        return Math.abs(count - weight) <= bound
      }, LONG).catch((cause: unknown) => {
        throw new Error(`with weight ${weight} the canary got ${count} of ${ROUND}: ${String(cause)}\n${replica.log()}`)
      })
    }
    expect(replica.generation()).toBe(1)
  })
})
