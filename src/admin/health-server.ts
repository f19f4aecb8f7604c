import { createServer } from 'node:http'
import { answerHealth, type Health } from '../controller/health.js'

export interface HealthServer {
  close(): void
}

/** Serves the health endpoints. Rejects when the port cannot be had; `host` empty: all addresses. */
export function startHealthServer(
  where: { readonly host: string; readonly port: number; readonly path: string },
  health: () => Health,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://health')
    const answer = answerHealth(url.pathname, url.searchParams, health(), where.path)
    response.writeHead(answer?.status ?? 404, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(answer?.body ?? 'not found\n')
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: where.port, ...(where.host === '' ? {} : { host: where.host }) }, () => {
      server.unref()
      resolve({ close: () => server.close() })
    })
  })
}
