import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bodyOf, headlineOf, type Notification } from './notification.js'
import type { Sent } from './outbox.js'
import type { EmailChannel } from './rule.js'

const PATIENCE_MILLISECONDS = 15_000
const LONGEST_SUBJECT = 200

/**
 * Sends a notification by SMTP, as plain text. Later messages of an incident answer the first, so that mail programs
 * show them together. `secrets`: the folder of the channel's files. Never rejects; what it says has neither the
 * password nor what the server answered to it.
 */
export async function sendEmail(
  channel: EmailChannel,
  notification: Notification,
  { secrets }: { readonly secrets: string },
): Promise<Sent> {
  const { host, port, security, login, caFile, from, to } = channel
  let password = ''
  let ca: string | undefined
  try {
    if (login !== undefined) password = readFileSync(join(secrets, login.passwordFile), 'utf8').replace(/\r?\n$/, '')
    if (caFile !== undefined) ca = readFileSync(join(secrets, caFile), 'utf8')
  } catch (cause) {
    return { kind: 'later', why: `a file of the channel cannot be read (${codeOf(cause)})` }
  }
  // Who has no channel of this kind does not pay for it.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: PATIENCE_MILLISECONDS,
    greetingTimeout: PATIENCE_MILLISECONDS,
    socketTimeout: PATIENCE_MILLISECONDS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(login === undefined ? {} : { auth: { user: login.user, pass: password } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  })
  const { id, incident, event } = notification
  const first = `<${incident}@fairlead.invalid>`
  const isFirst = event === 'firing' || event === 'test'
  try {
    await transport.sendMail({
      from,
      to: [...to],
      subject: headlineOf(notification).slice(0, LONGEST_SUBJECT),
      text: bodyOf(notification),
      messageId: isFirst ? first : `<${id}@fairlead.invalid>`,
      ...(isFirst ? {} : { inReplyTo: first, references: first }),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Fairlead-Severity': notification.severity },
    })
    return { kind: 'taken' }
  } catch (cause) {
    const status = statusOf(cause)
    const why = `${host}:${port} did not take it (${codeOf(cause)}${status === undefined ? '' : ` ${status}`})`
    // RFC 5321, 4.2.1: a 5xx reply to addresses or the message is for good. A login or TLS may be put right.
    const isAboutMessage = codeOf(cause) === 'EENVELOPE' || codeOf(cause) === 'EMESSAGE'
    return { kind: isAboutMessage && status !== undefined && status >= 500 ? 'refused' : 'later', why }
  } finally {
    transport.close()
  }
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'failed'
  const { code } = cause as NodeJS.ErrnoException
  return typeof code === 'string' ? code : cause.name
}

function statusOf(cause: unknown): number | undefined {
  return typeof cause === 'object' &&
    cause !== null &&
    'responseCode' in cause &&
    typeof cause.responseCode === 'number'
    ? cause.responseCode
    : undefined
}
