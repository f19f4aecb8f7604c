import { readFileSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AdmissionAnswer } from '../controller/admission/admission-review.js'
import { createBodyBudget } from './body-budget.js'
import { PATIENCE } from './patience.js'

export interface AdmissionServerOptions {
  /** `host:port` or `:port` (`--validating-webhook`). */
  readonly address: string
  /** Files in PEM (`--validating-webhook-certificate`, `--validating-webhook-key`); read again when they change. */
  readonly certificate: string
  readonly key: string
  answer(body: string): Promise<AdmissionAnswer>
  log(level: 'info' | 'warn' | 'error', message: string): void
}

export type AdmissionServer =
  | { readonly ok: true; readonly port: number; close(): void }
  /** `later`: what is missing may still come, such as a Secret that a job makes. */
  | { readonly ok: false; readonly message: string; readonly later: boolean }

/** ADM-1: a body of 9 MiB or more is refused. */
const BODY_LIMIT = 9 * 1024 * 1024

/** Of all bodies at a time: what comes is no more than 3 MB, mostly a few KB. */
const ALL_BODIES_LIMIT = 64 * 1024 * 1024

/** An API server keeps few and asks through them again and again; when there are so many, new ones are refused. */
const MOST_CONNECTIONS = 512
const HANDSHAKE_MILLISECONDS = 10_000

/**
 * How often the certificate files are looked at. Secrets mounted into a pod change by a link swap, which a poll cannot
 * miss.
 */
const LOOK_MILLISECONDS = 2_000

/** The HTTPS server of the admission webhook (ADM-1): any path, TLS 1.2 or newer, HTTP/1.1. */
export async function startAdmissionServer(options: AdmissionServerOptions): Promise<AdmissionServer> {
  const where = parseAddress(options.address)
  if (where === undefined)
    return never(`--validating-webhook ${JSON.stringify(options.address)} is not host:port or :port.`)
  const pair = readPair(options)
  if (typeof pair === 'string') return { ok: false, message: pair, later: true }
  const bodies = createBodyBudget(ALL_BODIES_LIMIT)
  let server: Server
  try {
    server = createServer(
      { ...pair.pem, ...PATIENCE, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MILLISECONDS },
      (request, response) => serve(request, response, bodies, options),
    )
    server.maxConnections = MOST_CONNECTIONS
  } catch (cause) {
    return { ok: false, message: cannotUse(options, cause), later: true }
  }
  const listening = await listen(server, where)
  if (listening !== undefined) return never(`The webhook cannot listen on ${options.address}: ${listening}.`)
  const timer = setInterval(followPair(server, options, pair.stamp), LOOK_MILLISECONDS)
  timer.unref()
  server.unref()
  const address = server.address()
  return {
    ok: true,
    port: typeof address === 'object' && address !== null ? address.port : where.port,
    close() {
      clearInterval(timer)
      server.close()
      server.closeIdleConnections()
    },
  }
}

function never(message: string): AdmissionServer {
  return { ok: false, message, later: false }
}

/** Collects the body and answers. The API server keeps its connections, so a refusal reads on until the end. */
function serve(
  request: IncomingMessage,
  response: ServerResponse,
  bodies: ReturnType<typeof createBodyBudget>,
  { answer, log }: AdmissionServerOptions,
): void {
  const chunks: Buffer[] = []
  let size = 0
  const receiving = bodies.receive(() => {
    chunks.length = 0
    response.shouldKeepAlive = false
    response.once('finish', () => request.destroy())
    send(response, { status: 503, contentType: 'text/plain', body: 'too many long bodies at a time\n' })
  })
  response.on('close', () => receiving.end())
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (response.headersSent) return
    if (size < BODY_LIMIT) {
      chunks.push(chunk)
      receiving.grow(chunk.length)
      return
    }
    chunks.length = 0
    receiving.end()
  })
  request.on('end', () => {
    if (response.headersSent) return
    if (size >= BODY_LIMIT) return send(response, { status: 413, contentType: 'text/plain', body: 'body too large\n' })
    answer(Buffer.concat(chunks).toString('utf8')).then(
      (answered) => send(response, answered),
      (cause: unknown) => {
        log('error', `the webhook failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
        send(response, { status: 500, contentType: 'text/plain', body: 'the review failed; the log says why\n' })
      },
    )
  })
  request.on('error', () => response.destroy())
}

/** Unless it was answered already. */
function send(response: ServerResponse, { status, contentType, body }: AdmissionAnswer): void {
  if (response.headersSent) return
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body)
}

interface Pair {
  readonly pem: { readonly cert: Buffer; readonly key: Buffer }
  /** Changes when a file does. */
  readonly stamp: string
}

function readPair({ certificate, key }: AdmissionServerOptions): Pair | string {
  try {
    const stamp = stampOf(certificate, key)
    return { pem: { cert: readFileSync(certificate), key: readFileSync(key) }, stamp }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return `The certificate of the webhook cannot be read (${reason}); see --validating-webhook-certificate and --validating-webhook-key.`
  }
}

function stampOf(...files: readonly string[]): string {
  return files
    .map((file) => statSync(file))
    .map(({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`)
    .join(' ')
}

/** A pair that cannot be used leaves the one before in force. */
function followPair(server: Server, options: AdmissionServerOptions, first: string): () => void {
  let stamp = first
  return () => {
    try {
      if (stampOf(options.certificate, options.key) === stamp) return
    } catch {
      return // Between two names of a link swap there may be no file for a moment.
    }
    const pair = readPair(options)
    if (typeof pair === 'string') return options.log('warn', `${pair} The one before is kept.`)
    stamp = pair.stamp
    try {
      server.setSecureContext({ ...pair.pem, minVersion: 'TLSv1.2' })
      options.log('info', 'the certificate of the webhook has changed')
    } catch (cause) {
      options.log('warn', `${cannotUse(options, cause)} The one before is kept.`)
    }
  }
}

function cannotUse({ certificate, key }: AdmissionServerOptions, cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return `The certificate ${certificate} and key ${key} of the webhook cannot be used (${reason}).`
}

function parseAddress(text: string): { readonly host?: string; readonly port: number } | undefined {
  const parts = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(parts?.[3])
  if (parts === null || port > 65_535) return undefined
  const host = parts[1] ?? parts[2] ?? ''
  return host === '' ? { port } : { host, port }
}

function listen(server: Server, where: { readonly host?: string; readonly port: number }): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once('error', (cause) => resolve(cause.message))
    server.listen(where, () => resolve(undefined))
  })
}
