import { get_req_ssl_pointer } from 'ngx.ssl'
import { USUAL_TRANSPORT_SECURITY } from '../model/transport-security.js'
import { config } from './config.js'
import { settings } from './table.js'
import { variables } from './variables.js'

/** Cheaper than a variable, which is looked up by its name. */
export function isTls(): boolean {
  const [connection] = get_req_ssl_pointer()
  return connection !== undefined
}

/** What answers over TLS say of their host (HTTPS-2), and of their address, of which only we know what it can do. */
export function writeTlsHeads(): void {
  const { strictTransportSecurity, alternative } = settings()
  if (alternative !== undefined) ngx.header['Alt-Svc'] = alternative
  if (strictTransportSecurity !== '') ngx.header['Strict-Transport-Security'] = strictTransportSecurity
}

/**
 * Likewise before there is an answer, where no header filter will see it. The frame says HTTPS-2 there, and hides what
 * the backend says of it: what is usual is nobody's work.
 */
export function writeTlsHeadsAhead({ strictTransportSecurity, alternative } = settings()): void {
  if (strictTransportSecurity === USUAL_TRANSPORT_SECURITY && alternative === undefined) return
  if (!config().bare_heads || !isTls()) return
  if (alternative !== undefined) ngx.header['Alt-Svc'] = alternative
  variables['hsts'] = strictTransportSecurity
}

/** Whether that would not do: the backend's own HSTS is to be passed on, or its own Alt-Svc is not. */
export function needTlsHeadsFiltered(): boolean {
  const { strictTransportSecurity, alternative } = settings()
  return (strictTransportSecurity === '' || alternative !== undefined) && isTls()
}

/** HTTPS-2: a host that is only redirected from says nothing about itself. */
export function withholdTransportSecurity(): void {
  if (config().bare_heads) variables['hsts'] = ''
}

/** For a request that its backend sends on: what is usual is written by nobody. */
export function forgetTransportSecurity(): void {
  if (config().bare_heads) variables['hsts'] = USUAL_TRANSPORT_SECURITY
}
