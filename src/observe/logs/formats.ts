import { ACK_LINE, INGRESS_NGINX_LINE } from '../../model/log-lines.js'
import type { TextPart } from '../../model/text-part.js'
import { parseVariables } from '../../request/variables.js'

/** The line of a log: its parts, and how NGINX writes what variables hold. */
export interface LogFormat {
  readonly name: string
  readonly parts: readonly TextPart[]
  readonly escape: 'default' | 'json' | 'none'
}

/** Formats that are known by name. The texts are those of `log-format-upstream`. */
export const knownFormats = {
  /** LOGF-2. */
  'ingress-nginx': INGRESS_NGINX_LINE,
  /** ACK's, of 21 fields (ack.md 4.1). */
  ack: ACK_LINE,
  /** The same of controllers that did not write the last two, or only the host (ack.md 4.2). */
  'ack-20':
    '$remote_addr - [$remote_addr] - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id $host',
  'ack-19':
    '$remote_addr - [$remote_addr] - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id',
  /** NGINX's own. */
  combined:
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
  common: '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent',
} as const

export type KnownFormat = keyof typeof knownFormats

export function isKnownFormat(name: string): name is KnownFormat {
  return Object.hasOwn(knownFormats, name)
}

/** @param text a text with variables, or the name of a known format */
export function parseFormat(text: string, escape: LogFormat['escape'] = 'default'): LogFormat {
  const known = isKnownFormat(text)
  return { name: known ? text : 'given', parts: parseVariables(known ? knownFormats[text] : text), escape }
}

/** What a file of unknown origin is tried with, one after the other. */
export const guesses: readonly LogFormat[] = (Object.keys(knownFormats) as KnownFormat[]) // its own keys
  .map((name) => parseFormat(name))
