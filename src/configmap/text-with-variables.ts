import { type Kind, type Parsed, parsed, refused } from '../features/kinds/kind.js'
import { ACK_LINE, HOST_VARIABLE, INGRESS_NGINX_LINE, isRouteVariable } from '../model/log-lines.js'
import type { TextPart } from '../model/text-part.js'
import { parseVariables } from '../request/variables.js'

/** Variables that a log line may have: NGINX would not start with one that it does not know. */
export const knownVariables: ReadonlySet<string> = new Set(
  `ancient_browser args binary_remote_addr body_bytes_sent bytes_sent connection connection_requests connection_time connections_active
  connections_reading connections_waiting connections_writing content_length content_type document_root document_uri gzip_ratio host hostname http2 https is_args
  limit_rate modern_browser msec msie nginx_version pid pipe proxy_host proxy_port proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr
  proxy_protocol_server_port query_string realip_remote_addr realip_remote_port remote_addr remote_port remote_user request request_body request_completion
  request_filename request_id request_length request_method request_time request_uri scheme server_addr server_name server_port server_protocol
  ssl_alpn_protocol ssl_cipher ssl_ciphers ssl_client_fingerprint ssl_client_i_dn ssl_client_s_dn ssl_client_serial ssl_client_verify ssl_curve ssl_curves
  ssl_early_data ssl_protocol ssl_server_name ssl_session_id ssl_session_reused status time_iso8601 time_local upstream_addr upstream_bytes_received
  upstream_bytes_sent upstream_connect_time upstream_header_time upstream_response_length upstream_response_time
  upstream_status uri pass_port proxy_alternative_upstream_name proxy_upstream_name req_id date_gmt date_local limit_conn_status
  limit_req_status proxy_add_x_forwarded_for realpath_root request_body_file ssl_client_escaped_cert ssl_client_v_end ssl_client_v_remain
  ssl_client_v_start tcpinfo_rcv_space tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd upstream_cache_status`.split(/\s+/),
)

/** The same of the stream module. */
const KNOWN_OF_STREAMS = new Set(
  `binary_remote_addr bytes_received bytes_sent connection hostname msec nginx_version pid protocol proxy_protocol_addr proxy_protocol_port
  proxy_protocol_server_addr proxy_protocol_server_port proxy_upstream_name realip_remote_addr realip_remote_port remote_addr remote_port server_addr
  server_port session_time ssl_preread_alpn_protocols ssl_preread_protocol ssl_preread_server_name status time_iso8601 time_local upstream_addr
  upstream_bytes_received upstream_bytes_sent upstream_connect_time upstream_first_byte_time upstream_session_time`.split(
    /\s+/,
  ),
)

const OPEN = /^(arg|cookie|http|sent_http|sent_trailer|upstream_http|upstream_cookie|upstream_trailer)_[a-z\d_]+$/

/** Names that ingress-nginx's own configuration has for something that has another name here. */
const ALSO_CALLED: Readonly<Record<string, string>> = {
  the_real_ip: 'remote_addr',
  proxy_host: 'proxy_upstream_name',
  server_name: HOST_VARIABLE,
  best_http_host: 'host',
  pass_access_scheme: 'scheme',
  pass_server_port: 'server_port',
}

/** Decoded, or a body, and so perhaps with a line end: NGINX would copy it into a header as it is. */
const DECODED = new Set(['document_uri', 'remote_user', 'request_body', 'request_filename', 'uri'])

/** The value of a header with variables of NGINX and of whose route a request has taken. */
export const headerValue: Kind<readonly TextPart[]> = {
  form: 'text with variables of NGINX',
  parse: (text) => {
    if (!/^[\x20-\x7e]*$/.test(text)) return refused('holds a character that is not allowed in a header')
    const read = readVariables(text, isKnownOfLines)
    if (read.ok && read.skipped !== undefined)
      return refused(read.skipped.replace(/ (is|are) not known here: .*/, ' $1 not known here'))
    const decoded = read.ok ? read.value.find((part) => part.kind === 'variable' && DECODED.has(part.name)) : undefined
    if (decoded?.kind !== 'variable') return read
    return refused(
      `names the variable $${decoded.name}, in which a client may send a line end; $request_uri is the path as it was sent`,
    )
  },
}

function isKnownOfRequests(name: string): boolean {
  return knownVariables.has(name) || OPEN.test(name)
}

function isKnownOfLines(name: string): boolean {
  return isRouteVariable(name) || isKnownOfRequests(name)
}

/** Formats that have a name. */
const NAMED: Readonly<Record<string, string | undefined>> = { ack: ACK_LINE, 'ingress-nginx': INGRESS_NGINX_LINE }

const DASH: TextPart = { kind: 'text', text: '-' }

/** A line with variables of NGINX, or the name of one. */
export const logFormat: Kind<readonly TextPart[]> = {
  form: 'text with variables of NGINX, or `ack` or `ingress-nginx`',
  parse: (text) => readVariables((Object.hasOwn(NAMED, text) ? NAMED[text] : undefined) ?? text, isKnownOfLines),
}

/** The same of the stream module. */
export const streamLogFormat: Kind<readonly TextPart[]> = {
  form: 'text with variables of NGINX',
  parse: (text) => readVariables(text, (name) => KNOWN_OF_STREAMS.has(name)),
}

/** What is not known is written as NGINX writes what is empty (LOGF-3). */
function readVariables(
  text: string,
  isKnown: (name: string) => boolean = isKnownOfRequests,
): Parsed<readonly TextPart[]> {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) return refused('holds a line end or another control character')
  if (/\p{Surrogate}/u.test(text)) return refused('holds half a character')
  const parts = parseVariables(text).map(
    (part): TextPart => (part.kind === 'text' ? part : { kind: 'variable', name: nameOf(part.name) }),
  )
  if (parts.some((part) => part.kind === 'text' && part.text.includes('$')))
    return refused('holds a $ that begins no name of a variable')
  const unknown = new Set(
    parts.flatMap((part) => (part.kind === 'variable' && !isKnown(part.name) ? [`$${part.name}`] : [])),
  )
  if (unknown.size === 0) return parsed(parts)
  const value = parts.map((part): TextPart => (part.kind === 'text' || isKnown(part.name) ? part : DASH))
  const skipped =
    unknown.size === 1
      ? `names the variable ${[...unknown].join('')}, which is not known here: - is written for it`
      : `names the variables ${[...unknown].join(', ')}, which are not known here: - is written for them`
  return { ok: true, value, skipped }
}

/** NGINX takes a name in any case. */
function nameOf(written: string): string {
  const name = written.toLowerCase()
  return Object.hasOwn(ALSO_CALLED, name) ? (ALSO_CALLED[name] ?? name) : name
}
