import type { RequestCopy } from '../request/request-copy.js'
import { forwardedLines } from './client-headers.js'
import { openConnection } from './http-client.js'
import { variables } from './variables.js'

/**
 * Copies of requests, fire and forget: what is sent is put together in the log phase, and sent by a timer. Each worker has at
 * most so many under way, and so many bytes; beyond that copies are dropped, and counted. docs/design/mirror.md.
 */
const MOST_UNDER_WAY = 100
const MOST_BYTES = 16 * 1024 * 1024
const LONGEST_BODY = 1024 * 1024

const CONNECT_MILLISECONDS = 2_000
const EXCHANGE_MILLISECONDS = 5_000
/** Of an answer: more is left unread. */
const MOST_PIECES = 128
const PIECE = 8192

let underWay = 0
let bytes = 0

export function sendCopies(copies: readonly RequestCopy[], body: 'with body' | 'without body'): void {
  const text = body === 'with body' ? readBody() : ''
  if (text === undefined) return count('mirror dropped', copies.length)
  const head = headOf(body === 'with body' ? text.length : 0)
  const method = ngx.req.get_method()
  for (const { to, target } of copies) {
    const address = to.addresses[math.random(1, to.addresses.length) - 1] ?? ''
    const message = `${method} ${target} HTTP/1.1\r\nHost: ${to.host}\r\n${head}${text}`
    if (underWay >= MOST_UNDER_WAY || bytes + message.length > MOST_BYTES) count('mirror dropped', 1)
    else begin(address, to.port, to.serverName, message)
  }
}

function begin(address: string, port: number, serverName: string | undefined, message: string): void {
  const [ok] = ngx.timer.at(0, (premature) => {
    const [fine, problem] = premature ? [false, 'the worker ends'] : pcall(exchange, address, port, serverName, message)
    underWay--
    bytes -= message.length
    count(fine === true && problem === undefined ? 'mirror sent' : 'mirror failed', 1)
  })
  if (ok !== true) return count('mirror dropped', 1)
  underWay++
  bytes += message.length
}

/**
 * Gives what went wrong. Waits for the answer, so that the mirror has had the whole request; and reads it, so that it
 * can send it.
 */
function exchange(
  this: void,
  address: string,
  port: number,
  serverName: string | undefined,
  message: string,
): string | undefined {
  const socket = ngx.socket.tcp()
  socket.settimeouts(CONNECT_MILLISECONDS, EXCHANGE_MILLISECONDS, EXCHANGE_MILLISECONDS)
  const problem =
    openConnection(socket, { address, port, secure: serverName !== undefined, serverName }) ?? talk(socket, message)
  socket.close()
  return problem
}

function talk(socket: TcpSocket, message: string): string | undefined {
  const [sent, stopped] = socket.send(message)
  if (sent === undefined) return stopped ?? 'not sent'
  const [first, silent] = socket.receive('*l')
  if (first === undefined) return silent ?? 'no answer'
  for (let piece = 0; piece < MOST_PIECES; piece++) {
    const [read] = socket.receive(PIECE)
    if (read === undefined) return undefined
  }
  return undefined
}

function headOf(length: number): string {
  const size = length > 0 ? `Content-Length: ${length}\r\n` : ''
  return `${forwardedLines()}${size}Connection: close\r\n\r\n`
}

/** The whole body, which NGINX still has; undefined where it is too long, or did not come to its end. */
function readBody(): string | undefined {
  const length = tonumber(variables['content_length'])
  if (length !== undefined && length > LONGEST_BODY) return undefined
  const body = ngx.req.get_body_data() ?? readFile(ngx.req.get_body_file())
  if (body === undefined) return length === undefined || length === 0 ? '' : undefined
  if (body.length > LONGEST_BODY || (length !== undefined && length !== body.length)) return undefined
  return body
}

/** A body that was too long for NGINX's buffer; just written, so it is in the machine's memory. */
function readFile(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  const [file] = io.open(name, 'rb')
  if (file === undefined) return undefined
  const text = file.read(LONGEST_BODY + 1)
  file.close()
  return text
}

function count(name: string, by: number): void {
  ngx.shared.fairlead_state.incr(name, by, 0)
}

/** For the answer to `/v1/status`. */
export function describeMirror(): object {
  const read = (name: string): number => tonumber(ngx.shared.fairlead_state.get(name)) ?? 0
  return { sent: read('mirror sent'), failed: read('mirror failed'), dropped: read('mirror dropped') }
}
