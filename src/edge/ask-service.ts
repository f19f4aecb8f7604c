import type { AuthService } from '../model/auth-service.js'
import type { Timeouts } from '../model/proxy-features.js'
import { type AnswerHead, parseHead } from '../request/answer-head.js'
import type { Answered, AuthAnswer, AuthQuestion } from '../request/auth-question.js'
import { bodyState } from '../request/body-end.js'
import { watchClient } from './abandoned.js'
import { forwardedLines } from './client-headers.js'
import { openConnection, type Peer } from './http-client.js'
import { settings } from './table.js'
import { beginWaiting, endWaiting } from './waiting.js'

/**
 * Questions to auth services over kept connections. An answer counts only if all of its head came in time and is HTTP/1.x;
 * everything else is none. docs/design/external-auth.md.
 */
const LONGEST_HEAD = 65_536
const LONGEST_BODY = 65_536
const PIECE = 16_384
/** Of a head: whoever sends byte by byte costs more than it is worth. */
const MOST_PIECES = 256
/** A connection whose answer has a body that is longer under way than this is not kept. */
const BODY_SECONDS = 0.5

const STANDARD_TIMEOUTS: Timeouts = { connect: 5, send: 60, read: 60 }

/** Not sent twice, and so never on a connection that may be closed already (RFC 9110, 9.2.2). */
const NOT_IDEMPOTENT: Record<string, boolean | undefined> = { POST: true, PATCH: true, CONNECT: true }

export function askService(question: AuthQuestion): Answered {
  const { to } = question
  const timeouts = question.timeouts ?? settings().timeouts ?? STANDARD_TIMEOUTS
  const until = ngx.now() + timeouts.connect + timeouts.read
  const ticket = beginWaiting(`${to.host}:${to.port}`)
  if (ticket === undefined) {
    complain(to, 'too many requests wait for its answer')
    return BUSY
  }
  watchClient()
  const answer = exchange(question, timeouts, until)
  endWaiting(ticket)
  return answer === undefined ? NONE : { kind: 'answered', answer }
}

const BUSY: Answered = { kind: 'busy' }
const NONE: Answered = { kind: 'none' }

/** `unreached`: it has heard nothing. `stale`: a kept connection that the service had closed. */
type Outcome = AuthAnswer | 'unreached' | 'stale' | 'failed'

function exchange(question: AuthQuestion, timeouts: Timeouts, until: number): AuthAnswer | undefined {
  const { addresses, method } = question.to
  const lines = messageOf(question)
  const first = math.random(0, addresses.length)
  for (let i = 0; i < addresses.length; i++) {
    const address = addresses[(first + i) % addresses.length] ?? ''
    let outcome: Outcome =
      NOT_IDEMPOTENT[method] === true
        ? talk(question, peerOf(question.to, address, 'new'), lines, timeouts, until)
        : talk(question, peerOf(question.to, address, 'kept'), lines, timeouts, until)
    if (outcome === 'stale') outcome = talk(question, peerOf(question.to, address, 'new'), lines, timeouts, until)
    if (typeof outcome === 'object') return outcome
    if (outcome !== 'unreached' || ngx.now() >= until) return undefined
  }
  if (addresses.length === 0) complain(question.to, 'its name has no address')
  return undefined
}

function peerOf({ port, secure, serverName, connections }: AuthService, address: string, which: 'new' | 'kept'): Peer {
  if (which === 'new') return { address, port, secure: secure === true, serverName }
  const name = `auth ${secure === true ? `tls ${serverName ?? ''}` : ''} ${connections.most} ${address}:${port}`
  return { address, port, secure: secure === true, serverName, pool: { name, size: connections.most } }
}

/** All but the last line, which says whether the connection is kept. */
function messageOf({ to, target, host, lines, replaced }: AuthQuestion): string {
  return `${to.method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines}${forwardedLines(replaced)}`
}

