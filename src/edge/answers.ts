import type { HostDocument, Route } from '../model/documents.js'
import type { Passage } from '../request/passage.js'
import type { Verdict } from '../request/step.js'
import { endRequest } from './end-request.js'
import { handToErrorBackend } from './error-page.js'
import { exitMeant } from './fault.js'
import { give } from './handover.js'
import { changesHead } from './headed.js'
import { writeTlsHeadsAhead } from './tls-heads.js'

/**
 * What the family that refused says in place of a backend. Where its step came first, the request is over before it
 * went anywhere.
 */
export function refuse(passage: Passage, verdict: Verdict): void {
  // Only the locations of awaited requests have the log of spans.
  if (passage.recorded === true) return refuseIn('@awaited', passage, verdict)
  if (passage.awaited === true) endRequest()
  if (changesHead(passage)) return refuseIn('@headed', passage, verdict)
  refuseHere(passage, verdict)
}

function refuseIn(location: string, passage: Passage, refusal: Verdict): void {
  const { host, route } = passage
  const refused: Refused = { passage, refusal, host, route }
  give(refused)
  ngx.exec(location)
}

/** What `resume` says in place of `route`, in `ngx.ctx`. */
export interface Refused {
  readonly passage: Passage
  readonly refusal: Verdict
  /** For the count of requests. */
  readonly host: HostDocument
  readonly route: Route
}

/** Beside what the service of error pages says of it, where there is one. */
export function refuseHere(passage: Passage, verdict: Verdict): void {
  // Also beside an error page: a browser asks for a password only if it is told to.
  for (const [name, value] of verdict.headers ?? []) ngx.header[name] = value
  if (handToErrorBackend(passage, verdict.status)) return
  writeTlsHeadsAhead()
  carryOut(verdict)
}

/** For a reason that belongs to no family. */
export function fail(passage: Passage | undefined, status: number): void {
  if (passage !== undefined && changesHead(passage)) return refuse(passage, { kind: 'answer', status })
  if (!handToErrorBackend(passage, status)) end(status)
}

/** With NGINX's own page, and nothing that a family says. */
export function end(status: number): void {
  writeTlsHeadsAhead()
  ngx.exit(status)
}

export function carryOut(verdict: Verdict): void {
  if (verdict.kind === 'answer') {
    if (verdict.body === undefined) return answer(verdict.status)
    return say(verdict.status, verdict.body)
  }
  ngx.header['Location'] = verdict.location
  ngx.exit(verdict.status)
}

/** An answer with a text of ours. */
function say(status: number, text: string): void {
  ngx.status = status
  ngx.header['Content-Type'] = 'text/plain'
  ngx.header['Content-Length'] = tostring(text.length)
  ngx.print(text)
  ngx.exit(status)
}

/** NGINX has a page for each status from 300 on. */
function answer(status: number): void {
  if (status >= 300) return exitMeant(status)
  ngx.status = status
  if (status === 200) ngx.header['Content-Length'] = '0'
  ngx.send_headers()
  ngx.exit(status)
}
