import { slice } from '#bytes'
import type { ClientCertificateAttachment } from '../model/attachment.js'
import type { AddressRanges } from '../model/address-ranges.js'
import { admit, check } from '../request/admit.js'
import { isBlocked } from '../request/blocked.js'
import { includesAddress } from '../request/cidr.js'
import { decideAsked, type RequestLine } from '../request/decide.js'
import type { Passage } from '../request/passage.js'
import { carryOut, end, fail, refuse, refuseHere, type Refused } from './answers.js'
import { withoutId } from './asked-words.js'
import { isUsual, keepName, readAsked, recallName } from './asked.js'
import { measureBody, type Body } from './body.js'
import { beginReading } from './cache.js'
import { carry } from './carried.js'
import type { Chosen } from './chosen.js'
import { config } from './config.js'
import { endRequest } from './end-request.js'
import { handToErrorBackend } from './error-page.js'
import { give, take } from './handover.js'
import { changesHead } from './headed.js'
import { isUpgrade } from './http3.js'
import { nginx } from './ngx.js'
import { order } from './order.js'
import { type PlainRoute, recall, recallHost, remember } from './plain.js'
import { outliveReset } from './rapid-reset.js'
import { writeRaw } from './raw-variables.js'
import { tell } from './refused.js'
import { writeLabel } from './label.js'
import { makeRequestId } from './request-id.js'
import { nameRoute } from './route-names.js'
import { beginAnew, resolvedPath, wasSentInCircles } from './sent-on.js'
import { settings, table } from './table.js'
import { needTlsHeadsFiltered, withholdTransportSecurity, writeTlsHeadsAhead } from './tls-heads.js'
import { hasTimeLimit } from './tries.js'
import { giveUnsized, keepUnsized, locationFor, recallUnsized } from './unsized.js'
import { keepUsual, recallUsual } from './usual.js'
import { forwardedName, setUpstreamHost } from './upstream-host.js'
import { variables } from './variables.js'

const line: RequestLine = {
  // Another word than http comes from a proxy that says how it was asked (SSL-3): there is nothing to redirect to.
  scheme: () => (variables[config().scheme] === 'http' ? 'http' : 'https'),
  host: (name) => forwardedName() ?? name,
  target: () => variables['request_uri'] ?? '/',
}

/** Names of what every request calls are looked up once. */
const { is_internal } = ngx.req

const BAD_GATEWAY = 502

/** `rewrite_by_lua` of the default location: decides, answers or lets the request go on to the proxy. */
export function route(): void {
  beginReading()
  const said = readAsked()
  const isOnceMore = is_internal()
  bringsId = false
  if (!isOnceMore) {
    const usual = recallUsual(said)
    if (usual !== undefined) return proxyUsual(usual)
  }
  const asked = withoutId(said)
  bringsId = asked !== said
  if (isOnceMore) {
    beginAnew()
    if (wasSentInCircles()) return end(BAD_GATEWAY)
  } else {
    const usual = bringsId ? recallUsual(asked) : undefined
    if (usual !== undefined) return proxyUsual(usual)
    const unsized = recallUnsized(asked)
    const location = unsized === undefined ? undefined : locationFor(unsized)
    if (unsized !== undefined && location !== undefined) return proxyUnsized(unsized, location)
  }
  const { blocked } = settings()
  if (blocked !== undefined && isBlocked(blocked, nginx)) return end(403)
  const recalled = recallName(asked)
  const name = recalled ?? variables['host'] ?? '_'
  const host = table.host(name)
  if (recalled === undefined && host !== undefined) keepName(asked, name)
  const whole = host === undefined ? undefined : recallHost(host)
  if (whole !== undefined) return proxyPlain(whole, name, asked)
  const uri = variables['uri'] ?? '/'
  const path = isOnceMore ? resolvedPath(uri) : uri
  const known = host === undefined ? undefined : recall(host, path)
  if (known !== undefined) return proxyPlain(known, name, asked)
  const decision = decideAsked(table, order, nginx, name, path, line)
  remember(decision, name)
  if (decision.kind === 'proxy') {
    const { upstream, pool, route: chosen, passage } = decision
    const split = passage?.split
    writeLabel(split === undefined ? upstream.label : split.main.label, chosen.unlogged === true)
    if (split?.logged !== undefined) variables['proxy_alternative_upstream_name'] = split.logged
    const { profile } = chosen
    return proxy(
      { upstream, pool, route: chosen, host: decision.host, passage, profile, stride: 0, since: 0 },
      name,
      asked,
    )
  }
  if (decision.kind === 'status') return showStatus(decision.allow)
  writeLabel(decision.label, decision.route?.unlogged === true)
  nameRoute(decision.host, decision.route)
  if (decision.kind === 'answer' && decision.checked === true && decision.passage !== undefined) {
    ngx.ctx = decision
    return answerChecked(decision.passage, decision.status)
  }
  if (decision.status === 421) leaveConnection()
  if (decision.passage !== undefined && changesHead(decision.passage)) return refuse(decision.passage, decision)
  if (handToErrorBackend(decision.passage, decision.status)) return
  if (decision.passage !== undefined || decision.by === 'www' || config().metrics !== undefined) ngx.ctx = decision
  if (decision.by === 'www') withholdTransportSecurity()
  else writeTlsHeadsAhead()
  carryOut(decision)
}

