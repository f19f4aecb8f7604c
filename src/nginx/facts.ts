/** What an NGINX of a given version and build can do, as far as the frame depends on it. Source: the change log of NGINX. */
export interface EngineFacts {
  /** Every upstream block has a keep-alive pool of its own unless told `keepalive 0` (from 1.29.7; an error before). */
  readonly keepaliveZero: boolean
  /** `keepalive_min_timeout`: old workers answer what still arrives on kept connections after a reload (from 1.27.4). */
  readonly keepaliveMinTimeout: boolean
  /** `$request_port` and `$is_request_port`: the port that the request names itself (from 1.29.3). */
  readonly requestPortVariable: boolean
  /** Hosts are checked by RFC 3986 (from 1.29.4). */
  readonly strictHosts: boolean
  /** `proxy_http_version 2`: HTTP/2 to backends (from 1.29.4). */
  readonly proxyHttp2: boolean
  /** `early_hints`: answers 103 of a backend are passed on (from 1.29.0). */
  readonly earlyHints: boolean
  /** `pass` of the stream module, and a look at TLS that leaves it to be read (from 1.25.5). */
  readonly streamPass: boolean
  /** Pools of threads, beside the workers (`--with-threads`). */
  readonly threads: boolean
  /** `debug_connection` has an effect (`--with-debug`). */
  readonly debug: boolean
  /** HTTP/3 (`--with-http_v3_module`), with the port of the host that was asked for (from 1.29.3). */
  readonly http3: boolean
}

/** The oldest NGINX that the frame can be printed for: `http2 on` came with it. */
export const OLDEST_VERSION = '1.25.1'

/** What it was built with. */
export type Build = Pick<EngineFacts, 'threads' | 'debug' | 'http3'>

export function factsOf(version: string, build: Build = { threads: true, debug: true, http3: true }): EngineFacts {
  return {
    keepaliveZero: isAtLeast(version, '1.29.7'),
    keepaliveMinTimeout: isAtLeast(version, '1.27.4'),
    requestPortVariable: isAtLeast(version, '1.29.3'),
    strictHosts: isAtLeast(version, '1.29.4'),
    proxyHttp2: isAtLeast(version, '1.29.4'),
    earlyHints: isAtLeast(version, '1.29.0'),
    ...build,
    http3: build.http3 && isAtLeast(version, '1.29.3'),
    streamPass: isAtLeast(version, '1.25.5'),
  }
}

/** Compares dotted versions number by number. */
export function isAtLeast(version: string, wanted: string): boolean {
  const have = version.split('.').map(Number)
  const want = wanted.split('.').map(Number)
  for (const [index, number] of want.entries()) {
    const difference = (have[index] ?? 0) - number
    if (difference !== 0) return difference > 0
  }
  return true
}
