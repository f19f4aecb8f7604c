import { MASK } from './mask-text.js'

/**
 * Directives whose arguments are numbers, words of NGINX, addresses or our own paths; of all others only what is
 * clearly no text of a user is shown.
 */
const SHOWN = new Set(
  `absolute_redirect access_log balancer_keepalive client_body_temp_path daemon debug_connection error_log events
  fastcgi_buffers fastcgi_next_upstream fastcgi_pass fastcgi_temp_path grpc_next_upstream grpc_pass gzip_proxied js_import
  js_preload_object js_preread js_set js_shared_dict_zone js_var large_client_header_buffers listen load_module location
  lua_package_cpath lua_package_path lua_shared_dict multi_accept pass pid proxy_buffers proxy_next_upstream proxy_pass
  proxy_ssl_ciphers proxy_ssl_protocols proxy_temp_path real_ip_header resolver scgi_temp_path server server_name
  set_real_ip_from ssl_certificate ssl_certificate_key ssl_ciphers ssl_dhparam ssl_ecdh_curve ssl_protocols
  ssl_session_cache ssl_session_ticket_key thread_pool upstream user uwsgi_temp_path worker_cpu_affinity worker_processes
  http stream`.split(/\s+/),
)

/** Of these the first argument is a name that says what the directive is about. */
const NAMED = new Set(
  'proxy_set_header grpc_set_header fastcgi_param proxy_pass_header proxy_hide_header log_format set map'.split(' '),
)

/**
 * nginx.conf, as our printer writes it, without the texts of users in it: a header for backends may be a password. Text of
 * one directive a line; Lua in it is our own.
 */
export function maskFrame(text: string): string {
  let inside: { readonly kind: 'lua' | 'map'; readonly end: string } | undefined
  return text
    .split('\n')
    .map((line) => {
      const [, indent = '', body = ''] = /^(\s*)(.*)$/s.exec(line) ?? []
      if (inside !== undefined) {
        const { kind, end } = inside
        if (line === end) inside = undefined
        return kind === 'lua' || line === end ? line : `${indent}${maskCase(body)}`
      }
      const [, lua, map] = /^(?:(\w+_by_lua_block)|((?:map|geo) .*)) \{$/.exec(body) ?? []
      if (lua !== undefined || map !== undefined)
        inside = { kind: lua === undefined ? 'map' : 'lua', end: `${indent}}` }
      return `${indent}${maskDirective(body)}`
    })
    .join('\n')
}

function maskDirective(body: string): string {
  if (body === '' || body === '}') return body
  const { words, end } = wordsOf(body)
  const [name = '', ...args] = words
  if (SHOWN.has(name)) return body
  const shown = args.map((arg, i) => (i === 0 && NAMED.has(name) ? arg : maskArgument(arg)))
  return [/^[a-z][a-z0-9_]*$/.test(name) ? name : MASK, ...shown].join(' ') + end
}

/** A user may have written any word of it. */
function maskCase(body: string): string {
  const { words, end } = wordsOf(body)
  return words.map((word, i) => (i === 0 && word === 'default' ? word : maskArgument(word))).join(' ') + end
}

function wordsOf(body: string): { readonly words: readonly string[]; readonly end: string } {
  const [, inside = '', end = ''] = /^(.*?)(;| \{\}| \{)?$/s.exec(body) ?? []
  return { words: inside.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? [], end }
}

/** Variables, numbers with a unit and switches are shown. */
function maskArgument(arg: string): string {
  if (/^(?:on|off|""|auto|\d{1,6}[kmghsd]?|\d\.\d)$/.test(arg)) return arg
  if (!arg.includes('$')) return MASK
  return arg.replace(
    /(\$\{?[a-z_][a-z0-9_]*\}?)|[^$\s"[\]-]+/g,
    (text, variable?: string) => variable ?? (text === '\\' ? text : MASK),
  )
}
