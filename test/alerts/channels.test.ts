import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createSocketServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sendEmail } from '../../src/observe/alerts/email.js'
import { bodyOf, headlineOf, notificationOf, type Notification } from '../../src/observe/alerts/notification.js'
import { readConfig } from '../../src/observe/alerts/read-config.js'
import type { EmailChannel, Rule, WebhookChannel } from '../../src/observe/alerts/rule.js'
import { sendWebhook } from '../../src/observe/alerts/webhook.js'
import { createAuthority } from '../support/certificates.js'

let folder: string
let closes: (() => void)[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-alerts-'))
  closes = []
})

afterEach(() => {
  for (const close of closes) close()
  rmSync(folder, { recursive: true, force: true })
})

const leaf = createAuthority('mail').issue({ names: ['localhost'] })

/** Gives its name in the folder of secrets. */
function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content)
  return name
}

const post = (channel: WebhookChannel, told: Notification, now = NOW) =>
  sendWebhook(channel, told, { now, secrets: folder })
const mail = (channel: EmailChannel, told: Notification) => sendEmail(channel, told, { secrets: folder })

function theRule(): Rule {
  const read = readConfig(
    'rules: [{ name: errors, preset: server-errors, by: path, severity: critical, labels: { team: shop } }]',
  )
  const [rule] = read.ok ? read.config.rules : []
  if (rule === undefined) throw new Error('the rule of the test cannot be read')
  return rule
}

const NOW = Date.UTC(2026, 10, 26, 20)

function notification(path = '/cart', what: 'firing' | 'resolved' = 'firing'): Notification {
  const series = { labels: [['path', path]] as const, value: 0.25 }
  return notificationOf(theRule(), series, { what, since: NOW - 60_000 }, { now: NOW, instance: 'pod-1' })
}

/** What a client may ask for: line ends, colours, text from right to left, what is markup somewhere, half a character. */
const HOSTILE = '/x\r\nBcc: victim@example.com\r\n\r\n.\r\n\u001b[31m<!channel> <b>"}\u202e@all\u2028\ud800'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly url: string
  readonly body: string
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closes.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port // it listens on TCP
}

async function startWebhook(status = 200, headers: Readonly<Record<string, string>> = {}, tls = false) {
  const received: Received[] = []
  const make = tls ? createTlsServer.bind(undefined, { cert: leaf.chain, key: leaf.key }) : createServer
  const server = make((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      received.push({ headers: request.headers, url: request.url ?? '', body })
      response.writeHead(status, headers).end('thanks')
    })
  })
  return { received, port: await listen(server) }
}

const hook = (url: string, more: Partial<WebhookChannel> = {}): WebhookChannel => ({
  kind: 'webhook',
  name: 'hook',
  url: { kind: 'given', url },
  format: 'json',
  ...more,
})

