import { find, slice } from '#bytes'
import { authCookies, externalAuth } from '../../src/features/external-auth/edge.js'
import type { AuthService } from '../../src/model/auth-service.js'
import type { HostDocument, Route } from '../../src/model/documents.js'
import type { Table } from '../../src/model/table.js'
import { type AnswerHead, parseHead } from '../../src/request/answer-head.js'
import type { AuthAnswer } from '../../src/request/auth-question.js'
import { bodyState } from '../../src/request/body-end.js'
import { createRequest } from '../../src/request/offline-request.js'
import type { Passage } from '../../src/request/passage.js'
import type { ActingPort, ResponsePort } from '../../src/request/port.js'
import { parseVariables } from '../../src/request/variables.js'

/** External authentication, as answers.ts has it. */
export function answerHead(_table: Table, text: string, method: string): string {
  const head = parseHead(text, method)
  if (head === undefined) return 'none'
  let described = `${head.status} ${bodyText(head.body)} ${head.keeps ? 'keeps' : 'closes'}`
  for (const name of ['x-a', 'x-b', 'content-length', 'connection'])
    described += ` ${name}=${joined(head.headers[name])}`
  return described
}

export function answerBody(_table: Table, length: string, bytes: string): string {
  return bodyState(length === '' ? 'chunked' : length.length - 1, bytes)
}

/** What the service is asked, what becomes of the request, and what the answer is told. */
export function answerAuth(_table: Table, head: string, target: string, signIn: string, host: string): string {
  const answer = parseHead(head, 'GET')
  const service: AuthService = {
    kind: 'auth-service',
    addresses: ['127.0.0.1'],
    port: 80,
    host: 'auth.test',
    target: parseVariables('/verify?u=$escaped_request_uri&h=$http_x_own'),
    method: 'GET',
    forwarded: ['X-A', 'X-B'],
    ...(signIn === '' ? {} : { signIn: { to: parseVariables(signIn), returnBy: '?rd=' } }),
    headers: [{ name: 'x-own', value: parseVariables('$request_uri') }],
    cache: { key: parseVariables('$http_x_own'), seconds: { '200': 1, '401': 1 } },
    connections: { most: 1, seconds: 1, requests: 1 },
  }
  let told = ''
  const passage = passageOf(target)
  const variables = { http_x_own: target, request_uri: target, http_host: host, remote_addr: '192.0.2.1' }
  const port: ActingPort & ResponsePort = {
    ...createRequest({ variables }),
    setHeader: (name, value) => (told = `${told}|> ${name}: ${value ?? '-'}`),
    setVariable: () => {},
    attachment: () => service,
    limitChoices: () => ({}),
    countRequest: () => 'within',
    holdConnection: () => 'within',
    awaitEnd: () => undefined,
    credentials: () => undefined,
    hideCredentials: () => {},
    decodeBase64: () => undefined,
    checkPassword: () => 'wrong',
    sign: () => undefined,
    useNonce: () => 'full',
    recordSpan: () => false,
    askService: (question) => {
      told = `${told}|? ${question.target} ${question.host} ${withoutLineEnds(question.lines)}`
      return answer === undefined ? { kind: 'none' } : { kind: 'answered', answer }
    },
    keptAnswer: () => undefined,
    keepAnswer: (key, kept, seconds) => (told = `${told}|kept ${key.length} ${seconds} ${describe(kept)}`),
    status: () => 200,
    answered: () => undefined,
    answer: (name, value) =>
      (told = `${told}|< ${name}: ${typeof value === 'object' ? joined(value) : (value ?? '-')}`),
    addAnswer: (name, value) => (told = `${told}|+ ${name}: ${value}`),
  }
  const access = externalAuth.run(passage, port)
  authCookies.run(passage, port)
  if (access === 'granted' || access === undefined) return `${access ?? 'no say'}${told}`
  const headers = access.headers ?? []
  for (const [name, value] of headers) told = `${told}|< ${name}: ${typeof value === 'string' ? value : joined(value)}`
  return `${access.status} ${access.kind === 'redirect' ? access.location : ''}${told}`
}

/** Any that is not the end of a header's line stays. */
function withoutLineEnds(lines: string): string {
  let text = ''
  let from = 0
  let at = find(lines, '\r\n', 0)
  while (at >= 0) {
    text = `${text}${slice(lines, from, at)};`
    from = at + 2
    at = find(lines, '\r\n', from)
  }
  return `${text}${slice(lines, from, lines.length)}`
}

function describe({ status, headers }: AuthAnswer): string {
  return `${status} ${joined(headers['x-a'])} ${joined(headers['www-authenticate'])} ${joined(headers['set-cookie'])}`
}

function bodyText(body: AnswerHead['body']): string {
  return typeof body === 'number' ? `${body} bytes` : body
}

function joined(values: readonly string[] | undefined): string {
  if (values === undefined) return '-'
  let text = ''
  for (const value of values) text = `${text}[${value}]`
  return text
}

function passageOf(target: string): Passage {
  const features = { externalAuth: { service: 'auth/x' } }
  const route: Route = { path: '/', match: 'prefix', action: { kind: 'answer', status: 200, label: '' }, features }
  const host: HostDocument = {
    name: 'a.test',
    paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
    root: route,
  }
  const mark = find(target, '?', 0)
  const path = mark < 0 ? target : slice(target, 0, mark)
  return { asked: { scheme: () => 'http', name: 'a.test', routed: 'a.test', path, target: () => target }, host, route }
}
