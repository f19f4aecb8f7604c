import { once } from 'node:events'
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect } from 'node:net'
import { parseAllDocuments } from 'yaml'
import type { Engine } from '../../src/apply/engine/engine.js'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import { defaultTranslateOptions, type TranslateOptions } from '../../src/translate/options.js'
import { translate, type Translation } from '../../src/translate/translate.js'
import { snapshotOf } from '../cases/world-of-case.js'
import { afterAll, beforeAll, describe } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { buildLua, createInput, createRunFolder, removeFolder, startFrame } from './frame-engine.js'

/** What a backend saw of a request; its answer is this as JSON, unless the query has `status` or headers (`h-NAME=VALUE`). */
export interface Seen {
  readonly name: string
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The body as the backend wrote it; fails where it is not a backend's. */
  readonly seen: Seen
}

export interface Asked {
  readonly scheme?: 'http' | 'https'
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** NGINX with the table and frame that the objects come to; no controller. */
export interface Translated {
  ask(host: string, path: string, asked?: Asked): Promise<Reply>
  /** Sends bytes as they are, and gives all that comes back until the connection ends. */
  askRaw(text: string): Promise<string>
  /** What the table comes from. */
  readonly translation: Translation
  stop(): Promise<void>
}

/**
 * Tests on every engine, with NGINX for these objects (as `startTranslated` takes them) and a backend called `app`.
 * `nginx` is there while tests run. `change`: what each engine is taken to have.
 */
export async function describeTranslated(
  title: string,
  yaml: string,
  tests: (nginx: Omit<Translated, 'stop'>) => void,
  change: (engine: Engine) => Engine = (engine) => engine,
): Promise<void> {
  let folder: string
  let lua: string
  let app: EchoBackend

  beforeAll(async () => {
    folder = await createRunFolder()
    lua = await buildLua(folder)
    app = await startEchoBackend('app')
  })

  afterAll(async () => {
    app.close()
    await removeFolder(folder)
  })

  describe.each(await enginesForTests())(`${title} on NGINX $version`, (engine) => {
    let running: Translated

    beforeAll(async () => {
      running = await startTranslated(change(engine), lua, yaml, [app])
    })

    afterAll(() => running.stop())

    tests({
      ask: (...asked) => running.ask(...asked),
      askRaw: (text) => running.askRaw(text),
      get translation() {
        return running.translation
      },
    })
  })
}

/** Objects as a `.case` has them, in YAML; a Service with a real backend is added for each of `backends`. */
export async function startTranslated(
  engine: Engine,
  lua: string,
  yaml: string,
  backends: readonly EchoBackend[],
  options: Partial<TranslateOptions> = {},
): Promise<Translated> {
  const objects = parseAllDocuments(yaml).map((document) => document.toJS() as object)
  const { certificate, key } = createSelfSigned({
    commonName: 'default',
    organization: 'test',
    names: ['default.test'],
    days: 1,
    now: Date.now(),
  })
  const translation = translate(
    snapshotOf([...objects, ...backends.flatMap(objectsOf)]),
    { ...defaultTranslateOptions, ...options },
    { fallbackCertificate: { chain: certificate, key }, now: Date.now() },
  )
  const folder = await createRunFolder()
  const input = await createInput(engine, lua, folder)
  const running = await startFrame(engine, input, Object.fromEntries(translation.documents))
  const { httpPort, httpsPort } = input.listeners
  return {
    translation,
    ask: (host, path, asked = {}) => send(asked.scheme === 'https' ? httpsPort : httpPort, host, path, asked),
    async askRaw(text) {
      const socket = connect(httpPort, '127.0.0.1')
      socket.write(text, 'latin1')
      let received = ''
      for await (const chunk of socket) received += String(chunk)
      return received
    },
    async stop() {
      await running.stop()
      await removeFolder(folder)
    },
  }
}

function objectsOf({ name, port }: EchoBackend): readonly object[] {
  const labels = { 'kubernetes.io/service-name': name }
  return [
    { kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } },
    {
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, labels },
      addressType: 'IPv4',
      ports: [{ port }],
      endpoints: [{ addresses: ['127.0.0.1'] }],
    },
  ]
}

export interface EchoBackend {
  readonly name: string
  readonly port: number
  close(): void
}

export async function startEchoBackend(name: string): Promise<EchoBackend> {
  const server = createServer((incoming, outgoing) => {
    const query = new URL(incoming.url ?? '', 'http://backend').searchParams
    let body = ''
    incoming.on('data', (bytes: Buffer) => (body += bytes.toString('latin1')))
    incoming.on('end', () => {
      for (const [key, value] of query) if (key.startsWith('h-')) outgoing.appendHeader(key.slice(2), value)
      outgoing.statusCode = Number(query.get('status') ?? 200)
      const { method = '', url = '', headers } = incoming
      outgoing.end(JSON.stringify({ name, method, url, headers, body } satisfies Seen))
    })
  })
  const port = await listen(server)
  return {
    name,
    port,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function send(port: number, host: string, path: string, asked: Asked): Promise<Reply> {
  const { scheme = 'http', method = 'GET', headers = {}, body } = asked
  const options = { host: '127.0.0.1', port, method, path, headers: { host, ...headers }, agent: false as const }
  return new Promise((resolve, reject) => {
    const sent =
      scheme === 'http'
        ? request(options)
        : requestTls({ ...options, servername: host.replace(/:.*/, ''), rejectUnauthorized: false })
    sent.on('error', reject)
    sent.on('response', (incoming) => {
      let text = ''
      incoming.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')))
      incoming.on('error', reject)
      incoming.on('end', () => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: text,
          get seen() {
            return JSON.parse(text) as Seen // our own backend wrote it
          },
        })
      })
    })
    sent.end(body)
  })
}