function talk(question: AuthQuestion, peer: Peer, lines: string, timeouts: Timeouts, until: number): Outcome {
  const { to } = question
  const socket = ngx.socket.tcp()
  setTimeouts(socket, timeouts, timeouts.read)
  const problem = openConnection(socket, peer)
  if (problem !== undefined) {
    socket.close()
    complain(to, problem)
    return 'unreached'
  }
  const used = socket.getreusedtimes()
  const [sent, stopped] = socket.send(peer.pool === undefined ? `${lines}Connection: close\r\n\r\n` : `${lines}\r\n`)
  const found = sent === undefined ? (stopped ?? 'not sent') : receiveHead(socket, to.method, timeouts, until)
  if (typeof found === 'object') {
    const { head, rest } = found
    if (peer.pool !== undefined && used + 1 < to.connections.requests && isRead(socket, head, rest, timeouts))
      keep(socket, to)
    else socket.close()
    return head
  }
  socket.close()
  if (used > 0 && (found === 'closed' || found === 'connection reset by peer' || found === 'broken pipe'))
    return 'stale'
  complain(to, found)
  return 'failed'
}

function setTimeouts(socket: TcpSocket, { connect, send }: Timeouts, read: number): void {
  socket.settimeouts(connect * 1000, send * 1000, read * 1000)
}

interface Received {
  readonly head: AnswerHead
  /** What came behind it. */
  readonly rest: string
}

/** A text says what went wrong: that of the socket, where nothing had come. Nearly every head comes in one piece. */
function receiveHead(socket: TcpSocket, method: string, timeouts: Timeouts, until: number): Received | string {
  const [bytes, problem] = socket.receiveany(PIECE)
  if (bytes === undefined) return problem ?? 'no answer'
  const found = headIn(bytes, method)
  return found === 'more' ? receiveRest(socket, bytes, method, timeouts, until) : found
}

function receiveRest(
  socket: TcpSocket,
  begun: string,
  method: string,
  timeouts: Timeouts,
  until: number,
): Received | string {
  let bytes = begun
  for (let piece = 1; piece < MOST_PIECES && bytes.length <= LONGEST_HEAD; piece++) {
    const left = until - ngx.now()
    if (left <= 0) return 'its answer takes too long'
    setTimeouts(socket, timeouts, math.min(timeouts.read, left))
    const [more] = socket.receiveany(PIECE)
    if (more === undefined) return 'its answer broke off'
    bytes += more
    const found = headIn(bytes, method)
    if (found !== 'more') return found
  }
  return 'the head of its answer is too long'
}

/** Passes over answers that only say that another one will come (RFC 9110, 15.2): as many as there is room for. */
function headIn(bytes: string, method: string, from = 1): Received | string {
  const [at] = string.find(bytes, '\r\n\r\n', from, true)
  if (at === undefined) return 'more'
  if (at > LONGEST_HEAD) return 'the head of its answer is too long'
  const head = parseHead(string.sub(bytes, from, at - 1), method)
  if (head === undefined || head.status === 101) return 'its answer is not HTTP'
  return head.status >= 200 ? { head, rest: string.sub(bytes, at + 4) } : headIn(bytes, method, at + 4)
}

/** Whether the answer has come to its end, so that the connection can be kept. */
function isRead(socket: TcpSocket, head: AnswerHead, rest: string, timeouts: Timeouts): boolean {
  if (!head.keeps) return false
  const state = bodyState(head.body, rest)
  return state === 'more' ? isReadLater(socket, head, rest, timeouts) : state === 'whole'
}

function isReadLater(socket: TcpSocket, head: AnswerHead, rest: string, timeouts: Timeouts): boolean {
  let bytes = rest
  const until = ngx.now() + BODY_SECONDS
  for (let piece = 0; piece < MOST_PIECES; piece++) {
    const left = until - ngx.now()
    if (left <= 0 || bytes.length > LONGEST_BODY) return false
    setTimeouts(socket, timeouts, left)
    const [more] = socket.receiveany(PIECE)
    if (more === undefined) return false
    bytes += more
    const state = bodyState(head.body, bytes)
    if (state !== 'more') return state === 'whole'
  }
  return false
}

function keep(socket: TcpSocket, { connections }: AuthService): void {
  const [kept] = socket.setkeepalive(connections.seconds * 1000)
  if (kept !== 1) socket.close()
}

let said = 0

/** Now and then: a service that is down is down for every request. */
function complain({ host, port }: AuthService, problem: string): void {
  const now = ngx.now()
  if (now - said < 1) return
  said = now
  ngx.log(ngx.ERR, 'the auth service ', host, ':', tostring(port), ' lets nobody in: ', problem)
}
