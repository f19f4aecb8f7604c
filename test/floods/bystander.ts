import { Agent } from 'node:http'
import { get } from '../serve/clients.js'

/** Somebody else, who asks one request after the other: in turn on a kept connection and on a new one. */
export interface Bystander {
  /** Milliseconds of each answer. */
  readonly latencies: readonly number[]
  /** What was no right answer. */
  readonly failed: readonly string[]
  stop(): Promise<void>
}

/** Nobody waits longer for an answer. */
const PATIENCE_MILLISECONDS = 30_000

export function startBystander(port: number): Bystander {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const latencies: number[] = []
  const failed: string[] = []
  let busy = true
  const loop = (async () => {
    for (let i = 0; busy; i++) {
      const begun = performance.now()
      const outcome = await Promise.race([askOnce(port, i % 2 === 0 ? agent : undefined), giveUp()])
      latencies.push(performance.now() - begun)
      if (outcome !== '200 here') failed.push(outcome)
    }
  })()
  return {
    latencies,
    failed,
    async stop() {
      busy = false
      await loop
      agent.destroy()
    },
  }
}

async function askOnce(port: number, agent: Agent | undefined): Promise<string> {
  const { status, body } = await get(port, 'app.test', '/', agent ?? new Agent()).catch((cause: unknown) => ({
    status: 0,
    body: String(cause),
  }))
  return `${status} ${body.slice(0, 80)}`
}

function giveUp(): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('no answer'), PATIENCE_MILLISECONDS).unref())
}
