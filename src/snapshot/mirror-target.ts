/** Where copies of requests go, as written: scheme, host, port, and what stands behind. */
export interface MirrorUrl {
  readonly scheme: 'http' | 'https'
  /** A name in lower case, or an address; IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Path and query with variables; may be empty. */
  readonly rest: string
}

/** Reads a mirror target; undefined where its host and port do not stand there as text. */
export function parseMirrorUrl(text: string): MirrorUrl | undefined {
  const match = /^(https?):\/\/(\[[\da-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?(?=[/?$]|$)(.*)$/.exec(text)
  if (match === null) return undefined
  const [, scheme = '', host = '', port, rest = ''] = match
  // `http://a$x` may go on with the name.
  if (rest.startsWith('$') && !/^\$(request_uri|uri|\{request_uri\}|\{uri\})(?![\w])/.test(rest)) return undefined
  const number = port === undefined ? (scheme === 'https' ? 443 : 80) : Number(port)
  if (number < 1 || number > 65_535) return undefined
  return {
    scheme: scheme === 'https' ? 'https' : 'http',
    host: host.replace(/^\[|\]$/g, '').toLowerCase(),
    port: number,
    rest,
  }
}

/** The targets of a list, each with its share in percent. */
export function parseMirrorList(
  text: string,
): readonly { readonly url: string; readonly percent: number | undefined }[] | undefined {
  const entries = text.split(',').map((entry) => /^(\S+)(?:\s+(\d{1,3})%)?$/.exec(entry.trim()))
  const targets = entries.flatMap((entry) =>
    entry === null ? [] : [{ url: entry[1] ?? '', percent: entry[2] === undefined ? undefined : Number(entry[2]) }],
  )
  const isFine = targets.length === entries.length && targets.every(({ percent = 1 }) => percent >= 1 && percent <= 100)
  return isFine ? targets : undefined
}

/**
 * Hosts of the mirror targets that an Ingress names, whatever the prefix of its annotations: names that have to be resolved,
 * as NGINX's Lua asks no name server.
 */
export function mirrorHosts(annotations: Readonly<Record<string, string>>): readonly string[] {
  const hosts: string[] = []
  for (const key in annotations) {
    if (!Object.hasOwn(annotations, key)) continue
    const text = annotations[key] ?? ''
    const urls = key.endsWith('/mirror-target')
      ? [text.trim()]
      : key.endsWith('/mirror-targets')
        ? (parseMirrorList(text) ?? []).map(({ url }) => url)
        : []
    for (const url of urls) {
      const host = parseMirrorUrl(url)?.host
      if (host !== undefined) hosts.push(host)
    }
  }
  return hosts
}
