import { lower } from '#bytes'
import { crc32 } from '../model/crc32.js'
import type { Match } from '../model/match.js'
import type { HostPort, RequestPort } from './port.js'
import type { Presented } from './presented.js'

/** A request that is only asked about; what is absent is not sent. */
export interface OfflineRequest {
  /** By name in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, string>>
  /** PCRE2's answers; without it no match can be made, and every one fails. */
  readonly match?: RequestPort['match']
  /** What chance gives: a number from 1 to `most`; without it always 1. */
  readonly random?: RequestPort['random']
  /** Without it the share is drawn by `random`. */
  readonly share?: RequestPort['share']
  readonly now?: number
  readonly md5?: RequestPort['md5']
  readonly crc32?: RequestPort['crc32']
  /** What the client presents; without it, over TLS, no certificate. */
  readonly presented?: Presented
  /** Is told which headers of the request are changed. */
  readonly setHeader?: HostPort['setHeader']
}

const FAILED: Match = { kind: 'failed' }
const PLAIN: Presented = { kind: 'plain' }
const NOTHING: Presented = { kind: 'verified', verdict: 'NONE', subject: '', issuer: '', certificate: '' }

/** The port of a request that no NGINX has seen: for `explain` and for tests, in both runtimes. */
export function createRequest(asked: OfflineRequest): HostPort {
  const { headers, variables, now } = asked
  const random = asked.random ?? (() => 1)
  return {
    variable: (name) => variables?.[name],
    header: (name) => headers?.[lower(name)],
    match: asked.match ?? (() => FAILED),
    random,
    share: asked.share ?? ((_, { weight, total }) => random(total) <= weight),
    now: () => now ?? 0,
    md5: asked.md5 ?? (() => ''),
    crc32: asked.crc32 ?? crc32,
    presented: () => asked.presented ?? (variables?.['scheme'] === 'https' ? NOTHING : PLAIN),
    setHeader: asked.setHeader ?? (() => undefined),
  }
}
