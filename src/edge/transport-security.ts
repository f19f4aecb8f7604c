import * as ssl from 'ngx.ssl'
import { config } from './config.js'
import { settings } from './table.js'

const NAME = 'Strict-Transport-Security'

/** Cheaper than a variable, which is looked up by its name. */
export function isTls(): boolean {
  const [connection] = ssl.get_req_ssl_pointer()
  return connection !== undefined
}

/** HTTPS-2, for an answer that passes no header filter; the frame hides what the backend says of it. */
export function writeTransportSecurity(): void {
  if (!config().bare_heads || !isTls()) return
  const { strictTransportSecurity } = settings()
  if (strictTransportSecurity !== '') ngx.header[NAME] = strictTransportSecurity
}

/** Whether the backend's own word is the one that clients are to have. */
export function isLeftToBackend(): boolean {
  return settings().strictTransportSecurity === '' && isTls()
}

/** A request that was sent on may come from a host that says more of itself. */
export function withdrawTransportSecurity(): void {
  if (config().bare_heads) ngx.header[NAME] = undefined
}