describe('a webhook', () => {
  test('gets JSON, signed with the secret of a file', async () => {
    const { received, port } = await startWebhook()
    const secretFile = file('key', 'the-key-of-the-test\n')
    const sent = await post(hook(`http://127.0.0.1:${port}/in?token=t`, { secretFile }), notification(), NOW + 500)
    expect(sent).toEqual({ kind: 'taken' })
    const [{ headers, url, body } = { headers: {}, url: '', body: '' }] = received
    expect(url).toBe('/in?token=t')
    expect(JSON.parse(body)).toEqual({
      version: 1,
      id: notification().id,
      event: 'firing',
      incident: notification().incident,
      rule: 'errors',
      severity: 'critical',
      description: 'share of answers with status 500 or above',
      labels: { team: 'shop', path: '/cart' },
      figure: 'serverErrorShare',
      value: 0.25,
      summary: 'serverErrorShare is 25 %; the rule says above 1 % (last 5m)',
      since: '2026-11-26T19:59:00.000Z',
      at: '2026-11-26T20:00:00.000Z',
      instance: 'pod-1',
    })
    const expected = createHmac('sha256', 'the-key-of-the-test')
      .update(`${NOW / 1000}.${body}`)
      .digest('hex')
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'fairlead-timestamp': String(NOW / 1000),
      'fairlead-signature': `v1=${expected}`,
      'fairlead-notification': notification().id,
    })
  })

  test('text of strangers is text in each form of the body', async () => {
    const { received, port } = await startWebhook()
    for (const format of ['json', 'slack', 'dingtalk'] as const)
      await post(hook(`http://127.0.0.1:${port}/`, { format }), notification(HOSTILE))
    const [json = '', slack = '', dingtalk = ''] = received.map(({ body }) => body)
    expect(JSON.parse(json)).toMatchObject({
      labels: {
        path: '/x\\x0d\\x0aBcc: victim@example.com\\x0d\\x0a\\x0d\\x0a.\\x0d\\x0a\\x1b[31m<!channel> <b>"}\\u{202e}@all\\u{2028}\\u{d800}',
      },
    })
    expect(JSON.parse(slack)).toEqual({ text: expect.stringContaining('&lt;!channel&gt; &lt;b&gt;') as string })
    expect(slack).not.toMatch(/[<>]/)
    expect(JSON.parse(dingtalk)).toMatchObject({
      msgtype: 'text',
      text: { content: expect.stringContaining('@all') as string },
    })
    for (const body of [json, slack, dingtalk]) expect(body).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u)
  })

  test.each([
    [204, 'taken'],
    [302, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [429, 'later'],
    [500, 'later'],
    [503, 'later'],
  ] as const)('an answer %i is %s, and the path of the URL is told nobody', async (status, kind) => {
    const other = await startWebhook()
    const { port } = await startWebhook(status, { location: `http://127.0.0.1:${other.port}/` })
    const sent = await post(hook(`http://127.0.0.1:${port}/s3cret`), notification())
    expect(sent.kind).toBe(kind)
    expect(JSON.stringify(sent)).not.toContain('s3cret')
    // A redirect is not followed: it could lead to whom the secret is not for.
    expect(other.received).toEqual([])
  })

  test('TLS is checked against the authorities of the machine, or those of a file', async () => {
    const { received, port } = await startWebhook(200, {}, true)
    const url = `https://localhost:${port}/`
    expect(await post(hook(url), notification())).toMatchObject({ kind: 'later' })
    expect(received).toEqual([])
    const caFile = file('ca', leaf.ca)
    expect(await post(hook(url, { caFile }), notification())).toEqual({ kind: 'taken' })
  })

  test('the URL may be in a file, which is read for each message; what is not there may come', async () => {
    const { received, port } = await startWebhook()
    const channel = hook('', { url: { kind: 'file', file: 'url' } })
    expect(await post(channel, notification())).toEqual({
      kind: 'later',
      why: 'a file of the channel cannot be read (ENOENT)',
    })
    file('url', 'gopher://s3cret')
    expect(JSON.stringify(await post(channel, notification()))).not.toContain('s3cret')
    file('url', `http://127.0.0.1:${port}/from-file\n`)
    expect(await post(channel, notification())).toEqual({ kind: 'taken' })
    expect(received.map(({ url }) => url)).toEqual(['/from-file'])
  })

  test('nobody there, and an answer that is no HTTP', async () => {
    const noise = createSocketServer(
      (socket) =>
        void socket
          .on('error', () => undefined)
          .resume()
          .end('220 mail\r\n'),
    )
    await new Promise<void>((resolve) => noise.listen(0, '127.0.0.1', resolve))
    const { port } = noise.address() as AddressInfo // it listens on TCP
    expect(await post(hook(`http://127.0.0.1:${port}/s3cret`), notification())).toMatchObject({
      kind: 'later',
    })
    await new Promise((resolve) => noise.close(resolve))
    const sent = await post(hook(`http://127.0.0.1:${port}/s3cret`), notification())
    expect(sent).toEqual({ kind: 'later', why: `http://127.0.0.1:${port} cannot be asked (ECONNREFUSED)` })
  })
})

interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly user: string
  readonly isSecure: boolean
  readonly text: string
}

async function startMail(options: SMTPServerOptions, refusal?: { readonly code: number; readonly at: 'to' | 'data' }) {
  const mails: Mail[] = []
  const refused = (): Error => Object.assign(new Error('go away s3cret'), { responseCode: refusal?.code })
  const server = new SMTPServer({
    cert: leaf.chain,
    key: leaf.key,
    logger: false,
    onAuth({ username, password }, _, done) {
      if (username === 'me' && password === 'the-pass-of-the-test') done(null, { user: username })
      else done(Object.assign(new Error('wrong s3cret'), { responseCode: 535 }))
    },
    onRcptTo: (_, __, done) => (refusal?.at === 'to' ? done(refused()) : done()),
    onData(stream, session, done) {
      let text = ''
      stream.on('data', (bytes: Buffer) => (text += bytes.toString()))
      stream.on('end', () => {
        if (refusal?.at === 'data') return done(refused())
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom === false || mailFrom === undefined ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: String(session.user ?? ''),
          isSecure: session.secure,
          text,
        })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => resolve((listening.address() as AddressInfo).port)) // it listens on TCP
  })
  closes.push(() => server.close())
  return { mails, port }
}

