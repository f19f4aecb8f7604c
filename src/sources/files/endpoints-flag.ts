import { isIP } from 'node:net'

/** What one `--endpoints` flag says. */
export interface EndpointsFlag {
  readonly namespace: string
  readonly service: string
  /** Name or number of a port of the Service; undefined stands for every TCP port. */
  readonly port: string | undefined
  readonly endpoints: readonly { readonly address: string; readonly port: number }[]
}

export type ParsedEndpointsFlag =
  | { readonly ok: true; readonly value: EndpointsFlag }
  | { readonly ok: false; readonly message: string }

/**
 * Reads `shop/cart=127.0.0.1:9001,[::1]:9002` or `shop/cart:http=…`: where a Service without EndpointSlices leads.
 * Addresses are IP addresses, IPv6 in brackets, each with a port from 1 to 65535.
 */
export function parseEndpointsFlag(text: string): ParsedEndpointsFlag {
  const equals = text.indexOf('=')
  const named = /^([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\/([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)(?::([-a-z0-9]+))?$/i.exec(
    text.slice(0, Math.max(0, equals)),
  )
  if (named === null) return refused(text, 'it does not begin with namespace/service= or namespace/service:port=')
  const [, namespace = '', service = '', port] = named
  const endpoints: { address: string; port: number }[] = []
  for (const written of text.slice(equals + 1).split(',')) {
    const endpoint = parseEndpoint(written.trim())
    if (endpoint === undefined)
      return refused(
        text,
        `${JSON.stringify(written)} is not an IP address with a port, such as 127.0.0.1:9001 or [::1]:9001`,
      )
    endpoints.push(endpoint)
  }
  return { ok: true, value: { namespace, service, port, endpoints } }
}

function parseEndpoint(text: string): { address: string; port: number } | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  if (parts === null) return undefined
  const [, six = '', four = '', digits = ''] = parts
  const port = Number(digits)
  const isAddress = six === '' ? isIP(four) === 4 : isIP(six) === 6 && !six.includes('%')
  return isAddress && port >= 1 && port <= 65_535 ? { address: six === '' ? four : six, port } : undefined
}

function refused(text: string, why: string): ParsedEndpointsFlag {
  return { ok: false, message: `--endpoints ${text}: ${why}` }
}
