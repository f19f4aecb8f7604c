import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Exporter } from '../observe/metrics/exposition.js'

/** Writes an answer to a scrape piece by piece: neither a large one nor a slow reader holds up anybody else. */
export async function answerScrape(
  request: IncomingMessage,
  response: ServerResponse,
  exporter: Exporter,
): Promise<void> {
  const { contentType, pieces } = await exporter(request.headers.accept)
  response.writeHead(200, { 'content-type': contentType })
  for (const piece of pieces) {
    if (response.destroyed) return
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')])
    else await nextTurn()
  }
  response.end()
}
