/** A port of a TCP or UDP service (L4-1): a listener of NGINX's stream module. */
export interface StreamPort {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  /** Connections of clients begin with a PROXY header; never so with UDP (L4-2). */
  readonly fromProxy: boolean
  /** Connections to endpoints do. */
  readonly toProxy: boolean
}

/** Where a port or a passed-through name leads: what the stream module looks up for each connection. */
export interface StreamService {
  /** In the access log: `namespace-service-port`. */
  readonly label: string
  /** IPv6 in brackets. */
  readonly endpoints: readonly { readonly address: string; readonly port: number }[]
}

/** All of them, by `streamKey` or `passedKey`. */
export type StreamServices = ReadonlyMap<string, StreamService>

export function streamKey({ protocol, port }: Pick<StreamPort, 'protocol' | 'port'>): string {
  return `${protocol}:${port}`
}

/** Of TLS for a server name, which is handed on as it is. */
export function passedKey(name: string): string {
  return `sni:${name}`
}
