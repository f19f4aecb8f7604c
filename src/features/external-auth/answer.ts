import { lower } from '#bytes'
import type { AuthCache, AuthService } from '../../model/auth-service.js'
import type { AuthAnswer } from '../../request/auth-question.js'
import { escapeControls, escapeForHeader } from '../../request/escape.js'
import type { Passage } from '../../request/passage.js'
import type { ActingPort, RequestPort } from '../../request/port.js'
import { expandParts } from '../../request/variables.js'
import { hostSent } from './host-sent.js'
import { mayBeKept } from './may-be-kept.js'

/** What the service of that name says of a request: what it said before, where that is kept (EXT-7), or what it is asked now. */
export function answerFrom(
  service: AuthService,
  name: string,
  passage: Passage,
  port: ActingPort,
  lookUp: RequestPort['variable'],
): AuthAnswer | 'none' | 'busy' {
  const { cache } = service
  const key = cache === undefined ? '' : keyOf(cache, name, passage, lookUp)
  const kept = cache === undefined ? undefined : port.keptAnswer(key)
  if (kept !== undefined) return kept
  const asked = port.askService({
    to: service,
    target: targetOf(service, lookUp),
    headers: headersOf(service, passage, port, lookUp),
    timeouts: passage.route.features?.timeouts,
  })
  if (asked.kind !== 'answered') return asked.kind
  const seconds = cache?.seconds[`${asked.answer.status}`]
  if (seconds !== undefined && mayBeKept(asked.answer)) port.keepAnswer(key, neededOf(asked.answer, service), seconds)
  return asked.answer
}

/** The service with all its settings is part of it: what one said is nothing to those who ask another, or otherwise. */
function keyOf({ key }: AuthCache, service: string, { host, route }: Passage, lookUp: RequestPort['variable']): string {
  return `${service}\n${host.name}\n${route.match}\n${route.path}\n${expandParts(key, lookUp)}`
}

/** Of an answer that is kept: what a later request can need of it. */
function neededOf({ status, headers }: AuthAnswer, { forwarded }: AuthService): AuthAnswer {
  const needed: Record<string, readonly string[]> = {}
  const challenges = headers['www-authenticate']
  if (challenges !== undefined) needed['www-authenticate'] = challenges
  for (const name of forwarded ?? []) {
    const values = headers[lower(name)]
    if (values !== undefined) needed[lower(name)] = values
  }
  return { status, headers: needed }
}

/** Variables hold decoded text: a blank or a line end would end the request line. */
function targetOf({ target }: AuthService, lookUp: RequestPort['variable']): string {
  return escapeForHeader(expandParts(target, lookUp))
}

/** EXT-1, and over them EXT-6. One without a value is not sent. */
function headersOf(
  service: AuthService,
  passage: Passage,
  { variable }: ActingPort,
  lookUp: RequestPort['variable'],
): readonly (readonly [name: string, value: string])[] {
  const { scheme, target } = passage.asked
  const client = variable('remote_addr') ?? ''
  const headers: [name: string, value: string][] = [
    ['X-Original-URL', `${scheme}://${hostSent(passage, variable)}${target}`],
    ['X-Original-Method', variable('request_method') ?? ''],
    ['X-Sent-From', 'nginx-ingress-controller'],
    ['X-Real-IP', client],
    ['X-Forwarded-For', variable('full_x_forwarded_for') ?? client],
    ['X-Auth-Request-Redirect', service.redirect ?? target],
    ['X-Request-ID', variable('req_id') ?? ''],
    ['X-Forwarded-Proto', ''],
  ]
  if (service.withOriginalUri === true) {
    headers.push(['X-Original-URI', target])
    headers.push(['X-Scheme', scheme])
  }
  for (const { name, value } of service.headers ?? []) {
    const text = escapeControls(expandParts(value, lookUp))
    const place = placeOf(headers, name)
    if (place === undefined) headers.push([name, text])
    else place[1] = text
  }
  return headers
}

function placeOf(headers: readonly [name: string, value: string][], name: string): [string, string] | undefined {
  for (const header of headers) if (lower(header[0]) === lower(name)) return header
  return undefined
}
