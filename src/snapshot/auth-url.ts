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

/** `https://$host/…`: the service is asked under the name of the host that was asked for. */
export function isUnderOwnHost(url: string): boolean {
  return /^https?:\/\/\$host(?=[:/?]|$)/i.test(url)
}

/** The same with that name in it. */
export function underHost(url: string, host: string): string {
  return url.replace(/\$host/, host)
}

/** What is said of the hosts of an Ingress, as far as it is needed here. */
interface Naming {
  readonly annotations: Readonly<Record<string, string>>
  readonly rules: readonly { readonly host?: string | undefined }[]
}

/** Hosts of an Ingress in lower case, each once; undefined: one of them is a wildcard or none, and no name to ask for. */
export function namedHosts({ rules }: Pick<Naming, 'rules'>): readonly string[] | undefined {
  const hosts = [...new Set(rules.map(({ host = '' }) => host.toLowerCase()))]
  return hosts.length === 0 || hosts.some((host) => !/^[\w-]+(\.[\w-]+)*$/.test(host)) ? undefined : hosts
}

/** The hosts of the auth services that an Ingress names, whatever the prefix of its annotations. */
export function authHosts(ingress: Naming): readonly string[] {
  const hosts: string[] = []
  const { annotations } = ingress
  for (const key in annotations) {
    if (!key.endsWith('/auth-url') || !Object.hasOwn(annotations, key)) continue
    const url = (annotations[key] ?? '').trim()
    hosts.push(...(isUnderOwnHost(url) ? (namedHosts(ingress) ?? []) : hostOf(url)))
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
