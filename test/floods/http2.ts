import { connect, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'

/**
 * Frames of HTTP/2 as a hostile client writes them (RFC 9113, 4; fields uncompressed, RFC 7541, 6.2.2): no library
 * sends what is to be tested.
 */
export const DATA = 0
export const HEADERS = 1
export const RST_STREAM = 3
export const SETTINGS = 4
export const PING = 6
export const GOAWAY = 7
export const WINDOW_UPDATE = 8
export const CONTINUATION = 9

export const END_STREAM = 1
export const END_HEADERS = 4

export const CANCEL = 8

/** A connection, and what the server has sent so far. */
export interface Http2Attacker {
  readonly socket: Socket
  /** Types of the frames that came. */
  readonly frames: number[]
  /** The server has said that it is over (GOAWAY), or closed it. */
  readonly isOver: boolean
  /** Resolves when the system has taken the bytes, or the connection is gone. */
  send(...frames: readonly Buffer[]): Promise<void>
}

/** Of all connections: each of its own would read the list of authorities, which takes longer than the handshake. */
let context: SecureContext | undefined

/** Opens a connection with the preface and empty settings. `serverName`: over TLS, as that name. */
export async function attackHttp2(port: number, serverName?: string): Promise<Http2Attacker> {
  const socket =
    serverName === undefined
      ? connect(port, '127.0.0.1')
      : connectTls({
          host: '127.0.0.1',
          port,
          servername: serverName,
          rejectUnauthorized: false,
          ALPNProtocols: ['h2'],
          secureContext: (context ??= createSecureContext()),
        })
  await new Promise((resolve, reject) => {
    socket.once(serverName === undefined ? 'connect' : 'secureConnect', resolve)
    socket.once('error', reject)
  })
  const frames: number[] = []
  let isClosed = false
  let received: Buffer = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.on('close', () => (isClosed = true))
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes])
    for (; received.length >= 9; ) {
      const size = 9 + received.readUIntBE(0, 3)
      if (received.length < size) return
      frames.push(received[3] ?? 0)
      received = received.subarray(size)
    }
  })
  const send = (...parts: readonly Buffer[]): Promise<void> =>
    new Promise((resolve) => {
      if (isClosed || socket.destroyed) return resolve()
      socket.once('close', resolve)
      socket.write(Buffer.concat(parts), () => {
        socket.off('close', resolve)
        resolve()
      })
    })
  await send(PREFACE, frame(SETTINGS, 0, 0))
  return {
    socket,
    frames,
    get isOver() {
      return isClosed || frames.includes(GOAWAY)
    },
    send,
  }
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** The header block of a request. */
export function block(host: string, path: string, method: 'GET' | 'POST' = 'GET'): Buffer {
  // Static table: 2 `:method: GET`, 3 `:method: POST`, 7 `:scheme: https`, names 4 `:path` and 1 `:authority`.
  return Buffer.concat([Buffer.from([method === 'GET' ? 0x82 : 0x83, 0x87]), named(4, path), named(1, host)])
}

/** A field that is not to be indexed, with a name of its own. */
export function field(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), literal(name), literal(value)])
}

function named(index: number, value: string): Buffer {
  return Buffer.concat([Buffer.from([index]), literal(value)])
}

/** Length as an integer with a prefix of seven bits, then the bytes. */
function literal(text: string): Buffer {
  const length: number[] = []
  if (text.length < 127) length.push(text.length)
  else {
    length.push(127)
    let rest = text.length - 127
    for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128)
    length.push(rest)
  }
  return Buffer.concat([Buffer.from(length), Buffer.from(text, 'latin1')])
}

export function reset(stream: number): Buffer {
  const code = Buffer.alloc(4)
  code.writeUInt32BE(CANCEL)
  return frame(RST_STREAM, 0, stream, code)
}
