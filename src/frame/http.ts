import { schemeVariable, upgradeVariable } from '../model/backend-headers.js'
import type { FrameSettings } from '../model/frame-settings.js'
import type { RequestMetrics } from '../model/request-metrics.js'
import { USUAL_TRANSPORT_SECURITY } from '../model/transport-security.js'
import { HOST_VARIABLE, namesRoutes, ROUTE_VARIABLES } from '../model/log-lines.js'
import { block, luaBlock, simple, variable, withVariables, type Argument, type Directive } from '../nginx/directive.js'
import { luaString } from '../nginx/lua.js'
import { PROFILE_FILES } from '../nginx/profile.js'
import { MATCH_LIMIT } from '../nginx/pattern.js'
import { onOff, seconds, size } from '../nginx/units.js'
import { LABEL, writeAccessLog } from './access-log.js'
import { sharedRules } from './firewall.js'
import { headsAreBare, headersAreUsual } from './heads.js'
import type { FrameInput } from './input.js'
import { clientAddress, forwardedHostVariable } from './client-address.js'
import { map } from './map.js'
import { askedHost, askedUpgrade, hostVariable, partsOf } from './http3.js'
import { MIN_TIMEOUT_SECONDS } from './min-timeout.js'
import { spanFormat } from './span-log.js'
import { catchAllServers, controlServer } from './server.js'
import { connectionHeader } from './request-headers.js'
import { luaUpstream } from './upstream.js'

/** The `http` block: Lua, logs, clients, TLS, the upstream of all backends, the two servers. */
export function httpBlock(input: FrameInput): Directive {
  const { engine, settings } = input
  return block(
    'http',
    [],
    [
      ...lua(input),
      ...temporaryFolders(input.paths.temporary),
      simple('default_type', settings.defaultType),
      simple('server_tokens', onOff(settings.serverHeader !== 'nobody')),
      simple('merge_slashes', 'on'),
      simple('uninitialized_variable_warn', 'off'),
      ...variables(settings),
      ...(saysRoutes(settings) ? routeNames() : []),
      ...listener(input),
      ...(input.metrics === undefined ? [] : [constant('observed', OBSERVED)]),
      ...clientAddress(settings),
      WRITTEN_BY_LUA,
      ...accessLog(input.paths.accessLog, settings),
      ...spanFormat(input),
      ...compression(settings.gzip),
      ...clients(input),
      ...tls(settings),
      ...sharedRules(input),
      luaUpstream('dyn', 'fairlead.balance()', settings.upstreamPoolSize, engine.facts),
      ...catchAllServers(input),
      controlServer(input),
    ],
  )
}

/** Compiled patterns a worker keeps; beyond that it compiles them at every use. */
const MAX_KEPT_PATTERNS = 16_384

/** Counters of about 200,000 clients at a time; a page is the machine's only once it is used. */
const LIMITS_BYTES = 32 * 1024 * 1024

/** Clients of limited Ingresses with requests under way, about 30,000. */
const CONNECTIONS_BYTES = 8 * 1024 * 1024

/** The Lua module's own 1,000 are a few milliseconds of traffic: memory goes to the kernel and comes back, page by page. */
const REQUESTS_BETWEEN_TRIMS = 100_000

/** Users whose slow hashes need not be made again, about 8,000, and nonces of digest authentication, about 30,000. */
const LOGINS_BYTES = 1024 * 1024
const NONCES_BYTES = 4 * 1024 * 1024
/** Answers of auth services, 50,000 or more; beyond that those that were not used for longest go. */
const ANSWERS_BYTES = 16 * 1024 * 1024

/** What workers counted and the controller has not taken yet. */
const METRICS_BYTES = 16 * 1024 * 1024