/**
 * What answers in place of a backend answers whom a backend would have got; both ways as a request that may not go to
 * one is refused.
 */
function answerChecked(passage: Passage, status: number): void {
  if (variables['http2'] !== '') outliveReset()
  refuse(passage, check(order, passage, nginx)?.verdict ?? { kind: 'answer', status })
}

/** A client that asks again has to open another connection; from HTTP/2 on it knows by the status (RFC 9110, 15.5.20). */
function leaveConnection(): void {
  if ((ngx.req.http_version() ?? 1) < 2) ngx.header['Connection'] = 'close'
}

/** Most requests: there is nothing about them but where they go, and the balancer makes do with what is kept of that. */
function proxyUsual(known: PlainRoute): void {
  writeRaw('label', known.label, known.label.length)
  carry(known)
  writeTlsHeadsAhead(known.settings)
  if (!bringsId) makeRequestId()
}

/**
 * Likewise over HTTP/2, in a location that limits the body there may be. Its balancer finds the route by itself: it may
 * be asked in another turn of the event loop.
 */
function proxyUnsized(known: PlainRoute, location: string): void {
  const isNamed = bringsId
  writeRaw('label', known.label, known.label.length)
  // Others are decided about in the pause; and who is reset in it is counted by the ticket.
  giveUnsized()
  outliveReset()
  writeTlsHeadsAhead(known.settings)
  if (!isNamed) makeRequestId()
  ngx.exec(location)
}

/**
 * The same route where more has to be looked at: of several of its host, of a request that is not a usual one, or not
 * yet known as one.
 */
function proxyPlain(known: PlainRoute, name: string, asked: string): void {
  const { upstream, pool, route: chosen, host, profile } = known
  writeLabel(known.label, known.unlogged)
  const isKept = profile === undefined && !waitsForAnswer(undefined)
  if (!isKept || asked !== known.usual) {
    if (isKept) keepUnsized(known, asked)
    // With what the balancer writes into it: a table that grows is made anew.
    return proxy({ upstream, pool, route: chosen, host, profile, stride: 0, since: 0 }, name, asked)
  }
  keepUsual(known)
  nameRoute(host, chosen)
  ngx.ctx = known
  writeTlsHeadsAhead()
  nameRequest()
}

/** Of the request that is being decided about. One whose Host is unusual may bring an id that is not seen by it. */
let bringsId = false

/** One that a backend sent on keeps its id. */
function nameRequest(): void {
  if (!bringsId && !is_internal()) makeRequestId()
}

function proxy(chosen: Chosen, name: string, asked: string): void {
  const { passage } = chosen
  nameRoute(chosen.host, chosen.route)
  ngx.ctx = chosen
  let body: Body = 'fits'
  if (isUsual(asked, name)) nameRequest()
  else {
    const isHttp2 = variables['http2'] !== ''
    if (isHttp2) outliveReset()
    if (setUpstreamHost(name) || isUpgrade()) chosen.hasOwnHeaders = true
    if (variables['http_x_request_id'] === undefined && !is_internal()) makeRequestId()
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
  if (profile === undefined) return needsLongWay(chosen) ? proxyIn('@headed', chosen) : writeTlsHeadsAhead()
  if (isUnknown(profile)) return fail(passage, 503)
  proxyIn(`@${profile}`, chosen)
}

function proxyIn(location: string, chosen: Chosen): void {
  give(chosen)
  ngx.exec(location)
}

/**
 * Whether something is to be done that the default location does not do: to the head of the answer, or to the Host or
 * Connection header of the backend.
 */
function needsLongWay(chosen: Chosen): boolean {
  const { passage, upstream } = chosen
  const { bare_heads, usual_headers } = config()
  if (!bare_heads) return false
  if (waitsForAnswer(passage) || (usual_headers && chosen.hasOwnHeaders === true)) return true
  return passage !== undefined && (changesHead(passage) || upstream.features?.balancing?.kind === 'ewma')
}

/**
 * Whether something about the head is known only with the answer: its status after too many tries, or the backend's own
 * words about TLS.
 */
function waitsForAnswer(passage: Passage | undefined): boolean {
  return hasTimeLimit(passage, settings()) || needTlsHeadsFiltered()
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
  proxyIn(profile === undefined ? '@awaited' : `@${profile}_awaited`, chosen)
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
  if (!includesAddress(allow, variables['binary_remote_addr'] ?? '')) return end(403)
  give({})
  ngx.exec('@status')
}
