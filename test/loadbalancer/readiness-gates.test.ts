import { expect, test } from 'vitest'
import type { CallResult } from '../../src/kubernetes/client.js'
import { createReadinessGates } from '../../src/loadbalancer/readiness-gates.js'
import { readService } from '../../src/loadbalancer/read-service.js'
import type { EndpointView } from '../../src/loadbalancer/views.js'
import { createManualClock, quiet } from './manual-clock.js'
import { service } from './objects.js'

const GATE = 'service.readiness.alibabacloud.com/front'

function unready(name: string): EndpointView {
  const pod = { namespace: 'shop', name, uid: `uid-${name}` }
  return { address: '10.1.0.1', node: 'n1', pod, ready: false, serving: false, terminating: false, ports: [] }
}

test('an answer that comes after the pods were read anew does not make the new ones forgotten (section 2.4)', async () => {
  const ready = new Set<string>()
  const held: (() => void)[] = []
  let isSlow = false
  const changed: string[] = []
  const clock = createManualClock()
  const gates = createReadinessGates({
    client: {
      async call({ path }): Promise<CallResult> {
        const name = path.split('/').at(-1) ?? ''
        if (isSlow) await new Promise<void>((resolve) => held.push(resolve))
        const status = { conditions: [{ type: 'ContainersReady', status: ready.has(name) ? 'True' : 'False' }] }
        const body = { metadata: { uid: `uid-${name}` }, spec: { readinessGates: [{ conditionType: GATE }] }, status }
        return { ok: true, status: 200, body }
      },
    },
    clock,
    changed: (key) => changed.push(key),
  })
  const front = readService(service('front'))
  if (front === undefined) throw new Error('it is no Service')
  await gates.read(front, GATE, [unready('a')])
  isSlow = true
  await clock.pass(1000)
  expect(held).toHaveLength(1)
  isSlow = false
  await gates.read(front, GATE, [unready('a'), unready('b')])
  for (const answer of held) answer()
  await quiet()
  ready.add('b')
  await clock.pass(15_000)
  expect(changed).toEqual(['shop/front'])
  gates.stop()
})
