import { createServer } from 'node:http'
import { answerHealth, type Health } from '../controller/health.js'
import type { Exporter } from '../observe/metrics/exposition.js'
import { answerScrape } from './metrics-answer.js'
import { keepNewest, PATIENCE, type Patience } from './patience.js'

export interface HealthServer {
  /** Useful when the port was 0. */
  readonly port: number
  close(): void
}

/** About 30 KB each. */
const MOST_CONNECTIONS = 1024

/** Serves the health endpoints and `/metrics`. Rejects when the port cannot be had; `host` empty: all addresses. */
export function startHealthServer(
  where: { readonly host: string; readonly port: number; readonly path: string },
  health: () => Health,
  metrics: Exporter,
  patience: Patience = PATIENCE,
): Promise<HealthServer> {
  const server = createServer(patience, (request, response) => {
    // Not by `URL`, which throws for what strangers may send.
    const [path = '', ...query] = (request.url ?? '/').split('?')
    if (path === '/metrics') {
      answerScrape(request, response, metrics).catch(() => response.destroy())
      return
    }
    const answer = answerHealth(path, new URLSearchParams(query.join('?')), health(), where.path)
    response.writeHead(answer?.status ?? 404, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(answer?.body ?? 'not found\n')
  })
  keepNewest(server, MOST_CONNECTIONS)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: where.port, ...(where.host === '' ? {} : { host: where.host }) }, () => {
      server.unref()
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : where.port
      resolve({ port, close: () => server.close() })
    })
  })
}
