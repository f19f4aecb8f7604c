/** Where an auth service is, as written: scheme, host, port, and what stands behind. */
export interface AuthUrl {
  readonly scheme: 'http' | 'https'
  /** A name in lower case, or an IPv4 address. */
  readonly host: string
  readonly port: number
  /** Path and query with variables; may be empty. */
  readonly rest: string
}

/**
 * Reads the URL of an auth service; a text says what is wrong with it. The host has to stand there as text: it is resolved
 * by the controller, as NGINX's Lua asks no name server.
 */
export function parseAuthUrl(text: string): AuthUrl | string {
  const [, scheme, behind = ''] = /^(https?):\/\/(.*)$/i.exec(text) ?? []
  if (scheme === undefined) return 'does not begin with http:// or https://'
  const [, authority = '', rest = ''] = /^([^/?$]*)(.*)$/.exec(behind) ?? []
  // `http://a$x` may go on with the name; a whole path cannot.
  if (rest.startsWith('$') && !/^\$(request_uri|uri)(?!\w)/.test(rest))
    return 'has a variable in its host or port, and only names that are written out are resolved'
  const [, host = '', port] = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(authority) ?? []
  if (host === '') return 'names no host'
  if (host.includes('..') || host.startsWith('.')) return 'has an empty part in its host'
  const secure = scheme.toLowerCase() === 'https'
  const number = port === undefined ? (secure ? 443 : 80) : Number(port)
  if (number < 1 || number > 65_535) return 'has a port that is none'
  return { scheme: secure ? 'https' : 'http', host: host.toLowerCase(), port: number, rest }
}

/** The host of the auth service that an Ingress names, whatever the prefix of its annotations. */
export function authHosts(annotations: Readonly<Record<string, string>>): readonly string[] {
  const hosts: string[] = []
  for (const key in annotations) {
    if (key.endsWith('/auth-url') && Object.hasOwn(annotations, key)) hosts.push(...hostOf(annotations[key]))
  }
  return hosts
}

/** The host of the auth service that a main ConfigMap names for all Ingresses (EXT-10). */
export function globalAuthHosts(data: Readonly<Record<string, string>>): readonly string[] {
  return hostOf(data['global-auth-url'])
}

function hostOf(text: string | undefined): readonly string[] {
  const read = text === undefined ? undefined : parseAuthUrl(text.trim())
  return typeof read === 'object' ? [read.host] : []
}
