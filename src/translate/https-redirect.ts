import type { HttpsRule } from '../features/declare.js'
import type { Route } from '../model/documents.js'

/** Redirects to HTTPS as the main ConfigMap has them. */
export interface HttpsRedirects {
  /** `http-redirect-code`. */
  readonly status: number
  /** `no-tls-redirect-locations`: beginnings of paths, as Ingresses write them, that are served over plain HTTP (PATH-9). */
  readonly exempt: readonly string[]
}

const STANDARD: HttpsRule = { when: 'with-tls', keepSlash: false }

/**
 * What a route says of plain HTTP (SSL-1, SSL-2, SSL-4). `secure`: an Ingress with TLS has a rule for the host. Which
 * requests the redirect is for is a question of the path of the Ingress, not of the request's (PATH-9).
 */
export function httpsRedirectOf(
  path: string,
  rule: HttpsRule | undefined,
  secure: boolean,
  { status, exempt }: HttpsRedirects,
): Pick<Route, 'httpsRedirect' | 'httpsKeepsSlash'> {
  const { when, keepSlash } = rule ?? STANDARD
  if (when === 'never' || (when === 'with-tls' && !secure)) return {}
  if (exempt.some((beginning) => path.startsWith(beginning))) return {}
  return keepSlash ? { httpsRedirect: status, httpsKeepsSlash: true } : { httpsRedirect: status }
}