/** A pattern of users that runs away ends with an error at the match limit instead of holding the worker. */
function lua(input: FrameInput): readonly Directive[] {
  const { engine, paths, tableBytes, generation, format, profiles, settings, metrics } = input
  const areBare = headsAreBare(input)
  const forwarded = forwardedHostVariable(settings.clientAddress)
  const known = profiles.map(({ name }) => `    [${luaString(name)}] = true,\n`).join('')
  const config = [
    `  generation = ${generation},`,
    `  format = ${luaString(format)},`,
    `  snapshot = ${luaString(paths.snapshot)},`,
    `  scheme = ${luaString(schemeVariable(settings.clientAddress))},`,
    ...(forwarded === undefined ? [] : [`  forwarded_host = ${luaString(forwarded)},`]),
    `  adds_headers = ${String(settings.addsHeaders)},`,
    `  hides_server = ${String(settings.serverHeader === 'nobody' && !areBare)},`,
    `  bare_heads = ${String(areBare)},`,
    `  usual_headers = ${String(headersAreUsual(input))},`,
    `  request_ids = ${String(settings.requestIds)},`,
    ...(settings.spanExport === undefined ? [] : ['  spans = true,']),
    ...(saysRoutes(settings) ? ['  names = true,'] : []),
    ...(settings.http3 ? ['  http3 = true,'] : []),
    `  profiles = {\n${known}  },`,
    `  threads = ${engine.facts.threads},`,
    ...(metrics === undefined ? [] : [`  metrics = ${printMetrics(metrics)},`]),
  ].join('\n')
  return [
    simple('lua_package_path', `${paths.lua}/?.lua;${engine.luaPackagePath};;`),
    simple('lua_package_cpath', `${engine.luaPackageCpath};;`),
    simple('lua_shared_dict', 'fairlead_table', size(tableBytes)),
    simple('lua_shared_dict', 'fairlead_state', '1m'),
    simple('lua_shared_dict', 'fairlead_limits', size(LIMITS_BYTES)),
    simple('lua_shared_dict', 'fairlead_scores', '4m'),
    simple('lua_shared_dict', 'fairlead_connections', size(CONNECTIONS_BYTES)),
    simple('lua_shared_dict', 'fairlead_logins', size(LOGINS_BYTES)),
    simple('lua_shared_dict', 'fairlead_nonces', size(NONCES_BYTES)),
    // As many Lua states as threads of a worker.
    ...(engine.facts.threads ? [simple('lua_worker_thread_vm_pool_size', 1)] : []),
    simple('lua_shared_dict', 'fairlead_answers', size(ANSWERS_BYTES)),
    ...(metrics === undefined ? [] : [simple('lua_shared_dict', 'fairlead_metrics', size(METRICS_BYTES))]),
    simple('lua_regex_match_limit', MATCH_LIMIT),
    simple('lua_malloc_trim', REQUESTS_BETWEEN_TRIMS),
    simple('lua_regex_cache_max_entries', MAX_KEPT_PATTERNS),
    // Names of headers are ConfigMap keys, meant as they are written.
    simple('lua_transform_underscores_in_response_headers', 'off'),
    luaBlock('init_by_lua_block', `require("edge.main").init({\n${config}\n})`),
    luaBlock('init_worker_by_lua_block', 'fairlead.init_worker()'),
    luaBlock('exit_worker_by_lua_block', 'fairlead.exit_worker()'),
  ]
}

function printMetrics({ times, lengths, sizes, perHost, undefinedHosts, statusClasses, most }: RequestMetrics): string {
  const list = (numbers: readonly number[]): string => `{ ${numbers.join(', ')} }`
  const bounds = `times = ${list(times)}, lengths = ${list(lengths)}, sizes = ${list(sizes)}`
  return `{ ${bounds}, perHost = ${perHost}, undefinedHosts = ${undefinedHosts}, statusClasses = ${statusClasses}, most = ${most} }`
}

/** All five, since the folders compiled into NGINX belong to the system. */
function temporaryFolders(folder: string): readonly Directive[] {
  return [
    simple('client_body_temp_path', `${folder}/client-body`),
    simple('proxy_temp_path', `${folder}/proxy`),
    simple('fastcgi_temp_path', `${folder}/fastcgi`),
    simple('uwsgi_temp_path', `${folder}/uwsgi`),
    simple('scgi_temp_path', `${folder}/scgi`),
  ]
}

/**
 * What Lua writes where a route says so, and what it is otherwise: a map has its say only about a variable without a
 * value. Not `set`, which every request would pay for, and which has not run for requests that are refused before Lua
 * sees them: these are logged too. For the same reason what does not depend on another variable is a map of nothing: it
 * looks nothing up.
 *
 * `$asked` is read by `src/edge/route.ts` in place of five variables.
 */
