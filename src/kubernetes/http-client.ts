import { type Dispatcher, Pool } from 'undici'
import type { Access } from './access.js'
import type { Call, CallFailure, CallResult, KubernetesClient, StreamCall, StreamResult } from './client.js'
import { createConnector } from './connector.js'
import type { Credential, CredentialResult } from './credentials.js'
import { failureOfAnswer, failureOfError } from './failure.js'

export interface ClientTimes {
  /** Until the first byte of an answer. Default 10 s. */
  readonly headersMilliseconds: number
  /** Between two pieces of the answer of a call; streams have no such limit. Default 10 s. */
  readonly bodyMilliseconds: number
  /** A whole call, unless it says otherwise. Default 60 s. */
  readonly callMilliseconds: number
}

const usualTimes: ClientTimes = { headersMilliseconds: 10_000, bodyMilliseconds: 10_000, callMilliseconds: 60_000 }

/** Less than the 90 s after which an API server closes an idle connection, so that none is used as it closes. */
const IDLE_MILLISECONDS = 30_000

/** A client for the API server that `access` leads to. Nothing is sent until the first call. */
export function createKubernetesClient(access: Access, times: Partial<ClientTimes> = {}): KubernetesClient {
  const { headersMilliseconds, bodyMilliseconds, callMilliseconds } = { ...usualTimes, ...times }
  const { server, credentials } = access
  const prefix = server.pathname.replace(/\/+$/, '')
  let pool = createPool(access)
  const under = new Set<AbortController>()
  let closed = false

  const open = async (
    request: Pick<Call, 'method' | 'path' | 'query' | 'body' | 'contentType' | 'accept'>,
    credential: Credential,
    bodyTimeout: number,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> => {
    const { method, path, query, body, contentType = 'application/json', accept = 'application/json' } = request
    const { authorization } = credential
    return pool.request({
      method,
      path: prefix + path,
      ...(query === undefined ? {} : { query: { ...query } }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        accept,
        'user-agent': 'fairlead',
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...(authorization === undefined ? {} : { authorization }),
      },
      headersTimeout: headersMilliseconds,
      bodyTimeout,
      signal,
    })
  }

  /** The answer to a request; after a 401, that of the second try with renewed credentials. */
  const send = async (
    request: Parameters<typeof open>[0],
    bodyTimeout: number,
    signal: AbortSignal,
  ): Promise<{ readonly ok: true; readonly answer: Dispatcher.ResponseData } | CallFailure> => {
    const first = await credentials.current()
    if (!first.ok) return notAuthorised(first.message)
    const answer = await open(request, first.credential, bodyTimeout, signal)
    if (answer.statusCode !== 401) return { ok: true, answer }
    const refusal = failureOfAnswer(401, undefined, await answer.body.text())
    const second = await credentials.renew()
    if (!second.ok) return notAuthorised(second.message)
    if (isSame(first, second)) return refusal
    // Connections keep the certificate they were opened with.
    if (first.credential.certificate !== second.credential.certificate) renewPool()
    return { ok: true, answer: await open(request, second.credential, bodyTimeout, signal) }
  }

  const renewPool = (): void => {
    const old = pool
    pool = createPool(access)
    void old.close().catch(() => undefined)
  }

  const begin = (signal: AbortSignal | undefined): { readonly control: AbortController; readonly end: () => void } => {
    const control = new AbortController()
    const abort = (): void => control.abort(new Error('the call was ended'))
    under.add(control)
    if (closed || signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort)
    const end = (): void => {
      under.delete(control)
      signal?.removeEventListener('abort', abort)
    }
    return { control, end }
  }

  return {
    server: server.href.replace(/\/+$/, ''),
    async call(call: Call): Promise<CallResult> {
      const { timeoutMilliseconds = callMilliseconds, signal } = call
      const { control, end } = begin(signal)
      const late = setTimeout(
        () => control.abort(new Error(`no whole answer within ${timeoutMilliseconds / 1000} s`)),
        timeoutMilliseconds,
      )
      try {
        const sent = await send(call, bodyMilliseconds, control.signal)
        if (!sent.ok) return sent
        const { statusCode, headers, body } = sent.answer
        const text = await body.text()
        return isSuccess(statusCode)
          ? parseAnswer(statusCode, text)
          : failureOfAnswer(statusCode, headerOf(headers['retry-after']), text)
      } catch (cause) {
        return failureOfError(cause)
      } finally {
        clearTimeout(late)
        end()
      }
    },
    async stream({ path, query, accept, signal }: StreamCall): Promise<StreamResult> {
      const { control, end } = begin(signal)
      try {
        const request = { method: 'GET' as const, path, ...(query && { query }), ...(accept && { accept }) }
        const sent = await send(request, 0, control.signal)
        if (!sent.ok) {
          end()
          return sent
        }
        const { statusCode, headers, body } = sent.answer
        if (!isSuccess(statusCode)) {
          const late = setTimeout(() => control.abort(), bodyMilliseconds)
          const text = await body.text().finally(() => clearTimeout(late))
          end()
          return failureOfAnswer(statusCode, headerOf(headers['retry-after']), text)
        }
        // Whoever reads the chunks hears of an error; one that comes when nobody reads must not end the process.
        body.on('error', () => undefined)
        body.once('close', end)
        return { ok: true, chunks: body, cancel: () => control.abort() }
      } catch (cause) {
        end()
        return failureOfError(cause)
      }
    },
    async close() {
      closed = true
      for (const control of under) control.abort(new Error('the client was closed'))
      await pool.destroy()
    },
  }
}

function createPool(access: Access): Pool {
  return new Pool(access.server.origin, {
    connect: createConnector(access),
    pipelining: 1,
    keepAliveTimeout: IDLE_MILLISECONDS,
    keepAliveMaxTimeout: IDLE_MILLISECONDS,
  })
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function parseAnswer(status: number, text: string): CallResult {
  if (text.trim() === '') return { ok: true, status, body: undefined }
  try {
    return { ok: true, status, body: JSON.parse(text) as unknown } // oxlint needs no narrower type; callers parse it
  } catch {
    return { ok: false, status, reason: '', message: `the answer is not JSON: ${text.slice(0, 60)}` }
  }
}

function notAuthorised(message: string): CallFailure {
  return { ok: false, status: 401, reason: 'Unauthorized', message }
}

function isSame(first: CredentialResult & { ok: true }, second: CredentialResult & { ok: true }): boolean {
  const { authorization, certificate, key } = first.credential
  const other = second.credential
  return authorization === other.authorization && certificate === other.certificate && key === other.key
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0]
}
