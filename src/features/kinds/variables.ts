import { parseVariables } from '../../request/variables.js'

/** Variables that every request has, in NGINX with the modules of the frame. Source: "Alphabetical index of variables" of nginx.org. */
export const knownVariables: ReadonlySet<string> = new Set(
  `args binary_remote_addr body_bytes_sent bytes_sent connection connection_requests connection_time content_length
  content_type document_uri host hostname https is_args msec nginx_version pid proxy_protocol_addr proxy_protocol_port
  proxy_protocol_server_addr proxy_protocol_server_port query_string remote_addr remote_port remote_user request request_id
  request_length request_method request_time request_uri scheme server_addr server_name server_port server_protocol
  ssl_cipher ssl_client_fingerprint ssl_client_i_dn ssl_client_s_dn ssl_client_serial ssl_client_verify ssl_curve
  ssl_protocol ssl_server_name ssl_session_id ssl_session_reused time_iso8601 time_local uri http2 req_id`.split(/\s+/),
)

/** Families of variables by the beginning of their names. */
const BEGINNINGS = ['arg_', 'cookie_', 'http_']

/** Names in a text with variables that no request has. */
export function unknownVariables(text: string): readonly string[] {
  const names = parseVariables(text).flatMap((part) => (part.kind === 'variable' ? [part.name] : []))
  return names.filter(
    (name) => !knownVariables.has(name) && !BEGINNINGS.some((beginning) => name.startsWith(beginning)),
  )
}

/** What the translation puts in where a text stands in a route: variables of ingress-nginx that belong to a path, or have another name here. */
export const PATH_VARIABLES: readonly string[] = [
  'best_http_host',
  'ingress_name',
  'location_path',
  'namespace',
  'pass_access_scheme',
  'pass_server_port',
  'service_name',
  'service_port',
  'the_real_ip',
]
