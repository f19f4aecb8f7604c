import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { headlineOf, type Notification } from './notification.js'
import type { Sent } from './outbox.js'
import { webhookUrlOf } from './read-channel.js'
import type { WebhookChannel } from './rule.js'

const PATIENCE_MILLISECONDS = 10_000
/** Too early, too many, or not at the moment: the same may be taken later. */
const RETRYABLE = new Set([408, 425, 429, 500, 502, 503, 504])

/**
 * Posts a notification. With a secret, `fairlead-signature` is `v1=` and the HMAC-SHA256 of `TIMESTAMP.BODY` in
 * hexadecimal digits, where TIMESTAMP is the header `fairlead-timestamp`, in seconds. Redirects are not followed. Never
 * rejects; what it says never has the path of the URL in it, as that is often a secret. `secrets`: the folder of the
 * channel's files.
 */
export async function sendWebhook(
  channel: WebhookChannel,
  notification: Notification,
  { now, secrets }: { readonly now: number; readonly secrets: string },
): Promise<Sent> {
  const files = readFiles(channel, secrets)
  if (!files.ok) return { kind: 'later', why: files.message }
  const { url, secret, ca } = files
  const { origin } = new URL(url)
  const body = JSON.stringify(payloadOf(channel, notification))
  const timestamp = String(Math.floor(now / 1000))
  const agent = new Agent({ connect: { timeout: PATIENCE_MILLISECONDS, ...(ca === undefined ? {} : { ca }) } })
  try {
    const { statusCode, body: answer } = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'fairlead',
        'fairlead-notification': notification.id,
        'fairlead-timestamp': timestamp,
        ...(secret === undefined ? {} : { 'fairlead-signature': `v1=${signatureOf(secret, timestamp, body)}` }),
      },
      body,
      headersTimeout: PATIENCE_MILLISECONDS,
      bodyTimeout: PATIENCE_MILLISECONDS,
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    })
    await answer.dump({ limit: 65_536 }).catch(() => undefined)
    if (statusCode >= 200 && statusCode < 300) return { kind: 'taken' }
    const why = `${origin} answered ${statusCode}`
    return RETRYABLE.has(statusCode) ? { kind: 'later', why } : { kind: 'refused', why }
  } catch (cause) {
    return { kind: 'later', why: `${origin} cannot be asked (${codeOf(cause)})` }
  } finally {
    await agent.destroy().catch(() => undefined)
  }
}

/** Hexadecimal HMAC-SHA256 of `TIMESTAMP.BODY`. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
}

function payloadOf({ format }: WebhookChannel, notification: Notification): object {
  const { labels, since, at, ...rest } = notification
  const line = `${headlineOf(notification)}: ${notification.summary}`
  switch (format) {
    case 'json':
      return {
        version: 1,
        ...rest,
        labels: Object.fromEntries(labels),
        since: new Date(since).toISOString(),
        at: new Date(at).toISOString(),
      }
    case 'slack':
      // What has a meaning there begins with one of these, a mention of everybody too.
      return { text: line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') }
    case 'dingtalk':
      return { msgtype: 'text', text: { content: line } }
  }
}

type Files =
  | { readonly ok: true; readonly url: string; readonly secret: string | undefined; readonly ca: string | undefined }
  | { readonly ok: false; readonly message: string }

function readFiles({ url, secretFile, caFile }: WebhookChannel, secrets: string): Files {
  const read = (name: string): string => readFileSync(join(secrets, name), 'utf8')
  try {
    const given = url.kind === 'given' ? url.url : webhookUrlOf(read(url.file).trim())
    if (given === undefined) return { ok: false, message: 'urlFile has no URL that begins with https:// or http://' }
    const secret = secretFile === undefined ? undefined : read(secretFile).trim()
    if (secret === '') return { ok: false, message: 'secretFile is empty' }
    return { ok: true, url: given, secret, ca: caFile === undefined ? undefined : read(caFile) }
  } catch (cause) {
    return { ok: false, message: `a file of the channel cannot be read (${codeOf(cause)})` }
  }
}

/** A code such as ECONNREFUSED; messages of libraries may have a URL in them. */
function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'failed'
  const { code } = cause as NodeJS.ErrnoException
  return typeof code === 'string' ? code : cause.name
}
