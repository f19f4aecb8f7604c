import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { listen, type Started } from './listen.js'

/** What an error backend saw of a request; it is the body of its answer. */
export interface SeenByPages {
  readonly name: string
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Pages extends Started {
  /** In the order in which they came. */
  readonly seen: SeenByPages[]
}

/**
 * Error pages: the status is that of the header X-Code, or of the query's `page`; `accel` in the query: it names the location
 * of error pages, as no backend may; `circle`: it sends the request where it fails again.
 */
export async function startPages(name: string): Promise<Pages> {
  const seen: SeenByPages[] = []
  const server = createServer((incoming, outgoing) => {
    let body = ''
    incoming.on('data', (bytes: Buffer) => (body += bytes.toString()))
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming
      const one = { name, method, url, headers, body }
      seen.push(one)
      const query = new URL(url, 'http://pages').searchParams
      if (query.has('accel')) outgoing.setHeader('X-Accel-Redirect', '@error')
      if (query.has('circle')) outgoing.setHeader('X-Accel-Redirect', '/status/404?circle')
      outgoing.statusCode = Number(query.get('page') ?? headers['x-code'] ?? 404)
      outgoing.setHeader('X-Pages', name).setHeader('Content-Type', 'application/json')
      outgoing.end(JSON.stringify(one))
    })
  })
  return { seen, ...(await started(server)) }
}

/**
 * A backend that fails as it is told: `/status/404` answers with that status, `/drop` ends the connection, `/early` is
 * 503 before the body is there, `/accel` names the location of error pages; everything else is 200. The body is what it
 * was asked for.
 */
export async function startFailing(): Promise<Started> {
  const server = createServer((incoming, outgoing) => {
    const url = incoming.url ?? ''
    const { pathname } = new URL(url, 'http://app')
    if (pathname === '/drop') return void incoming.socket.destroy()
    if (pathname === '/early') return void outgoing.writeHead(503).end('too early')
    incoming.resume().on('end', () => {
      if (pathname.startsWith('/accel')) outgoing.setHeader('X-Accel-Redirect', '@error')
      const status = /^\/(?:status|accel)\/(\d+)$/.exec(pathname)?.[1]
      if (status !== undefined) outgoing.statusCode = Number(status)
      outgoing.setHeader('X-App', 'app')
      outgoing.end(`app ${url}`)
    })
  })
  return started(server)
}

async function started(server: Server): Promise<Started> {
  return {
    port: await listen(server),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
