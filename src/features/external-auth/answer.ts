import { lower } from '#bytes'
import type { AuthCache, AuthService } from '../../model/auth-service.js'
import type { ExternalAuthSettings } from '../../model/features.js'
import type { AuthAnswer, AuthQuestion } from '../../request/auth-question.js'
import { escapeControls, escapeForHeader } from '../../request/escape.js'
import type { Passage } from '../../request/passage.js'
import type { ActingPort } from '../../request/port.js'
import { hostSent } from './host-sent.js'
import { mayBeKept } from './may-be-kept.js'
import { expandFor } from './variables.js'

/**
 * What the service of that name says of a request: what it said before, where that is kept (EXT-7), or what it is asked
 * now.
 */
export function answerFrom(
  service: AuthService,
  name: string,
  settings: ExternalAuthSettings,
  passage: Passage,
  port: ActingPort,
): AuthAnswer | 'none' | 'busy' {
  const { cache } = service
  const key = cache === undefined ? '' : keyOf(cache, name, settings, passage, port)
  const kept = cache === undefined ? undefined : port.keptAnswer(key)
  if (kept !== undefined) return kept
  const { host, lines, replaced } = headOf(service, settings, passage, port)
  const asked = port.askService({
    to: service,
    target: targetOf(service, settings, passage, port),
    host,
    lines,
    replaced,
    timeouts: passage.route.features?.timeouts,
  })
  if (asked.kind !== 'answered') return asked.kind
  const seconds = cache?.seconds[`${asked.answer.status}`]
  if (seconds !== undefined && mayBeKept(asked.answer)) port.keepAnswer(key, neededOf(asked.answer, service), seconds)
  return asked.answer
}

/** The service with all its settings is part of it: what one said is nothing to those who ask another, or otherwise. */
function keyOf(
  { key }: AuthCache,
  service: string,
  settings: ExternalAuthSettings,
  passage: Passage,
  port: ActingPort,
): string {
  const { host, route } = passage
  return `${service}\n${host.name}\n${route.match}\n${route.path}\n${expandFor(key, settings, passage, port)}`
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
function targetOf({ target }: AuthService, settings: ExternalAuthSettings, passage: Passage, port: ActingPort): string {
  return escapeForHeader(expandFor(target, settings, passage, port))
}

/** What a question has of the request's own, in one text: this is done each time. */
type Head = Pick<AuthQuestion, 'host' | 'lines' | 'replaced'>

/** EXT-1. One without a value is not sent. */
function headOf(service: AuthService, settings: ExternalAuthSettings, passage: Passage, port: ActingPort): Head {
  const { variable } = port
  const { asked } = passage
  const target = asked.target()
  const client = variable('remote_addr') ?? ''
  const chain = variable('full_x_forwarded_for') ?? client
  const method = variable('request_method') ?? ''
  const url = `${asked.scheme()}://${hostSent(passage, variable)}${target}`
  const redirect = service.redirect ?? target
  if (service.headers !== undefined || service.withOriginalUri === true) {
    const own: [name: string, value: string][] = [
      ['X-Original-URL', url],
      ['X-Original-Method', method],
      ['X-Sent-From', SENT_FROM],
      ['X-Real-IP', client],
      ['X-Forwarded-For', chain],
      ['X-Auth-Request-Redirect', redirect],
      ['X-Request-ID', variable('req_id') ?? ''],
      ['X-Forwarded-Proto', ''],
    ]
    return rareHead(own, service, settings, passage, port)
  }
  const id = variable('req_id')
  const idLine = id === undefined ? '' : `X-Request-ID: ${id}\r\n`
  const lines = `X-Original-URL: ${url}\r\nX-Original-Method: ${method}\r\nX-Sent-From: ${SENT_FROM}\r\nX-Real-IP: ${client}\r\nX-Forwarded-For: ${chain}\r\nX-Auth-Request-Redirect: ${redirect}\r\n${idLine}`
  return { host: service.host, lines, replaced: USUAL }
}

const SENT_FROM = 'nginx-ingress-controller'

const USUAL: Readonly<Record<string, boolean | undefined>> = {
  'x-original-url': true,
  'x-original-method': true,
  'x-sent-from': true,
  'x-real-ip': true,
  'x-forwarded-for': true,
  'x-auth-request-redirect': true,
  'x-request-id': true,
  'x-forwarded-proto': true,
}

/** Two more where a method was asked for, and over all of them EXT-6. */
function rareHead(
  own: [name: string, value: string][],
  service: AuthService,
  settings: ExternalAuthSettings,
  passage: Passage,
  port: ActingPort,
): Head {
  const { asked } = passage
  let { host } = service
  if (service.withOriginalUri === true) {
    own.push(['X-Original-URI', asked.target()])
    own.push(['X-Scheme', asked.scheme()])
  }
  for (const { name, value } of service.headers ?? []) {
    const text = escapeControls(expandFor(value, settings, passage, port))
    const place = placeOf(own, name)
    if (lower(name) === 'host') host = text
    else if (place === undefined) own.push([name, text])
    else place[1] = text
  }
  const replaced: Record<string, boolean> = {}
  let lines = ''
  for (const [name, value] of own) {
    replaced[lower(name)] = true
    if (value !== '') lines = `${lines}${name}: ${value}\r\n`
  }
  return { host, lines, replaced }
}

function placeOf(headers: readonly [name: string, value: string][], name: string): [string, string] | undefined {
  for (const header of headers) if (lower(header[0]) === lower(name)) return header
  return undefined
}
