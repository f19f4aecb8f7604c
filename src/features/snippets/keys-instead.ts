import { directivesIn, type RawDirective } from './directives.js'
import { each, refusing, settingsInstead, streamSettings } from './instead.js'

const ofEach = (annotations: string): string => `${annotations} of each Ingress`

/** What does the same for all Ingresses, by directive, where that is not a key by the name of the annotation (SNP-2). */
const keys: Readonly<Record<string, string>> = {
  ...each('more_set_headers add_header', 'add-headers'),
  ...each('more_clear_headers proxy_hide_header', 'hide-headers'),
  ...each('proxy_set_header grpc_set_header more_set_input_headers more_clear_input_headers', 'proxy-set-headers'),
  allow: 'whitelist-source-range',
  deny: 'denylist-source-range, or block-cidrs, block-user-agents and block-referers',
  ...each('auth_basic auth_basic_user_file', `global-auth-url, or ${ofEach('auth-type and auth-secret')}`),
  ...each('auth_request auth_request_set', 'global-auth-url and global-auth-response-headers'),
  satisfy: ofEach('satisfy'),
  ...each(
    'ssl_verify_client ssl_client_certificate ssl_verify_depth ssl_crl',
    ofEach('auth-tls-secret and auth-tls-verify-client'),
  ),
  ...each('limit_req limit_req_zone', ofEach('limit-rps, limit-rpm and limit-burst-multiplier')),
  ...each('limit_conn limit_conn_zone', ofEach('limit-connections')),
  limit_req_status: 'limit-req-status-code',
  limit_conn_status: 'limit-conn-status-code',
  ...each('return rewrite', ofEach('permanent-redirect, temporal-redirect, app-root and rewrite-target')),
  server_name: ofEach('server-alias'),
  ...each('location server', 'an Ingress, with annotations of its own'),
  ...each('error_page proxy_intercept_errors', 'custom-http-errors, with --default-backend-service'),
  ...each('mirror mirror_request_body', ofEach('mirror-target')),
  ...each('grpc_pass fastcgi_pass proxy_pass', ofEach('backend-protocol')),
  ...each(
    'proxy_ssl_verify proxy_ssl_trusted_certificate proxy_ssl_name proxy_ssl_server_name',
    ofEach('proxy-ssl-secret and proxy-ssl-*'),
  ),
  ...each('access_log log_format', 'access-log-path, log-format-upstream and disable-access-log'),
  error_log: 'error-log-path and error-log-level',
  ...each('gzip gzip_types gzip_min_length gzip_comp_level gzip_disable', 'use-gzip and gzip-*'),
  ...each('brotli brotli_types brotli_min_length brotli_comp_level', 'enable-brotli and brotli-*'),
  ...each('ssl_protocols ssl_session_tickets ssl_session_timeout ssl_ecdh_curve', 'the keys of these names'),
  ssl_ciphers: 'ssl-ciphers',
  ...each('keepalive_timeout keepalive_requests', 'keep-alive and keep-alive-requests'),
  ...each('client_header_timeout client_body_timeout', 'the keys of these names'),
  ...each('client_header_buffer_size large_client_header_buffers', 'the keys of these names'),
  ...each('underscores_in_headers ignore_invalid_headers', 'enable-underscores-in-headers and ignore-invalid-headers'),
  ...each('set_real_ip_from real_ip_header', 'use-forwarded-headers, proxy-real-ip-cidr and forwarded-for-header'),
  server_tokens: 'server-tokens',
  grpc_buffer_size: 'grpc-buffer-size-kb',
  ...each('worker_processes worker_shutdown_timeout worker_cpu_affinity', 'the keys of these names'),
  worker_rlimit_nofile: 'max-worker-open-files',
  worker_connections: 'max-worker-connections',
  ...each('proxy_cache_path load_module env', 'nothing here'),
}

/** What to say of a snippet of the main ConfigMap. */
export interface KeySnippet {
  /** Sentences. */
  readonly message: string
  /** It would keep somebody out. */
  readonly keepsOut: boolean
}

export function readKeySnippet(text: string): KeySnippet {
  return read(text, keys)
}

/** The same of `stream-snippet`. */
export function readStreamSnippet(text: string): KeySnippet {
  return read(text, { ...keys, ...streamSettings })
}

function read(text: string, settings: Readonly<Record<string, string>>): KeySnippet {
  const directives = directivesIn(text)
  const out = namesOf(refusing(directives))
  const instead = settingsInstead(directives, settings)
  const open =
    out.length === 0
      ? ''
      : `What it would keep out by ${out.join(', ')} comes in: nothing is closed in its place, since that would be everything. `
  return { message: `${open}Raw configuration is never run. ${instead}`.trimEnd(), keepsOut: out.length > 0 }
}

function namesOf(directives: readonly RawDirective[]): readonly string[] {
  return [...new Set(directives.map(({ name }) => name))]
}