const mailTo = (port: number, more: Partial<EmailChannel> = {}): EmailChannel => ({
  kind: 'email',
  name: 'mail',
  host: 'localhost',
  port,
  security: 'starttls',
  from: 'fairlead@example.com',
  to: ['ann@example.com', 'bob@example.com'],
  login: { user: 'me', passwordFile: file('password', 'the-pass-of-the-test\n') },
  caFile: file('ca', leaf.ca),
  ...more,
})

describe('e-mail', () => {
  test.each(['starttls', 'tls'] as const)(
    'goes by %s, with a login, to all; later ones answer the first',
    async (security) => {
      const { mails, port } = await startMail({ secure: security === 'tls' })
      expect(await mail(mailTo(port, { security }), notification())).toEqual({ kind: 'taken' })
      expect(await mail(mailTo(port, { security }), notification('/cart', 'resolved'))).toEqual({ kind: 'taken' })
      const [first, second] = mails
      expect(first).toMatchObject({
        from: 'fairlead@example.com',
        to: ['ann@example.com', 'bob@example.com'],
        user: 'me',
        isSecure: true,
      })
      expect(first?.text).toContain('Subject: [critical] errors (team=shop path=/cart)\r\n')
      expect(first?.text).toContain('serverErrorShare is 25 %; the rule says above 1 % (last 5m)')
      expect(first?.text).not.toContain('the-pass-of-the-test')
      const [, id = ''] = /^Message-ID: (\S+)/m.exec(first?.text ?? '') ?? []
      expect(second?.text).toContain(`In-Reply-To: ${id}\r\n`)
      expect(second?.text).toContain('Subject: [resolved] errors')
    },
  )

  test('hostile text is no header, no second message and no other recipient', async () => {
    const { mails, port } = await startMail({})
    expect(await mail(mailTo(port), notification(HOSTILE))).toEqual({ kind: 'taken' })
    expect(mails).toHaveLength(1)
    const [only] = mails
    expect(only?.to).toEqual(['ann@example.com', 'bob@example.com'])
    const [head = ''] = (only?.text ?? '').split('\r\n\r\n')
    const names = head.split('\r\n').flatMap((line) => /^([\w-]+):/.exec(line)?.[1] ?? [])
    expect(names.toSorted()).toEqual([
      'Auto-Submitted',
      'Content-Transfer-Encoding',
      'Content-Type',
      'Date',
      'From',
      'MIME-Version',
      'Message-ID',
      'Subject',
      'To',
      'X-Fairlead-Severity',
    ])
    expect(`${headlineOf(notification(HOSTILE))}${bodyOf(notification(HOSTILE)).replaceAll('\n', '')}`).not.toMatch(
      /[\p{Cc}\p{Cf}\p{Cs}]/u,
    )
  })

  test('nothing goes without TLS where TLS is asked for, nor to whom the certificate is not of', async () => {
    const plain = await startMail({ disabledCommands: ['STARTTLS', 'AUTH'] })
    expect(await mail(mailTo(plain.port), notification())).toMatchObject({ kind: 'later' })
    const other = await startMail({})
    const { caFile: _, ...without } = mailTo(other.port)
    expect(await mail(without, notification())).toMatchObject({ kind: 'later' })
    expect(await mail(mailTo(other.port, { host: '127.0.0.1' }), notification())).toMatchObject({ kind: 'later' })
    expect([...plain.mails, ...other.mails]).toEqual([])
  })

  test('a server without TLS and login takes it where that is said', async () => {
    const { mails, port } = await startMail({ disabledCommands: ['STARTTLS', 'AUTH'], authOptional: true })
    const { login: _, ...without } = mailTo(port, { security: 'none' })
    expect(await mail(without, notification())).toEqual({ kind: 'taken' })
    expect(mails).toHaveLength(1)
  })

  test.each([
    ['a recipient that is refused for good', { code: 550, at: 'to' }, 'refused'],
    ['a full mailbox', { code: 452, at: 'to' }, 'later'],
    ['a message that is refused for good', { code: 554, at: 'data' }, 'refused'],
  ] as const)('%s', async (_, refusal, kind) => {
    const { port } = await startMail({}, refusal)
    const sent = await mail(mailTo(port), notification())
    expect(sent.kind).toBe(kind)
    expect(JSON.stringify(sent)).not.toContain('s3cret')
  })

  test('a wrong password is tried again later, and neither it nor what the server says is told', async () => {
    const { port } = await startMail({})
    const login = { user: 'me', passwordFile: file('wrong', 'wrong-pass') }
    const sent = await mail(mailTo(port, { login }), notification())
    expect(sent).toEqual({ kind: 'later', why: `localhost:${port} did not take it (EAUTH 535)` })
    const missing = { user: 'me', passwordFile: 'nowhere' }
    expect(await mail(mailTo(port, { login: missing }), notification())).toMatchObject({ kind: 'later' })
  })
})
