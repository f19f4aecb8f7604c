import { get_req_ssl_pointer } from 'ngx.ssl'
import { config } from './config.js'
import { settings } from './table.js'

const TRANSPORT_SECURITY = 'Strict-Transport-Security'

/** Cheaper than a variable, which is looked up by its name. */
export function isTls(): boolean {
  const [connection] = get_req_ssl_pointer()
  return connection !== undefined
}

/** What answers over TLS say of their host (HTTPS-2), and of their address, of which only we know what it can do. */
export function writeTlsHeads({ strictTransportSecurity, alternative } = settings()): void {
  if (alternative !== undefined) ngx.header['Alt-Svc'] = alternative
  if (strictTransportSecurity !== '') ngx.header[TRANSPORT_SECURITY] = strictTransportSecurity
}

/** Likewise before there is an answer, where no header filter will see it; the frame hides what the backend says of HSTS. */
export function writeTlsHeadsAhead(all = settings()): void {
  if (config().bare_heads && isTls()) writeTlsHeads(all)
}

/** Whether that would not do: the backend's own HSTS is to be passed on, or its own Alt-Svc is not. */
export function needTlsHeadsFiltered(): boolean {
  const { strictTransportSecurity, alternative } = settings()
  return (strictTransportSecurity === '' || alternative !== undefined) && isTls()
}

/** For a request that its backend sends on: who answers it now may speak for itself. */
export function withdrawTransportSecurity(): void {
  if (config().bare_heads) ngx.header[TRANSPORT_SECURITY] = undefined
}
