import { buildConnector } from 'undici'
import type { Access } from './access.js'

type Connector = buildConnector.connector

interface Material {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

const CONNECT_MILLISECONDS = 5_000
/** A peer that vanished without a word is noticed by the kernel too. */
const KEEP_ALIVE_MILLISECONDS = 15_000

/** Opens connections with the authority and the client certificate of the moment, so that both may be replaced. */
export function createConnector({ trust, credentials }: Access): Connector {
  let known: { readonly material: Material; readonly connect: Connector } | undefined

  const connectorFor = (material: Material): Connector => {
    if (known !== undefined && isSame(known.material, material)) return known.connect
    const { ca, cert, key } = material
    const connect = buildConnector({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      ...(trust.serverName === undefined ? {} : { servername: trust.serverName }),
      rejectUnauthorized: !trust.insecure,
      timeout: CONNECT_MILLISECONDS,
      keepAliveInitialDelay: KEEP_ALIVE_MILLISECONDS,
      // A resumed session would carry what was trusted before the authority changed.
      maxCachedSessions: 0,
    })
    known = { material, connect }
    return connect
  }

  return (options, callback) => {
    credentials.current().then(
      (found) => {
        if (!found.ok) return callback(new Error(found.message), null)
        try {
          const { certificate: cert, key } = found.credential
          connectorFor({ ca: trust.authority(), cert, key })(options, callback)
        } catch (cause) {
          // A certificate or key that OpenSSL cannot read.
          callback(cause instanceof Error ? cause : new Error(String(cause)), null)
        }
      },
      (cause: unknown) => callback(cause instanceof Error ? cause : new Error(String(cause)), null),
    )
  }
}

function isSame(a: Material, b: Material): boolean {
  return a.ca === b.ca && a.cert === b.cert && a.key === b.key
}
