import { slice } from '#bytes'
import type { AddressRanges } from '../model/address-ranges.js'
import type { HostDocument, Route } from '../model/documents.js'
import type { ClientCertificateAttachment } from '../model/attachment.js'
import { admit, check } from '../request/admit.js'
import { isBlocked } from '../request/blocked.js'
import { includesAddress } from '../request/cidr.js'
import { decideAsked, type RequestLine } from '../request/decide.js'
import type { Passage } from '../request/passage.js'
import { answer, fail, refuse, refuseHere, type Refused, say } from './answers.js'
import { measureBody, type Body } from './body.js'
import { beginReading } from './cache.js'
import { config } from './config.js'
import { endRequest } from './end-request.js'
import { handToErrorBackend } from './error-page.js'
import { give, take } from './handover.js'
import { nginx } from './ngx.js'
import { order } from './order.js'
import { recall, remember } from './plain.js'
import { outliveReset } from './rapid-reset.js'
import { tell } from './refused.js'
import { makeRequestId } from './request-id.js'
import { nameRoute } from './route-names.js'
import { beginAnew, resolvedPath, wasSentInCircles } from './sent-on.js'
import { settings, table, type LiveUpstream } from './table.js'
import { forwardedName, setUpstreamHost } from './upstream-host.js'
import { variables } from './variables.js'

/** What a request carries from its route to the balancer and the header filter, in `ngx.ctx`. */
export interface Chosen {
  /** The one that was decided for; after a try that failed, what the table has of it by then. */
  upstream: LiveUpstream
  pool: string
  readonly route: Route
  /** For the count of requests, and for names of it. */
  readonly host?: HostDocument | undefined
  /** There is one where the route or its upstream has features. */
  readonly passage?: Passage | undefined
  /** Of the route, at which a plain request need not look for it. */
  readonly profile?: string | undefined
  /** Which family answered. */
  readonly by?: string
  /** What the backend is shown. */
  client?: ClientCertificateAttachment
  /** Set by the balancer: which endpoint this request was sent to last, and how far away from it the next try is. */
  index?: number | undefined
  stride?: number
  /** Set by the balancer: the try before reached nobody; how many tries were added for such. */
  uncounted?: boolean
  more?: number
  /** Set by the balancer where features choose the endpoint: positions that failed. */
  failed?: number[]
  /** Set by the balancer: when the first try was (milliseconds; 0: tries have no limit of time), and the status of the last one where there was no time for another. */
  since?: number
  endedWith?: number | undefined
}

const line: RequestLine = {
  // Another word than http comes from a proxy that says how it was asked (SSL-3): there is nothing to redirect to.
  scheme: () => (variables[config().scheme] === 'http' ? 'http' : 'https'),
  host: (name) => forwardedName() ?? name,
  target: () => variables['request_uri'] ?? '/',
}

const BAD_GATEWAY = 502

/** `rewrite_by_lua` of the default location: decides, answers or lets the request go on to the proxy. */
export function route(): void {
  beginReading()
  const isOnceMore = ngx.req.is_internal()
  if (isOnceMore) {
    beginAnew()
    if (wasSentInCircles()) return ngx.exit(BAD_GATEWAY)
  }
  const { blocked } = settings()
  if (blocked !== undefined && isBlocked(blocked, nginx)) return ngx.exit(403)
  const name = variables['host'] ?? '_'
  const uri = variables['uri'] ?? '/'
  const path = isOnceMore ? resolvedPath(uri) : uri
  const known = recall(name, path)
  if (known !== undefined) {
    const { upstream, pool, route: chosen, host, label, unlogged, profile } = known
    note(label, unlogged)
    // With what the balancer writes into it: a table that grows is made anew.
    return proxy({ upstream, pool, route: chosen, host, profile, stride: 0, since: 0 }, name)
  }
  const decision = decideAsked(table, order, nginx, name, path, line)
  remember(decision)
  if (decision.kind === 'proxy') {
    const { upstream, pool, route: chosen, host, passage } = decision
    const split = passage?.split
    note(split === undefined ? upstream.label : split.main.label, chosen.unlogged === true)
    if (split?.logged !== undefined) variables['proxy_alternative_upstream_name'] = split.logged
    const { profile } = chosen
    return proxy({ upstream, pool, route: chosen, host, passage, profile, stride: 0, since: 0 }, name)
  }
  if (decision.kind === 'status') return showStatus(decision.allow)
  note(decision.label, decision.route?.unlogged === true)
  nameRoute(decision.host, decision.route)
  if (decision.kind === 'answer' && decision.checked === true && decision.passage !== undefined) {
    ngx.ctx = decision
    return answerChecked(decision.passage, decision.status)
  }
  if (handToErrorBackend(decision.passage, decision.status)) return
  if (decision.passage !== undefined || decision.by === 'www' || config().metrics !== undefined) ngx.ctx = decision
  if (decision.kind === 'redirect') {
    ngx.header['Location'] = decision.location
    return ngx.exit(decision.status)
  }
  if (decision.status === 421) leaveConnection()
  if (decision.body !== undefined) return say(decision.status, decision.body)
  answer(decision.status)
}

/** What answers in place of a backend answers whom a backend would have got; both ways as a request that may not go to one is refused. */
function answerChecked(passage: Passage, status: number): void {
  if (variables['http2'] !== '') outliveReset()
  refuse(passage, check(order, passage, nginx)?.verdict ?? { kind: 'answer', status })
}

