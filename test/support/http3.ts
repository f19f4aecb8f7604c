import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./http3-client', import.meta.url))

/** A client of HTTP/3: one process for all connections. The first one on a machine installs what it needs. */
export interface Http3Client {
  /** Fails where the handshake does. */
  open(port: number, options: ConnectOptions): Promise<Http3Connection>
  /** Sends first datagrams of so many connections, from one address, and goes on with none. */
  sendInitials(port: number, serverName: string, count: number): Promise<Initials>
  close(): Promise<void>
}

export interface ConnectOptions {
  /** The name that is sent (SNI). Empty: none. */
  readonly serverName: string
  readonly identity?: { readonly chain: string; readonly key: string } | undefined
  /** Takes up the session of that connection. */
  readonly resume?: Http3Connection
  /** Address to connect to, and to connect from. */
  readonly host?: string
  readonly from?: string
}

export interface Http3Request {
  /** Default: the name that was sent. */
  readonly authority?: string
  readonly path?: string
  readonly method?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
}

export interface Http3Reply {
  readonly status: number
  /** The last of each name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export interface Http3Connection {
  readonly number: number
  readonly resumed: boolean
  /** The server had the client send its first datagram again (Retry). */
  readonly retried: boolean
  /** SHA-256 of the server's certificate; empty where the session was taken up. */
  readonly certificate: string
  ask(request?: Http3Request): Promise<Http3Reply>
  /** Begins a request whose body does not come; with `reset` it is given up at once. */
  begin(request: Http3Request, then?: 'reset'): Promise<void>
  /**
   * Begins so many requests and gives each up in the datagram that it comes with. `whole`: nothing more was to come of
   * it.
   */
  giveUp(request: Http3Request, count: number, sent: 'whole' | 'head'): Promise<void>
  /** How many bytes of early data the ticket of the session allows; -1: there is no ticket yet. */
  earlyData(): Promise<number>
  /** Why it is over; undefined: it is not. */
  ended(): Promise<string | undefined>
  close(): Promise<void>
}

export interface Initials {
  /** Bytes. */
  readonly sent: number
  readonly received: number
  readonly datagrams: number
  readonly retries: number
}

interface Answer {
  readonly id: number
  /** What went wrong. */
  readonly error?: string
}

export async function startHttp3Client(): Promise<Http3Client> {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map<
    number,
    { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void }
  >()
  let last = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer // our own client's
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (answer.error === undefined) asked?.resolve(answer)
    else asked?.reject(new Error(answer.error))
  })
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the client of HTTP/3 ended with ${code}`))
    waiting.clear()
  })
  const tell = <T>(command: object): Promise<T> =>
    new Promise<Answer>((resolve, reject) => {
      last += 1
      waiting.set(last, { resolve, reject })
      child.stdin.write(`${JSON.stringify({ id: last, ...command })}\n`)
    }) as Promise<T> // http3-client.py says what each command is answered with
  let connections = 0
  return {
    async open(port, { serverName, identity, resume, host, from }) {
      connections += 1
      const connection = connections
      const opened = await whileTooLate(() =>
        tell<Pick<Http3Connection, 'resumed' | 'retried' | 'certificate'>>({
          do: 'open',
          connection,
          port,
          serverName,
          ...identity,
          ...(resume === undefined ? {} : { resume: resume.number }),
          ...(host === undefined ? {} : { host }),
          ...(from === undefined ? {} : { from }),
        }),
      )
      const { resumed, retried, certificate } = opened
      return {
        number: connection,
        resumed,
        retried,
        certificate,
        async ask(request = {}) {
          const { headers, body } = await tell<{ headers: (readonly [string, string])[]; body: string }>({
            do: 'ask',
            connection,
            headers: fieldsOf(request, serverName),
            body: request.body ?? '',
          })
          const byName = Object.fromEntries(headers)
          return { status: Number(byName[':status']), headers: byName, body }
        },
        async begin(request, then) {
          await tell({ do: 'half', connection, headers: fieldsOf(request, serverName), reset: then === 'reset' })
        },
        async giveUp(request, count, sent) {
          const headers = fieldsOf(request, serverName)
          await tell({ do: 'give up', connection, headers, count, finished: sent === 'whole' })
        },
        earlyData: async () => (await tell<{ early: number }>({ do: 'ticket', connection })).early,
        ended: async () => (await tell<{ ended: string | null }>({ do: 'ended', connection })).ended ?? undefined,
        async close() {
          await tell({ do: 'close', connection })
        },
      }
    },
    sendInitials: (port, serverName, count) => tell({ do: 'initials', port, serverName, count }),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

/** NGINX takes what it had a client send again for three seconds, which a busy machine may need for less. */
async function whileTooLate<T>(open: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 30_000; ; ) {
    try {
      return await open()
    } catch (cause) {
      if (Date.now() > end || !String(cause).includes('invalid address validation token')) throw cause
    }
  }
}

function fieldsOf(
  { authority, path = '/', method = 'GET', headers = [] }: Http3Request,
  serverName: string,
): readonly (readonly [string, string])[] {
  return [
    [':method', method],
    [':scheme', 'https'],
    [':authority', authority ?? serverName],
    [':path', path],
    ...headers,
  ]
}
