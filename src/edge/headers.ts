import { settings } from './table.js'
import { variables } from './variables.js'

/** `header_filter_by_lua` of every public answer: no Server header (REQ-3), HSTS on TLS connections (HTTPS-2). */
export function filterHeaders(): void {
  ngx.header['Server'] = undefined
  if (variables['https'] !== 'on') return
  const { strictTransportSecurity } = settings()
  if (strictTransportSecurity !== '') ngx.header['Strict-Transport-Security'] = strictTransportSecurity
}