/** A client that asks again has to open another connection; from HTTP/2 on it knows by the status (RFC 9110, 15.5.20). */
function leaveConnection(): void {
  if ((ngx.req.http_version() ?? 1) < 2) ngx.header['Connection'] = 'close'
}

function proxy(chosen: Chosen, name: string): void {
  const { passage } = chosen
  nameRoute(chosen.host, chosen.route)
  ngx.ctx = chosen
  let body: Body = 'fits'
  if (variables['host_and_more'] === `${name} `) makeRequestId()
  else {
    const isHttp2 = variables['http2'] !== ''
    if (isHttp2) outliveReset()
    setUpstreamHost(name)
    if (variables['http_x_request_id'] === undefined) makeRequestId()
    const limit = passage?.route.features?.bodyLimit?.bytes ?? settings().maxBodyBytes
    if (limit !== 0) body = measureBody(limit, isHttp2)
    if (body === 'too large') return fail(passage, 413)
  }
  if (passage !== undefined) {
    if (passage.page !== undefined) ngx.req.set_uri_args(passage.page.query)
    const refusal = admit(order, passage, nginx)
    if (refusal !== undefined) return refuse(passage, refusal.verdict)
    // The path is escaped by NGINX, and the query added, as after its own `rewrite`: no plain route pays for a variable.
    if (passage.upstreamPath !== undefined) ngx.req.set_uri(passage.upstreamPath, false, true)
  }
  // The profile is for the backend of the path: its protocol, and which of its answers are replaced (ERR-5, BP-5).
  const own = passage?.standIn === true ? undefined : chosen.profile
  const profile = own ?? (body === 'of unknown length' ? settings().unsizedProfile : undefined)
  if (passage !== undefined && profile !== undefined && !findClient(chosen))
    return refuse(passage, { kind: 'answer', status: 503 })
  if (passage?.awaited === true) return proxyAwaited(chosen, passage, profile)
  if (profile === undefined) return
  if (isUnknown(profile)) return fail(passage, 503)
  give(chosen)
  ngx.exec(`@${profile}`)
}

/** Here, and not in the profile: a push between the two would take away what the route names. */
function findClient(chosen: Chosen): boolean {
  const key = chosen.route.features?.backend?.tls?.client
  if (key === undefined) return true
  const found = table.attachment(key)
  if (found?.kind !== 'client certificate') return false
  chosen.client = found
  return true
}

function proxyAwaited(chosen: Chosen, passage: Passage, profile: string | undefined): void {
  if (profile !== undefined && isUnknown(profile)) return refuse(passage, { kind: 'answer', status: 503 })
  give(chosen)
  ngx.exec(profile === undefined ? '@awaited' : `@${profile}_awaited`)
}

function isUnknown(profile: string): boolean {
  if (profile in config().profiles) return false
  tell('this frame has no profile ', profile)
  return true
}

/**
 * `access_by_lua` of a profile: takes up what `route` decided. Without it somebody else named this location (a backend by
 * `X-Accel-Redirect`), and no check of the route has been made: refused.
 */
export function resume(): void {
  const decision = take()
  if (decision === undefined) return turnAway()
  beginReading()
  ngx.ctx = decision
  const { refusal, passage } = decision as Partial<Refused>
  if (refusal !== undefined && passage !== undefined) return refuseHere(passage, refusal)
  addressBackend(decision)
  if ((decision as Partial<Chosen>).passage?.keepsBody === true) ngx.req.read_body()
}

/** Connections of another protocol, or with TLS, are kept apart from all others (BP-1, BP-2). */
function addressBackend(chosen: Partial<Chosen>): void {
  const backend = chosen.route?.features?.backend
  if (backend === undefined || chosen.passage?.standIn === true) return
  const { scheme, pool, securePool, tls, index } = backend
  const secure = scheme === 'client' && variables['scheme'] === 'https'
  chosen.pool = secure ? (securePool ?? pool) : pool
  if (index !== undefined && endsWithSlash(variables['uri'] ?? '')) variables['script_index'] = index
  if (scheme !== undefined) variables['upstream_scheme'] = scheme === 'client' ? (secure ? 'https' : 'http') : scheme
  if (tls?.serverName !== undefined) variables['upstream_ssl_name'] = tls.serverName
  if (chosen.client !== undefined) identify(chosen.client)
}

/** NGINX reads a certificate that begins with `data:` from the text itself (proxy_ssl_certificate). */
function identify({ chain, key }: ClientCertificateAttachment): void {
  variables['upstream_ssl_certificate'] = `data:${chain}`
  variables['upstream_ssl_key'] = `data:${key}`
}

function endsWithSlash(path: string): boolean {
  return slice(path, path.length - 1, path.length) === '/'
}

/** `access_by_lua` of NGINX's own counters: as in `resume`, only `route` may send a request here. */
export function admitToStatus(): void {
  if (take() === undefined) turnAway()
}

/** `access_by_lua` of what no path leads to. */
export function turnAstray(): void {
  endRequest()
  ngx.exit(404)
}

/** The location that is left is not there to end what was awaited, and this one may have no log phase. */
function turnAway(): void {
  endRequest()
  ngx.exit(403)
}

function showStatus(allow: AddressRanges): void {
  if (!includesAddress(allow, variables['binary_remote_addr'] ?? '')) return ngx.exit(403)
  give({})
  ngx.exec('@status')
}

/** Fields of the access log (LOGF-2, DEF-6). */
function note(label: string, unlogged: boolean): void {
  if (label !== '') variables['proxy_upstream_name'] = label
  if (unlogged) variables['loggable'] = '0'
}
