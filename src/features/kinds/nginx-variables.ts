/**
 * Variables that NGINX has with the modules of the frame, and those that the frame makes, by when a request has them: a
 * name that NGINX does not know keeps it from starting. Source: "Alphabetical index of variables" of nginx.org.
 */

/** From its first line on, so that an endpoint may be chosen by it. */
export const ofRequests: ReadonlySet<string> = words(
  `args binary_remote_addr body_bytes_sent bytes_sent connection connection_requests connection_time content_length content_type
  document_uri host hostname http2 https is_args msec nginx_version pid proxy_protocol_addr proxy_protocol_port
  proxy_protocol_server_addr proxy_protocol_server_port query_string remote_addr remote_port remote_user req_id request request_id
  request_length request_method request_time request_uri scheme server_addr server_name server_port server_protocol ssl_cipher
  ssl_client_fingerprint ssl_client_i_dn ssl_client_s_dn ssl_client_serial ssl_client_verify ssl_curve ssl_protocol ssl_server_name
  ssl_session_id ssl_session_reused time_iso8601 time_local uri`,
)

/** Besides, while it is on its way to a backend. */
export const onTheWay: ReadonlySet<string> = words(
  `document_root limit_rate msie pass_port pipe proxy_add_x_forwarded_for proxy_host proxy_port realip_remote_addr realip_remote_port
  realpath_root request_body request_body_file request_filename ssl_alpn_protocol ssl_ciphers ssl_client_escaped_cert ssl_client_v_end
  ssl_client_v_remain ssl_client_v_start ssl_curves ssl_early_data tcpinfo_rcv_space tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd`,
)

/** Besides, on its way: certificates with their line ends, which belong into no line of a log. */
export const ofCertificates: ReadonlySet<string> = words('ssl_client_cert ssl_client_raw_cert')

/** Besides, once it has an answer. */
export const ofAnswers: ReadonlySet<string> = words(
  `ancient_browser connections_active connections_reading connections_waiting connections_writing date_gmt date_local gzip_ratio
  limit_conn_status limit_req_status modern_browser proxy_alternative_upstream_name proxy_upstream_name request_completion status
  upstream_addr upstream_bytes_received upstream_bytes_sent upstream_cache_status upstream_connect_time upstream_header_time
  upstream_response_length upstream_response_time upstream_status`,
)

/** Of a connection of the stream module, which has no requests. */
export const ofStreams: ReadonlySet<string> = words(
  `binary_remote_addr bytes_received bytes_sent connection hostname msec nginx_version pid protocol proxy_protocol_addr
  proxy_protocol_port proxy_protocol_server_addr proxy_protocol_server_port proxy_upstream_name realip_remote_addr realip_remote_port
  remote_addr remote_port server_addr server_port session_time ssl_preread_alpn_protocols ssl_preread_protocol ssl_preread_server_name
  status time_iso8601 time_local upstream_addr upstream_bytes_received upstream_bytes_sent upstream_connect_time
  upstream_first_byte_time upstream_session_time`,
)

/** Families by the beginning of their names: of requests, and of answers. */
export const beginningsOfRequests: readonly string[] = ['arg_', 'cookie_', 'http_']
export const beginningsOfAnswers: readonly string[] = [
  'sent_http_',
  'sent_trailer_',
  'upstream_http_',
  'upstream_cookie_',
  'upstream_trailer_',
]

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/))
}
