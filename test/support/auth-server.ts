import { createServer as createPlain, type Server, type Socket } from 'node:net'
import { createServer as createSecure, TLSSocket } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { createSelfSigned } from '../../src/controller/self-signed.js'

/** A question as it came, byte by byte. */
export interface Question {
  /** `GET /verify HTTP/1.1`. */
  readonly line: string
  /** Names as they were sent. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Which connection it came on, from 1. */
  readonly connection: number
  /** SNI, over TLS. */
  readonly serverName: string | undefined
}

/** Writes an answer, or does whatever else an auth service should not. */
export type Manner = (socket: Socket, question: Question) => void

/** An auth service that can misbehave: it speaks in bytes. */
export interface AuthServer {
  readonly port: number
  readonly questions: readonly Question[]
  /** Connections that are open now. */
  connections(): number
  /** From the next question on. */
  answers(manner: Manner): void
  close(): Promise<void>
}

/** `HTTP/1.1 …` with a length, and lines of headers without their line ends. */
export function answer(status: number, headers: readonly string[] = [], body = ''): Manner {
  const lines = [`HTTP/1.1 ${status} Something`, ...headers, `Content-Length: ${body.length}`]
  return (socket) => void socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

export const bytes =
  (text: string): Manner =>
  (socket) =>
    void socket.write(text, 'latin1')

export async function startAuthServer(kind: 'http' | 'https' = 'http'): Promise<AuthServer> {
  const questions: Question[] = []
  const open = new Set<Socket>()
  let manner: Manner = answer(200)
  let count = 0
  const serve = (socket: Socket): void => {
    const connection = ++count
    open.add(socket)
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const question = read(text.slice(0, end), connection, socket)
        text = text.slice(end + 4)
        questions.push(question)
        manner(socket, question)
      }
    })
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
  }
  const server = kind === 'http' ? createPlain(serve) : createSecure(certificate(), serve)
  return {
    port: await listen(server),
    questions,
    connections: () => open.size,
    answers(next) {
      manner = next
    },
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function read(head: string, connection: number, socket: Socket): Question {
  const [line = '', ...lines] = head.split('\r\n')
  const serverName: unknown = socket instanceof TLSSocket ? Reflect.get(socket, 'servername') : undefined
  return {
    line,
    headers: lines.map((each) => {
      const colon = each.indexOf(':')
      return [each.slice(0, colon), each.slice(colon + 1).trim()]
    }),
    connection,
    serverName: typeof serverName === 'string' ? serverName : undefined,
  }
}

function certificate(): { readonly cert: string; readonly key: string } {
  const made = createSelfSigned({
    commonName: 'auth',
    organization: 'test',
    names: ['auth.test'],
    days: 1,
    now: Date.now(),
  })
  return { cert: made.certificate, key: made.key }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port // it listens on TCP
}
