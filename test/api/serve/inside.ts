import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Cluster } from '../cluster.js'

const enter = fileURLToPath(new URL('../../cluster/enter', import.meta.url))

/** What a request goes to: a port of 127.0.0.1 in the namespace, and the name that is asked for there. */
export interface Target {
  readonly port: number
  readonly host: string
  readonly tls?: boolean
}

/** `status` 0: no answer, and `body` says why. `fingerprint`: of the certificate that was shown. */
export interface Reply {
  readonly status: number
  readonly body: string
  readonly fingerprint?: string
}

export interface Count {
  readonly requests: number
  /** When, who was asked, and what came. */
  readonly failed: readonly string[]
}

/** Clients that ask one after the other, for each target one on a kept connection and one on new ones. */
export interface SteadyClients {
  count(): Promise<Count>
  /** Requests under way are waited for. */
  stop(): Promise<Count>
}

/** Backends and clients in a cluster's network namespace; they end with the cluster. */
export interface Inside {
  /** Answers each request with its name. */
  startBackend(address: string, port: number, name: string): Promise<void>
  get(target: Target, path?: string): Promise<Reply>
  /** How many requests NGINX takes on one connection before it ends it. */
  countKept(target: Target): Promise<number>
  /**
   * POSTs each to a collection of the API, `/api/v1/namespaces/default/services`. For those that are too many for
   * kubectl.
   */
  create(path: string, objects: readonly object[]): Promise<void>
  /** Everything but 200 with exactly `body` counts as failed. */
  startClients(targets: readonly (Target & { readonly body: string })[]): Promise<SteadyClients>
}

/** A command line that runs in the namespace and dies with the cluster. */
export function insideOf(cluster: Cluster, ...words: readonly string[]): readonly [string, readonly string[]] {
  return [enter, [cluster.name, '--tied', '--', ...words]]
}

export function openInside(cluster: Cluster): Inside {
  const [file, words] = insideOf(cluster, process.execPath, fileURLToPath(new URL('inside.mjs', import.meta.url)))
  const child = spawn(file, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map<number, (answer: { readonly value?: unknown; readonly failure?: string }) => void>()
  let count = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { number, ...answer } = JSON.parse(line) as { number: number } // inside.mjs wrote it
    waiting.get(number)?.(answer)
    waiting.delete(number)
  })
  async function call<T>(name: string, parameters: object): Promise<T> {
    const number = ++count
    const answer = new Promise<{ readonly value?: unknown; readonly failure?: string }>((resolve) =>
      waiting.set(number, resolve),
    )
    child.stdin.write(`${JSON.stringify({ number, call: name, ...parameters })}\n`)
    const { value, failure } = await answer
    if (failure !== undefined) throw new Error(failure)
    return value as T // as inside.mjs answers that call
  }
  return {
    async startBackend(address, port, name) {
      await cluster.run('ip', 'address', 'replace', `${address}/32`, 'dev', 'lo')
      await call('backend', { address, port, name })
    },
    get: (target, path = '/') =>
      call<Reply>('get', { target, path }).catch((cause: unknown) => ({ status: 0, body: String(cause) })),
    countKept: (target) => call<number>('countKept', { target }),
    async create(path, objects) {
      const [ca, token] = [readFileSync(cluster.caFile, 'utf8'), readFileSync(cluster.tokenFile, 'utf8')]
      await call('create', { url: cluster.url, ca, token, path, objects })
    },
    async startClients(targets) {
      const id = ++count
      await call('load', { id, targets, pauseMilliseconds: 20 })
      return {
        count: () => call<Count>('count', { id }),
        stop: () => call<Count>('stop', { id }),
      }
    },
  }
}
