import * as cjson from 'cjson.safe'
import { describeMirror } from './copies.js'
import { config } from './config.js'
import { describeDictionaries } from './dictionaries.js'
import { applyRecords } from './records.js'
import { takeFolded } from './metrics-fold.js'
import { pause } from './pause.js'
import { uncounted } from './refused.js'
import type { TableOrigin } from './snapshot.js'
import { capacityBytes, freeBytes, listPointers, listStale, purge, readRevision } from './store.js'
import { variables } from './variables.js'
import { listWorkers } from './workers.js'

/**
 * The socket of the controller; nobody else can reach the folder it is in.
 *
 *     GET  /v1/status   which code, frame and revision, which workers, how much memory
 *     GET  /v1/table    a line `KEY DIGEST` for every document; contents, and so private keys, cannot be read back
 *     GET  /v1/stale    a line `KEY DIGEST` for every content that is no document's any more
 *     POST /v1/table    records to apply; ?bytes= says how much is to come, and is refused as a whole if it does not fit
 *     POST /v1/counted  what was counted of requests since it was last taken, in pieces (metrics-fold.ts); nothing: that was all
 *     POST /v1/purge    delete what other formats left in the dictionary
 *
 * All but the status take ?format=, the format that is meant; a worker of another one answers 409, and one asks again.
 */
export function control(): void {
  const uri = variables['uri']
  const method = ngx.req.get_method()
  if (uri === '/v1/status' && method === 'GET') return reply(200, describe())
  // After a change of the code, workers of the old one still accept for a moment; what is meant for the new is not theirs.
  if (variables['arg_format'] !== config().format) return reply(409, { problem: 'this worker runs other code' })
  if (uri === '/v1/table' && method === 'GET') return ngx.print(`${table.concat(listPointers(), '\n')}\n`)
  if (uri === '/v1/stale' && method === 'GET') return ngx.print(`${table.concat(listStale(), '\n')}\n`)
  if (uri === '/v1/table' && method === 'POST') return push()
  if (uri === '/v1/counted' && method === 'POST') return ngx.print(takeFolded(MOST_OF_AN_ANSWER))
  if (uri === '/v1/purge' && method === 'POST') return reply(200, { purged: purge() })
  reply(404, { problem: 'unknown question' })
}

const MOST_OF_AN_ANSWER = 1024 * 1024

let origin: TableOrigin = 'memory'

/** For the answer to `/v1/status`. */
export function setTableOrigin(from: TableOrigin): void {
  origin = from
}

/** Shared memory is handed out in pages; documents of odd sizes waste part of theirs. */
const OVERHEAD = 2
const MARGIN = 262_144

function push(): void {
  const needed = (tonumber(variables['arg_bytes']) ?? 0) * OVERHEAD + MARGIN
  if (freeBytes() < needed) return reply(507, { problem: 'full', free: freeBytes(), needed, capacity: capacityBytes() })
  ngx.req.read_body()
  const body = ngx.req.get_body_data()
  if (body === undefined) return reply(400, { problem: 'no body in memory' })
  const problem = applyRecords(body, 0, pause)
  if (problem !== undefined) return reply(507, { problem, free: freeBytes(), needed, capacity: capacityBytes() })
  reply(200, { revision: readRevision() ?? 0, free: freeBytes() })
}

function describe(): object {
  return {
    format: config().format,
    generation: config().generation,
    revision: readRevision() ?? -1,
    origin,
    workers: listWorkers(),
    count: ngx.worker.count(),
    free: freeBytes(),
    capacity: capacityBytes(),
    uncounted: uncounted(),
    mirror: describeMirror(),
    dictionaries: describeDictionaries(),
  }
}

function reply(status: number, value: object): void {
  ngx.status = status
  ngx.header['Content-Type'] = 'application/json'
  ngx.print(cjson.encode(value))
}
