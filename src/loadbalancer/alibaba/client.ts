import { randomBytes } from 'node:crypto'
import { Agent, type Dispatcher } from 'undici'
import { createBackOff } from '../../kubernetes/back-off.js'
import type { Clock } from '../../kubernetes/clock.js'
import { wait } from '../../kubernetes/wait.js'
import { type Cloud, type CloudCall, type CloudFailure, type CloudResult, isReading, versions } from './api.js'
import type { CloudCredentials } from './credentials.js'
import { endpointOf, type EndpointSettings } from './endpoints.js'
import { classOf } from './errors.js'
import { flatten } from './parameters.js'
import { type AccessKey, encodeParameters, signedHeaders } from './sign.js'

export interface CloudClientOptions {
  readonly endpoints: EndpointSettings
  readonly credentials: CloudCredentials
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  /** For the connection, for the first byte, and between two pieces of an answer. Default 20 s. */
  readonly timeoutMilliseconds?: number
  /** Calls under way at a time. Default 10. */
  readonly concurrency?: number
  /** Calls in a second, after a burst of as many. Default 20. */
  readonly perSecond?: number
  /** Waits between tries double from the first to the most. Default 500 ms and 8 s. */
  readonly retryMilliseconds?: { readonly first: number; readonly most: number }
}

/** Tries of one call, the first among them. */
const TRIES = 4

/**
 * Calls to the cloud, signed, with credentials that are renewed. A call is made again when it was throttled or the
 * cloud was busy; where nobody knows what became of it, only if it changes nothing or has a ClientToken. What a
 * throttled call waits, all wait.
 *
 * @source loadbalancer.md sections 6.4 and 6.5
 */
export function createCloudClient(options: CloudClientOptions): Cloud & { close(): Promise<void> } {
  const { clock, random, signal, credentials, timeoutMilliseconds = 20_000, concurrency = 10, perSecond = 20 } = options
  const { first, most } = options.retryMilliseconds ?? { first: 500, most: 8_000 }
  const agent = new Agent({
    connect: { timeout: timeoutMilliseconds },
    headersTimeout: timeoutMilliseconds,
    bodyTimeout: timeoutMilliseconds,
    keepAliveTimeout: 10_000,
  })
  const gate = createGate(concurrency)
  let quietUntil = Number.NEGATIVE_INFINITY
  let nextAt = Number.NEGATIVE_INFINITY

  /** Until this call has its turn. */
  const turn = (): number => {
    const at = Math.max(nextAt, clock.now() - 1000)
    nextAt = at + 1000 / perSecond
    return Math.max(at, quietUntil) - clock.now()
  }

  const once = async (call: CloudCall, key: AccessKey): Promise<CloudResult> => {
    const url = endpointOf(call.product, options.endpoints)
    const request = requestOf(call, url)
    const headers = signedHeaders(request, key, randomBytes(16).toString('hex'), clock.wall())
    const search = encodeParameters(request.query)
    try {
      const answer = await agent.request({
        origin: url.origin,
        path: search === '' ? '/' : `/?${search}`,
        method: 'POST',
        headers,
        body: request.body,
        signal,
      })
      return readAnswer(answer.statusCode, await readAll(answer.body))
    } catch (cause) {
      return failure(0, '', cause instanceof Error ? cause.message : String(cause), '')
    }
  }

  const tryOnce = async (call: CloudCall): Promise<CloudResult> => {
    await wait(clock, turn(), signal)
    const found = await credentials.current()
    if (!found.ok) return { ...failure(0, 'Credentials', found.message, ''), class: 'rights' }
    const result = await once(call, found.key)
    if (result.ok || result.class !== 'expired') return result
    const renewed = await credentials.renew()
    return renewed.ok && renewed.key.id + renewed.key.token !== found.key.id + found.key.token
      ? once(call, renewed.key)
      : result
  }

  return {
    async call(call) {
      const backOff = createBackOff(first, most, random)
      for (;;) {
        const result = await gate(() => tryOnce(call))
        if (result.ok || !mayRetry(call, result) || backOff.count + 1 >= TRIES || signal.aborted) return result
        const pause = backOff.next()
        if (result.class === 'throttled') quietUntil = Math.max(quietUntil, clock.now() + pause)
        await wait(clock, pause, signal)
      }
    },
    close: () => agent.destroy(),
  }
}

function mayRetry(call: CloudCall, { class: kind }: CloudFailure): boolean {
  if (kind === 'throttled') return true
  const isRepeatable = isReading(call.action) || call.parameters['ClientToken'] !== undefined
  return kind === 'unknown-effect' && isRepeatable
}

/** NLB takes a form, the others a query. */
function requestOf(call: CloudCall, url: URL): Parameters<typeof signedHeaders>[0] {
  const parameters = flatten(call.parameters)
  const isForm = call.product === 'nlb'
  const headers = {
    host: url.host,
    accept: 'application/json',
    'user-agent': 'fairlead',
    'x-acs-action': call.action,
    'x-acs-version': versions[call.product],
    ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
  }
  const body = isForm ? encodeParameters(parameters) : ''
  return { method: 'POST', path: '/', query: isForm ? {} : parameters, headers, body }
}

/** An answer larger than this is none of ours. */
const MOST_BYTES = 16 * 1024 * 1024

async function readAll(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk as Uint8Array) // undici gives buffers, and types them as any
    length += bytes.length
    if (length > MOST_BYTES) throw new Error('the answer is longer than 16 MiB')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readAnswer(status: number, text: string): CloudResult {
  const body = parseObject(text)
  if (status >= 200 && status < 300 && body !== undefined) return { ok: true, body }
  const said = (name: string): string => (typeof body?.[name] === 'string' ? body[name] : '')
  const message = said('Message')
  return failure(
    body === undefined && status < 400 ? 0 : status,
    said('Code'),
    message === '' ? text.slice(0, 200) : message,
    said('RequestId'),
  )
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function failure(status: number, code: string, message: string, requestId: string): CloudFailure {
  return { ok: false, status, code, message, requestId, class: classOf(status, code, message) }
}

/** Runs at most so many at a time, in the order in which they came. */
function createGate(most: number): <T>(act: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (act) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await act()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
