import { createConnection } from 'node:net'
import { decodeEcho, type Echo, type RawRequest } from './echo-engine.js'

/**
 * Asks over HTTP/2 with prior knowledge, one connection each, with the host as `:authority`. Written by hand because a
 * library refuses to send what is to be tested (RFC 9113; fields uncompressed, RFC 7541, 6.2.2).
 */
export function askHttp2(socketPath: string, request: RawRequest): Promise<Echo> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath)
    let received: Buffer = Buffer.alloc(0)
    let status = 0
    let body = ''
    const finish = (echo: Echo): void => {
      resolve(echo)
      socket.destroy()
    }
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${JSON.stringify(request)}`)))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`closed without an answer to ${JSON.stringify(request)}`)))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      for (let size = frameSize(received); size !== undefined; size = frameSize(received)) {
        const type = received[3]
        const isLast = ((received[4] ?? 0) & END_STREAM) !== 0
        const payload = received.subarray(9, size)
        received = received.subarray(size)
        if (type === HEADERS) status = statusOf(payload)
        if (type === DATA) body += payload.toString('latin1')
        if (type === GOAWAY) return finish({ kind: 'refused', status: 400 })
        if ((type !== HEADERS && type !== DATA) || !isLast) continue
        return finish(status === 200 ? decodeEcho(body) : { kind: 'refused', status })
      }
    })
    socket.write(Buffer.concat([preface, frame(SETTINGS, 0, 0, Buffer.alloc(0)), ...headerFrames(request)]))
  })
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const DATA = 0
const HEADERS = 1
const SETTINGS = 4
const GOAWAY = 7
const CONTINUATION = 9
const END_STREAM = 1
const END_HEADERS = 4
const FRAME_BYTES = 16_000

function headerFrames({ target, host }: RawRequest): readonly Buffer[] {
  // Static table: 2 is `:method: GET`, 6 is `:scheme: http`, 4 the name `:path`, 1 the name `:authority`.
  const fields = [Buffer.from([0x82, 0x86, 0x04]), literal(target)]
  if (host !== undefined) fields.push(Buffer.from([0x01]), literal(host))
  const block = Buffer.concat(fields)
  const frames: Buffer[] = []
  for (let from = 0; from < block.length; from += FRAME_BYTES) {
    const end = from + FRAME_BYTES >= block.length ? END_HEADERS : 0
    const part = block.subarray(from, from + FRAME_BYTES)
    frames.push(from === 0 ? frame(HEADERS, END_STREAM | end, 1, part) : frame(CONTINUATION, end, 1, part))
  }
  return frames
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
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

/** NGINX sends these two statuses as entries of the static table, perhaps after a change of the table's size. */
function statusOf(block: Buffer): number {
  const first = ((block[0] ?? 0) & 0xe0) === 0x20 ? block[1] : block[0]
  if (first === 0x88) return 200
  if (first === 0x8c) return 400
  throw new Error(`a header block that begins with ${block.subarray(0, 8).toString('hex')}`)
}

function frameSize(received: Buffer): number | undefined {
  if (received.length < 9) return undefined
  const size = 9 + received.readUIntBE(0, 3)
  return received.length < size ? undefined : size
}