function variables(settings: FrameSettings): readonly Directive[] {
  const { requestIds, unloggedUrls } = settings
  return [
    ...askedHost(settings),
    ...askedUpgrade(settings),
    map('http_x_request_id', 'req_id', variable('http_x_request_id'), [['', requestIds ? variable('request_id') : '']]),
    constant('upstream_host', variable(hostVariable(settings))),
    constant('backend_host', variable('upstream_host')),
    // CON-1.
    map(upgradeVariable(settings), 'connection_upgrade', 'upgrade', [['', connectionHeader(settings)]]),
    constant('asked', asked(settings)),
    constant(LABEL, '-'),
    {
      name: 'map',
      args: ['', variable('proxy_upstream_name')],
      block: { otherwise: variable(LABEL), cases: [], isVolatile: true },
    },
    ...(unloggedUrls.length === 0 ? [] : [unlogged(unloggedUrls)]),
    constant('hsts', USUAL_TRANSPORT_SECURITY),
    constant('unlimited_bytes', '0'),
    constant('hidden_authorization', ''),
    map('hidden_authorization', 'credentials', variable('hidden_authorization'), [
      ['', variable('http_authorization')],
    ]),
  ]
}

/**
 * Where a client came in. A connection that the stream module handed over came in at a Unix socket for all that NGINX
 * says, and it is the one for HTTPS. `$server_port` is read by way of `src/edge/ngx.ts` too.
 */
function listener({ listeners }: FrameInput): readonly Directive[] {
  return [
    map('server_port', 'listener_port', variable('server_port'), [['', listeners.httpsPort]]),
    map('server_addr', 'listener_address', variable('server_addr'), [[{ pattern: '~^unix:' }, '']]),
  ]
}

/**
 * Behind the Host header, each with a blank before it: the id that a request brings, if ids are made for others;
 * another protocol that it asks for; and what says of what kind it is, for which clients have no words of their own: it
 * may have a body, which from HTTP/2 on it need not say.
 */
function asked(settings: FrameSettings): Argument {
  const { http3, requestIds, clientAddress } = settings
  const more = [
    'content_length',
    'http_transfer_encoding',
    'http2',
    ...(http3 ? ['http3'] : []),
    ...(clientAddress.forwarded ? ['http_x_forwarded_host'] : []),
  ]
  const id = requestIds ? ['http_x_request_id'] : []
  const fields = [['host'], ['http_host'], id, [upgradeVariable(settings)], more]
  return fields.flatMap((names, i) => [...(i === 0 ? [] : [' ']), ...names.map((name) => ({ variable: name }))])
}

/** What the log phase reads of a request in place of five variables, `src/edge/metrics.ts`: times in seconds, then bytes. */
const OBSERVED = withVariables`${'upstream_connect_time'}|${'upstream_header_time'}|${'upstream_response_time'}|${'bytes_sent'}|${'request_length'}`

function unlogged(urls: readonly string[]): Directive {
  return map(
    'request_uri',
    'loggable',
    variable(LABEL),
    urls.map((url) => [url.startsWith('~') ? { pattern: url } : url, '0'] as const),
  )
}

function constant(name: string, value: Argument): Directive {
  return { name: 'map', args: ['', variable(name)], block: { otherwise: value, cases: [] } }
}

/**
 * Lua may write a variable only if the file uses it somewhere, which the log and the headers of users need not. And
 * what the file uses is made once for a request: `$asked` is read again by a balancer.
 */
const WRITTEN_BY_LUA = simple(
  'log_format',
  'written_by_lua',
  withVariables`${LABEL}${'proxy_upstream_name'}${'proxy_alternative_upstream_name'}${'route'}${'req_id'}${'upstream_host'}${'backend_host'}${'connection_upgrade'}${'hsts'}${'asked'}`,
)

/** Something asks whose route a request has taken. */
function saysRoutes({ accessLog, headersNameRoutes }: FrameSettings): boolean {
  return headersNameRoutes || namesRoutes(accessLog?.line)
}

/** Written by Lua, which may do so with what the file uses only. */
function routeNames(): readonly Directive[] {
  const names = [...ROUTE_VARIABLES, HOST_VARIABLE]
  return [
    ...names.map((name) => constant(name, '')),
    simple(
      'log_format',
      'route_names',
      names.map((name) => ({ variable: name })),
    ),
  ]
}

