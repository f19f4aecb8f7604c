import { Agent, request } from 'node:http'
import type { Sent } from './exporter.js'

const TIMEOUT_MILLISECONDS = 10_000
const LONGEST_ANSWER = 64 * 1024

/** Statuses after which a message may be sent again (OTLP over HTTP, "Retryable Response Codes"). */
const RETRYABLE = new Set([429, 502, 503, 504])

export interface Poster {
  post(host: string, port: number, message: object): Promise<Sent>
  close(): void
}

/** Posts messages of OTLP as JSON to `/v1/traces`, over one connection that is kept. */
export function createPoster(): Poster {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    close: () => agent.destroy(),
    post: (host, port, message) =>
      new Promise((resolve) => {
        const body = Buffer.from(JSON.stringify(message))
        const fail = (why: string): void => resolve({ kind: 'later', afterMilliseconds: undefined, why })
        const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length }
        const asked = request(
          { agent, host, port, path: '/v1/traces', method: 'POST', headers, timeout: TIMEOUT_MILLISECONDS },
          (response) => {
            const pieces: Buffer[] = []
            let size = 0
            response.on('data', (piece: Buffer) => {
              size += piece.length
              if (size <= LONGEST_ANSWER) pieces.push(piece)
            })
            response.on('error', (cause) => fail(cause.message))
            response.on('end', () => {
              const { statusCode = 0, headers: answered } = response
              resolve(readAnswer(statusCode, answered['retry-after'], Buffer.concat(pieces).toString(), Date.now()))
            })
          },
        )
        asked.on('timeout', () => asked.destroy(new Error(`no answer in ${TIMEOUT_MILLISECONDS / 1000} s`)))
        asked.on('error', (cause) => fail(`${host}:${port} cannot be asked: ${cause.message}`))
        asked.end(body)
      }),
  }
}

/** @param now milliseconds since 1970, for a Retry-After that is a date */
export function readAnswer(status: number, retryAfter: string | undefined, body: string, now: number): Sent {
  if (status >= 200 && status < 300) return { kind: 'taken', ...rejectedIn(body) }
  const why = `the collector answered ${status}`
  if (!RETRYABLE.has(status)) return { kind: 'refused', why }
  return { kind: 'later', afterMilliseconds: pauseOf(retryAfter, now), why }
}

function pauseOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** `{"partialSuccess": {"rejectedSpans": "2", "errorMessage": "…"}}`; whatever else an answer says is not looked at. */
function rejectedIn(body: string): { readonly rejected: number; readonly why: string } {
  const [, count] = /"rejectedSpans"\s*:\s*"?(\d{1,9})/.exec(body) ?? []
  return { rejected: Number(count ?? 0), why: 'the collector rejected them' }
}
