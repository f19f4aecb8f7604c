import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Cluster } from '../../api/cluster.js'

/** What load.mjs prints. */
export interface LoadReport {
  readonly seconds: number
  readonly counts: Readonly<Record<string, { readonly sent: number; readonly good: number }>>
  readonly failures: readonly Failure[]
}

export interface Failure {
  readonly kind: string
  readonly number: number
  /** Milliseconds since 1970. */
  readonly started: number
  readonly ended: number
  readonly reason: string
  /** Which answered, where one did. */
  readonly pod?: string
}

export interface Load {
  /** Lets everything end that is under way. */
  stop(): Promise<LoadReport>
}

/** Clients in the cluster's network, until they are stopped; they end with the cluster. */
export function startLoad(cluster: Cluster, host: string, address: string, rate: number): Load {
  const enter = fileURLToPath(new URL('../../cluster/enter', import.meta.url))
  const program = fileURLToPath(new URL('load.mjs', import.meta.url))
  const words = [cluster.name, '--tied', '--', process.execPath, program, host, address, String(rate)]
  const child = spawn(enter, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()))
  const closed = once(child, 'close')
  return {
    async stop() {
      child.stdin.end()
      await closed
      return JSON.parse(text) as LoadReport // load.mjs wrote it
    },
  }
}

/** One line for people. */
export function describeLoad({ seconds, counts, failures }: LoadReport): string {
  const kinds = Object.entries(counts).map(([kind, { sent, good }]) => `${kind} ${good}/${sent}`)
  const requests = Object.entries(counts).filter(([kind]) => kind.includes(' '))
  const rate = requests.reduce((sum, [, { sent }]) => sum + sent, 0) / seconds
  return `${Math.round(rate)} requests/s for ${Math.round(seconds)} s; good: ${kinds.join(', ')}; not: ${failures.length}`
}
