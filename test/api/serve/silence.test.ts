import { describe, expect, it } from 'vitest'
import { until } from '../../serve/program.js'
import { service } from './objects.js'
import { openServedApp, type ServedApp } from './served-app.js'

/** Longer than a watch may be silent before it counts as dead: no bookmark for 90 s. */
const SILENCE = 200_000

// Each waits that long, so they do it together, each with a cluster of its own.
describe.concurrent('no request is lost, and afterwards changes are live by themselves, when', () => {
  it('the network swallows what goes to the API server, without a FIN or RST', { timeout: 400_000 }, async ({
    onTestFinished,
  }) => {
    const stage = await openServedApp()
    onTestFinished(stage.end)
    await isSurvived(stage, ['drop', '6443'], ['undrop'])
  })

  it('the API server hangs', { timeout: 400_000 }, async ({ onTestFinished }) => {
    const stage = await openServedApp()
    onTestFinished(stage.end)
    await isSurvived(stage, ['pause', 'kube-apiserver'], ['resume', 'kube-apiserver'])
  })
})

async function isSurvived(stage: ServedApp, fault: readonly string[], remedy: readonly string[]): Promise<void> {
  const clients = await stage.clients()
  await stage.cluster.control(...fault)
  try {
    await stage.first.logs(/\[source\/unreachable\]/, SILENCE)
    expect(await stage.first.ask('/readyz')).toMatchObject({ status: 200 })
  } finally {
    await stage.cluster.control(...remedy)
  }
  // The API server talks to itself through the same port, and has to find out that those connections are lost.
  await until(() => canMakeServices(stage), SILENCE)
  await stage.isRight(clients)
}

function canMakeServices({ cluster }: ServedApp): Promise<boolean> {
  return cluster.apply(service('probe', 'one')).then(
    () => true,
    () => false,
  )
}
