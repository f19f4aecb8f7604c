import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Analytics } from '../observe/analytics.js'
import { readFilter, readQuery } from '../observe/logs/read-query.js'
import { PATIENCE } from './patience.js'

const MOST_BODY_BYTES = 65_536
const MOST_RECORDS = 1_000

/**
 * Answers `fairlead logs` over a socket in the state folder, which nobody but the controller's user reaches: `POST /query`,
 * `GET /status`, `POST /recent`, `GET /find?id=`. Rejects when the socket cannot be made.
 */
export function startLogsServer(socket: string, analytics: Analytics): Promise<{ close(): void }> {
  // One that a controller left behind, which the lock of the folder says is gone.
  rmSync(socket, { force: true })
  const server = createServer(PATIENCE, (request, response) => {
    answer(request, analytics)
      .then((given) => send(response, given.status, given.body))
      .catch(() => send(response, 500, { message: 'The answer could not be made.' }))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, () => {
      server.unref()
      resolve({ close: () => server.close() })
    })
  })
}

interface Given {
  readonly status: number
  readonly body: unknown
}

async function answer(request: IncomingMessage, analytics: Analytics): Promise<Given> {
  const [path, query = ''] = (request.url ?? '').split('?')
  switch (`${request.method} ${path}`) {
    case 'GET /status':
      return { status: 200, body: await analytics.status() }
    case 'GET /find':
      return { status: 200, body: (await analytics.find(new URLSearchParams(query).get('id') ?? '')) ?? null }
    case 'POST /query': {
      const read = readQuery(await bodyOf(request))
      return read.ok
        ? { status: 200, body: await analytics.query(read.query) }
        : { status: 400, body: { message: read.message } }
    }
    case 'POST /recent': {
      const filter = readFilter(await bodyOf(request))
      return filter === undefined
        ? { status: 400, body: { message: 'That is no list of conditions.' } }
        : { status: 200, body: await analytics.recent({ filter, limit: MOST_RECORDS }) }
    }
    default:
      return { status: 404, body: { message: 'There is no such question.' } }
  }
}

/** undefined: it is too long, or no JSON. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > MOST_BODY_BYTES) return undefined
    pieces.push(piece)
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
