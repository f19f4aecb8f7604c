import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Version } from '../plan/plan.js'
import { CONNECTIONS_PATH } from '../frame/server.js'
import { reasonOf } from './state-folder.js'

/** What NGINX says of itself (edge/control.ts). */
export interface EngineStatus {
  readonly format: string
  readonly generation: number
  /** -1: the table was never filled. */
  readonly revision: number
  /** Where its table came from at its last start or reload (edge/snapshot.ts). */
  readonly origin: string
  readonly workers: readonly { readonly pid: number; readonly generation: number; readonly state: string }[]
  readonly count: number
  readonly free: number
  readonly capacity: number
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly full: boolean; readonly cause: string }

/** The controller's side of NGINX's control socket. */
export interface ControlClient {
  status(): Promise<Answer<EngineStatus>>
  /** Digest by key of every document in the table. */
  table(): Promise<Answer<ReadonlyMap<string, string>>>
  /** Contents that no document has any more, and that a controller left behind. */
  stale(): Promise<Answer<readonly Version[]>>
  /** Applies records; `bytes` is what this and the rest of the push will need. */
  push(records: string, bytes: number): Promise<Answer<unknown>>
  purge(): Promise<Answer<unknown>>
  /** Takes what workers counted of requests, a piece of it, one character per byte; empty: that was all. */
  takeCounted(): Promise<Answer<string>>
  /** NGINX's own counters, as its stub_status prints them. */
  connections(): Promise<Answer<string>>
  close(): Promise<void>
}

/** How often a worker of other code may answer before that is an error, and how long to wait in between. */
const ATTEMPTS = 200
const PAUSE_MILLISECONDS = 10

/** `format`: that of the documents this controller reads and writes. */
export function createControlClient(socketPath: string, format: string): ControlClient {
  // One connection at a time, and none kept: NGINX may be another process at the next question.
  const pool = new Pool('http://nginx', {
    socketPath,
    connections: 4,
    keepAliveTimeout: 1,
    bodyTimeout: 30_000,
    headersTimeout: 30_000,
  })

  async function ask(method: 'GET' | 'POST', path: string, body: Buffer | null): Promise<Answer<string>> {
    try {
      const { statusCode, body: reply } = await pool.request({ method, path, body, reset: true })
      const text = Buffer.from(await reply.arrayBuffer()).toString('latin1')
      return statusCode === 200
        ? { ok: true, value: text }
        : { ok: false, full: statusCode === 507, cause: `${statusCode} ${text}` }
    } catch (cause) {
      return { ok: false, full: false, cause: reasonOf(cause) }
    }
  }

  /** Asks until a worker of our format answers. */
  async function askOurs(method: 'GET' | 'POST', path: string, body: Buffer | null): Promise<Answer<string>> {
    let answer = await ask(method, path, body)
    for (let attempt = 1; attempt < ATTEMPTS && !answer.ok && answer.cause.startsWith('409 '); attempt++) {
      await sleep(PAUSE_MILLISECONDS)
      answer = await ask(method, path, body)
    }
    return answer
  }

  return {
    async status() {
      const answer = await ask('GET', '/v1/status', null)
      return answer.ok ? { ok: true, value: parseStatus(answer.value) } : answer
    },
    async table() {
      const answer = await askOurs('GET', `/v1/table?format=${format}`, null)
      return answer.ok ? { ok: true, value: parsePointers(answer.value) } : answer
    },
    async stale() {
      const answer = await askOurs('GET', `/v1/stale?format=${format}`, null)
      return answer.ok ? { ok: true, value: parseVersions(answer.value) } : answer
    },
    push: (records, bytes) =>
      askOurs('POST', `/v1/table?format=${format}&bytes=${bytes}`, Buffer.from(records, 'latin1')),
    purge: () => askOurs('POST', `/v1/purge?format=${format}`, Buffer.alloc(0)),
    takeCounted: () => askOurs('POST', `/v1/counted?format=${format}`, Buffer.alloc(0)),
    connections: () => ask('GET', CONNECTIONS_PATH, null),
    close: () => pool.destroy(),
  }
}

/** cjson writes an empty list as an empty object. */
function parseStatus(text: string): EngineStatus {
  const status = JSON.parse(text) as EngineStatus // our own edge wrote it; its format digest is checked by the caller
  return Array.isArray(status.workers) ? status : { ...status, workers: [] }
}

function parsePointers(text: string): Map<string, string> {
  return new Map(parseVersions(text).map(({ key, digest }) => [key, digest]))
}

function parseVersions(text: string): readonly Version[] {
  return text.split('\n').flatMap((line) => {
    const blank = line.lastIndexOf(' ')
    return blank > 0 ? [{ key: line.slice(0, blank), digest: line.slice(blank + 1) }] : []
  })
}