function accessLog(file: string, settings: FrameSettings): readonly Directive[] {
  const log = settings.accessLog
  if (log === undefined) return [simple('access_log', 'off')]
  const { line, escape } = log
  return [
    simple(
      'log_format',
      'upstreaminfo',
      ...(escape === 'default' ? [] : [`escape=${escape}`]),
      line === undefined ? LOG_LINE : partsOf(line, settings),
    ),
    ...writeAccessLog(file, log, settings),
  ]
}

/** LOGF-2. */
const LOG_LINE = withVariables`${'remote_addr'} - ${'remote_user'} [${'time_local'}] "${'request'}" ${'status'} ${'body_bytes_sent'} "${'http_referer'}" "${'http_user_agent'}" ${'request_length'} ${'request_time'} [${LABEL}] [${'proxy_alternative_upstream_name'}] ${'upstream_addr'} ${'upstream_response_length'} ${'upstream_response_time'} ${'upstream_status'} ${'req_id'}`

function compression(gzip: FrameSettings['gzip']): readonly Directive[] {
  if (gzip === undefined) return []
  return [
    simple('gzip', 'on'),
    simple('gzip_comp_level', gzip.level),
    simple('gzip_http_version', '1.1'),
    simple('gzip_min_length', gzip.minBytes),
    simple('gzip_types', ...gzip.types),
    simple('gzip_proxied', 'any'),
    simple('gzip_vary', 'on'),
    ...(gzip.except === undefined ? [] : [simple('gzip_disable', gzip.except)]),
  ]
}

function clients({ settings, engine }: FrameInput): readonly Directive[] {
  return [
    simple('keepalive_timeout', seconds(settings.keepAliveSeconds)),
    ...(engine.facts.keepaliveMinTimeout ? [simple('keepalive_min_timeout', seconds(MIN_TIMEOUT_SECONDS))] : []),
    simple('keepalive_requests', settings.keepAliveRequests),
    simple('http2_max_concurrent_streams', settings.http2MaxConcurrentStreams),
    ...(settings.http3 ? [simple('http3_max_concurrent_streams', settings.http2MaxConcurrentStreams)] : []),
    simple('client_header_buffer_size', size(settings.clientHeaderBufferBytes)),
    simple(
      'large_client_header_buffers',
      settings.largeClientHeaderBuffers.count,
      size(settings.largeClientHeaderBuffers.bytes),
    ),
    simple('client_header_timeout', seconds(settings.clientHeaderTimeoutSeconds)),
    simple('client_body_buffer_size', size(settings.clientBodyBufferBytes)),
    simple('client_body_timeout', seconds(settings.clientBodyTimeoutSeconds)),
    simple('underscores_in_headers', onOff(settings.underscoresInHeaders)),
    simple('ignore_invalid_headers', onOff(settings.ignoreInvalidHeaders)),
    simple('reset_timedout_connection', 'on'),
  ]
}

function tls(settings: FrameSettings): readonly Directive[] {
  const { sslSessionCacheBytes } = settings
  return [
    simple('ssl_protocols', ...settings.sslProtocols),
    simple('ssl_ciphers', settings.sslCiphers.join(':')),
    simple('ssl_prefer_server_ciphers', 'on'),
    simple('ssl_ecdh_curve', settings.sslEcdhCurve),
    ...(settings.sslDhParam === undefined
      ? []
      : [simple('ssl_dhparam', `${PROFILE_FILES}/${settings.sslDhParam.name}`)]),
    ...(settings.sslEarlyData ? [simple('ssl_early_data', 'on')] : []),
    simple('ssl_session_cache', sslSessionCacheBytes === 0 ? 'off' : `shared:SSL:${size(sslSessionCacheBytes)}`),
    simple('ssl_session_timeout', seconds(settings.sslSessionTimeoutSeconds)),
    simple('ssl_session_tickets', onOff(settings.sslSessionTickets)),
    ...(settings.sslTicketKey === undefined
      ? []
      : [simple('ssl_session_ticket_key', `${PROFILE_FILES}/${settings.sslTicketKey.name}`)]),
    simple('ssl_buffer_size', size(settings.sslBufferBytes)),
  ]
}
