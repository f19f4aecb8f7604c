import type { TextPart } from './text-part.js'

/** Lines of the access log that have a name, as texts with variables of NGINX. */

/** LOGF-2. */
export const INGRESS_NGINX_LINE =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id'

/** ACK's, of 21 fields (ack.md 4.1). */
export const ACK_LINE =
  '$remote_addr - [$remote_addr] - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id $host [$proxy_alternative_upstream_name]'

/** Variables of a log line that Lua writes, where a line has one of them: whose route a request has taken (LOGF-3). */
export const ROUTE_VARIABLES = ['namespace', 'ingress_name', 'service_name', 'service_port', 'location_path'] as const

export type RouteVariable = (typeof ROUTE_VARIABLES)[number]

/** The same of the host, as an Ingress declares it; the one server of NGINX has another name. */
export const HOST_VARIABLE = 'declared_host'

export function isRouteVariable(name: string): boolean {
  if (name === HOST_VARIABLE) return true
  for (const known of ROUTE_VARIABLES) if (known === name) return true
  return false
}

/** undefined is the usual line, which has none of them. */
export function namesRoutes(line: readonly TextPart[] | undefined): boolean {
  for (const part of line ?? []) if (part.kind === 'variable' && isRouteVariable(part.name)) return true
  return false
}
