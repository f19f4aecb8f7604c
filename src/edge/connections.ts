import type { Counted } from '../request/port.js'
import { refuse } from './refused.js'
import { sweep } from './sweep.js'

/**
 * Requests under way of each client, all workers together (LIM-3): `CLIENT` is how many, `PID CLIENT` how many of them
 * this worker has, so that those of a worker that was killed can be taken back. docs/design/limits.md.
 */

function dictionary(): SharedDictionary {
  return ngx.shared.fairlead_connections
}

/** Counts a request in, unless the client has as many as it may already. */
export function holdConnection(client: string, most: number): Counted {
  const [held, problem] = raise(client)
  if (held === undefined) return refuse(problem ?? 'unknown')
  if (held > most) {
    lower(client)
    return 'over'
  }
  const [own, other] = raise(ownName(client))
  if (own !== undefined) return 'within'
  lower(client)
  return refuse(other ?? 'unknown')
}

/** In the log phase, which cannot wait. */
export function releaseConnection(client: string): void {
  const name = ownName(client)
  const [own] = dictionary().incr(name, -1)
  if (own !== undefined && own <= 0) dictionary().delete(name)
  lower(client)
}

/** Takes back what a worker held that is no more. Walks all keys: for the start of a worker, not for requests. */
export function reclaimConnections(pid: number): void {
  const prefix = `${pid} `
  for (const name of dictionary().get_keys(0)) {
    if (string.sub(name, 1, prefix.length) !== prefix) continue
    const held = tonumber(dictionary().get(name)) ?? 0
    dictionary().delete(name)
    const client = string.sub(name, prefix.length + 1)
    for (let i = 0; i < held; i++) lower(client)
  }
}

function ownName(client: string): string {
  return `${ngx.worker.pid()} ${client}`
}

/** `incr` with a first value would make room by forgetting what others hold. */
function raise(name: string): LuaMultiReturn<[number | undefined, string | undefined]> {
  const [count] = dictionary().incr(name, 1)
  if (count === undefined) {
    const problem = begin(name)
    if (problem !== undefined && !(sweep('fairlead_connections', dictionary()) && begin(name) === undefined))
      return $multi(undefined, problem)
    return dictionary().incr(name, 1)
  }
  // It was waiting to be forgotten.
  if (count === 1) dictionary().expire(name, 0)
  return $multi(count, undefined)
}

/** Gives what is wrong. */
function begin(name: string): string | undefined {
  const [ok, problem] = dictionary().safe_add(name, 0)
  return ok === true || problem === 'exists' ? undefined : (problem ?? 'unknown')
}

/** A client without requests is forgotten after this many seconds: few, since others may have no room until then. */
const LINGER_SECONDS = 5

/**
 * Forgetting by time, since to delete would take another worker's new request along. Such a request may also come just before
 * the time is set: then it is taken off again.
 */
function lower(client: string): void {
  const [count] = dictionary().incr(client, -1)
  if (count === undefined || count > 0) return
  dictionary().expire(client, LINGER_SECONDS)
  if ((tonumber(dictionary().get(client)) ?? 0) > 0) dictionary().expire(client, 0)
}
