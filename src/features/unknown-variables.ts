import type { Complaint } from './declare.js'
import { PATH_VARIABLES, unknownVariables } from './kinds/variables.js'

/** What NGINX has besides while a request is on its way to a backend, and what the frame sets. */
const OTHERS: ReadonlySet<string> = new Set(
  `document_root limit_rate msie msec pass_port pipe proxy_add_x_forwarded_for proxy_host proxy_port realip_remote_addr
  realip_remote_port realpath_root request_body request_body_file request_filename ssl_alpn_protocol ssl_ciphers ssl_client_cert
  ssl_client_escaped_cert ssl_client_v_end ssl_client_v_remain ssl_client_v_start ssl_curves ssl_early_data
  ssl_client_raw_cert tcpinfo_rcv_space tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd`.split(/\s+/),
)

/**
 * Says that a text names variables that no request has, such as `$service` for `$service_name`. Nothing stands in their place.
 *
 * @param also names that mean something in this text
 */
export function complainOfUnknown(
  annotation: string,
  text: string | undefined,
  also: readonly string[] = [],
): readonly Complaint[] {
  const known = [...PATH_VARIABLES, ...also]
  const unknown = unknownVariables(text ?? '').filter((name) => !OTHERS.has(name) && !known.includes(name))
  if (unknown.length === 0) return []
  const names = [...new Set(unknown)].map((name) => `$${name}`).join(', ')
  const message = `${annotation} names ${names}, which no request has: nothing stands in its place.`
  return [{ annotation, message, instead: 'partly' }]
}
