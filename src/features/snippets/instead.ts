import type { RawDirective } from './directives.js'

/** What does the same here, by directive (SNP-2). */
const settings: Readonly<Record<string, string>> = {
  ...each('more_set_headers add_header', 'custom-headers, or add-headers of the main ConfigMap'),
  ...each(
    'more_clear_headers proxy_hide_header',
    'custom-headers with an empty value, or hide-headers of the main ConfigMap',
  ),
  ...each(
    'proxy_set_header grpc_set_header more_set_input_headers more_clear_input_headers',
    'custom-request-headers, upstream-vhost for Host, or proxy-set-headers of the main ConfigMap',
  ),
  allow: 'allowlist-source-range',
  deny: 'denylist-source-range, or block-cidrs, block-user-agents and block-referers of the main ConfigMap',
  ...each('auth_basic auth_basic_user_file', 'auth-type and auth-secret'),
  ...each('auth_request auth_request_set', 'auth-url and auth-response-headers'),
  satisfy: 'satisfy',
  ...each(
    'ssl_verify_client ssl_client_certificate ssl_verify_depth ssl_crl',
    'auth-tls-secret and auth-tls-verify-client',
  ),
  ...each('limit_req limit_req_status', 'limit-rps, limit-rpm and limit-burst-multiplier'),
  limit_conn: 'limit-connections',
  ...each('limit_rate limit_rate_after', 'limit-rate and limit-rate-after'),
  ...each('modsecurity modsecurity_rules modsecurity_rules_file', 'enable-modsecurity and modsecurity-*'),
  rewrite: 'rewrite-target with use-regex, app-root or permanent-redirect',
  server_name: 'server-alias',
  location: 'a path of an Ingress, with annotations of its own',
  ...each('error_page proxy_intercept_errors', 'custom-http-errors and default-backend'),
  client_max_body_size: 'proxy-body-size',
  client_body_buffer_size: 'client-body-buffer-size',
  ...each('proxy_connect_timeout grpc_connect_timeout', 'proxy-connect-timeout'),
  ...each('proxy_read_timeout grpc_read_timeout', 'proxy-read-timeout'),
  ...each('proxy_send_timeout grpc_send_timeout', 'proxy-send-timeout'),
  proxy_buffering: 'proxy-buffering',
  ...each('proxy_buffer_size proxy_buffers proxy_busy_buffers_size', 'proxy-buffer-size and proxy-buffers-number'),
  grpc_buffer_size: 'proxy-buffer-size, or grpc-buffer-size-kb of the main ConfigMap',
  proxy_request_buffering: 'proxy-request-buffering',
  proxy_max_temp_file_size: 'proxy-max-temp-file-size',
  proxy_http_version: 'proxy-http-version',
  ...each(
    'proxy_next_upstream proxy_next_upstream_tries proxy_next_upstream_timeout',
    'proxy-next-upstream and its tries and timeout',
  ),
  proxy_redirect: 'proxy-redirect-from and proxy-redirect-to',
  proxy_cookie_path: 'proxy-cookie-path',
  proxy_cookie_domain: 'proxy-cookie-domain',
  ...each(
    'proxy_ssl_verify proxy_ssl_trusted_certificate proxy_ssl_name proxy_ssl_server_name',
    'proxy-ssl-secret and proxy-ssl-*',
  ),
  ...each('grpc_pass fastcgi_pass', 'backend-protocol'),
  ...each('mirror mirror_request_body', 'mirror-target'),
  access_log: 'enable-access-log',
  ...each('gzip gzip_types gzip_min_length gzip_comp_level', 'use-gzip and gzip-* of the main ConfigMap'),
  ...each('ssl_protocols ssl_session_tickets ssl_session_timeout', 'the keys of these names of the main ConfigMap'),
  ...each('ssl_ciphers ssl_prefer_server_ciphers', 'ssl-ciphers and ssl-prefer-server-ciphers'),
  ...each('keepalive_timeout keepalive_requests', 'keep-alive and keep-alive-requests of the main ConfigMap'),
  ...each(
    'sub_filter sub_filter_once sub_filter_types proxy_cache proxy_cache_valid proxy_cache_key',
    'nothing here: leave it to the backend, or to a proxy before it',
  ),
}

const TCP_AND_UDP = 'the ConfigMaps of --tcp-services-configmap and --udp-services-configmap'

const ofAll = (keys: string): string => `${keys} of the main ConfigMap`

/** The same of servers for TCP and UDP, which have no settings of one Ingress. */
export const streamSettings: Readonly<Record<string, string>> = {
  ...each('server listen upstream proxy_pass', TCP_AND_UDP),
  proxy_protocol: `PROXY behind the port in ${TCP_AND_UDP}`,
  proxy_timeout: ofAll('proxy-stream-timeout'),
  proxy_responses: ofAll('proxy-stream-responses'),
  ...each(
    'proxy_next_upstream proxy_next_upstream_tries proxy_next_upstream_timeout',
    ofAll('proxy-stream-next-upstream and its tries and timeout'),
  ),
  ...each('access_log log_format', ofAll('stream-access-log-path, log-format-stream and disable-stream-access-log')),
}

/** The same for several directives, with blanks between them. */
export function each(names: string, instead: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, instead]))
}

const MOST_NAMED = 6

/**
 * Sentences that name the settings which do what these directives do; empty where none is known.
 *
 * @param others settings that are to be named in place of those for one Ingress, by directive
 */
export function settingsInstead(
  directives: readonly RawDirective[],
  others: Readonly<Record<string, string>> = {},
): string {
  const byInstead = new Map<string, Set<string>>()
  for (const directive of directives) {
    const instead = insteadOf(directive, others)
    if (instead !== undefined) byInstead.set(instead, (byInstead.get(instead) ?? new Set()).add(directive.name))
  }
  const named = [...byInstead]
    .slice(0, MOST_NAMED)
    .map(([instead, names]) => `In place of ${[...names].join(', ')}: ${instead}.`)
  return named.join(' ')
}

function insteadOf(
  { name, status, isVariable }: RawDirective,
  others: Readonly<Record<string, string>>,
): string | undefined {
  if (name === 'return' && (refuses(status) || isVariable === true)) return others['deny'] ?? settings['deny']
  if (name === 'return' && status !== undefined && status < 300) return undefined
  if (Object.hasOwn(others, name)) return others[name]
  if (name === 'return') return 'permanent-redirect or temporal-redirect'
  return Object.hasOwn(settings, name) ? settings[name] : undefined
}

/** Those that refuse somebody, or that may: what programs and other files do is not known. */
const REFUSING =
  /^(?:allow|deny|satisfy|auth_.*|limit_(?:except|req|conn)|internal|valid_referers|secure_link.*|ssl_verify_client|modsecurity.*|include|js_.*|perl.*|(?:set|access|rewrite|content|server_rewrite)_by_lua.*)$/

/** Whether doing without these directives may let somebody in whom they would have kept out. */
export function keepsSomebodyOut(directives: readonly RawDirective[]): boolean {
  return refusing(directives).length > 0
}

/** Those of them that may keep somebody out. */
export function refusing(directives: readonly RawDirective[]): readonly RawDirective[] {
  return directives.filter(
    ({ name, status, isVariable }) =>
      REFUSING.test(name) || (MAY_REFUSE.includes(name) && (isVariable === true ? name === 'return' : refuses(status))),
  )
}

/** By a status of theirs. */
const MAY_REFUSE = ['return', 'try_files']

function refuses(status: number | undefined): boolean {
  return status !== undefined && status >= 400
}
