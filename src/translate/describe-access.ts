import type { AuthService } from '../model/auth-service.js'
import type { HostDocument, Route } from '../model/documents.js'
import type { ExternalAuthSettings } from '../model/features.js'
import type { Table } from '../model/table.js'
import type { TextPart } from '../model/text-part.js'

/** Who may come in, in words. */
export interface AccessExplanation {
  /** What nobody gets around. */
  readonly always: readonly string[]
  /** Checks of which a client has to pass `all` or `any` (SAT-1), in their order. */
  readonly checks: readonly string[]
  readonly needed: 'all' | 'any'
}

/** undefined: everybody may. */
export function describeAccess(
  { features: ofHost, name }: HostDocument,
  { features }: Route,
  table: Table,
): AccessExplanation | undefined {
  const always = [
    ...(ofHost?.clients === undefined
      ? []
      : [`a client certificate over TLS (auth-tls-verify-client ${ofHost.clients.verify})`]),
    ...(features?.denied === undefined ? [] : ['an address that is not on the deny list']),
  ]
  const checks = [
    ...(features?.allowed === undefined ? [] : ['an address on the allow list']),
    ...(features?.basic === undefined
      ? []
      : [`a password (basic authentication, realm ${JSON.stringify(features.basic.realm)})`]),
    ...(features?.digest === undefined
      ? []
      : [`a password (digest authentication, realm ${JSON.stringify(features.digest.realm)})`]),
    ...(features?.externalAuth === undefined ? [] : [describeService(features.externalAuth, name, table)]),
  ]
  if (always.length === 0 && checks.length === 0) return undefined
  return { always, checks, needed: features?.satisfyAny === true ? 'any' : 'all' }
}

function describeService({ service, services }: ExternalAuthSettings, host: string, table: Table): string {
  const key = services === undefined ? service : services[host]
  const found = key === undefined ? undefined : table.attachment(key)
  if (found?.kind !== 'auth-service') return 'an auth service that is not known, so nobody comes in'
  const at = found.addresses.length === 0 ? ', whose name has no address here: 500' : ''
  const signIn = found.signIn === undefined ? '' : `; strangers are sent to ${textOf(found.signIn.to)}`
  const kept = found.cache === undefined ? '' : `; its answers are kept by ${JSON.stringify(textOf(found.cache.key))}`
  return `a 2xx of ${found.method} ${urlOf(found)} (auth-url)${at}${signIn}${kept}`
}

function urlOf({ secure, host, port, target }: AuthService): string {
  const standard = secure === true ? 443 : 80
  return `${secure === true ? 'https' : 'http'}://${host}${port === standard ? '' : `:${port}`}${textOf(target)}`
}

function textOf(parts: readonly TextPart[]): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : `$${part.name}`)).join('')
}
