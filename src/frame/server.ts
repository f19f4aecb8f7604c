import { block, luaBlock, simple, variable, type Argument, type Directive } from '../nginx/directive.js'
import { onOff, size } from '../nginx/units.js'
import { inspectionLog } from './firewall.js'
import type { FrameInput } from './input.js'
import { clientOptions, listenOn } from './listen.js'
import { ERROR_VARIABLES, errorLocation } from './error-location.js'
import { faultLocation, FAULTS } from './fault-location.js'
import { filtered, headsAreBare, TRANSPORT_SECURITY, serverHeads } from './heads.js'
import { awaitedLocation, END, headedLocation, profileLocations, UNLIMITED } from './profile-location.js'
import { knownWords, withKnownWords } from './known-words.js'
import { spanLogs } from './span-log.js'
import { MAX_PUSH_BYTES } from './push-limit.js'
import { unsizedLocations, usualProxy } from './usual-location.js'

/**
 * The server for every host. Which host, path and backend a request has is Lua's to say; what is here is the same for
 * all. It is printed twice, for HTTP and for TLS, where what NGINX does to a backend's answer depends on that
 * (`heads.ts`); each knows what all its requests say.
 *
 * Locations other than `/` are named, never paths: a path would be taken from the users' hosts. `~ ^` is for what
 * begins with no slash.
 */
export function catchAllServers(input: FrameInput): readonly Directive[] {
  const http = httpListens(input)
  const https = [...httpsListens(input), ...quic(input), ...tls(input)]
  if (!headsAreBare(input)) return [server(input, [...http, ...https], [])]
  return [
    withKnownWords(knownWords(input, 'http'), server(input, http, [])),
    withKnownWords(knownWords(input, 'https'), server(input, https, TRANSPORT_SECURITY)),
  ]
}

function server(input: FrameInput, listens: readonly Directive[], heads: readonly Directive[]): Directive {
  return block(
    'server',
    [],
    [
      ...listens,
      simple('http2', onOff(input.settings.http2)),
      simple('server_name', '_'),
      // What a redirect says is Lua's: NGINX would put scheme and host before a path (RED-3).
      simple('absolute_redirect', 'off'),
      ...serverHeads(input),
      FAULTS,
      // Locations with a log phase of their own count in it.
      ...(input.metrics === undefined ? [] : [luaBlock('log_by_lua_block', 'fairlead.count()')]),
      defaultLocation(input, heads),
      ...otherLocations(input).map((location) => filtered(input, location)),
      ...unsizedLocations(input, heads),
    ],
  )
}

function tls({ paths }: FrameInput): readonly Directive[] {
  return [
    simple('ssl_certificate', paths.fallbackCertificate),
    simple('ssl_certificate_key', paths.fallbackKey),
    luaBlock('ssl_client_hello_by_lua_block', 'fairlead.hello()'),
    luaBlock('ssl_certificate_by_lua_block', 'fairlead.certificate()'),
  ]
}

function otherLocations(input: FrameInput): readonly Directive[] {
  const { settings, profiles } = input
  const logs = spanLogs(input)
  return [
    strayLocation(logs),
    statusLocation(),
    ...(headsAreBare(input) ? [headedLocation(settings)] : []),
    awaitedLocation(settings, logs),
    errorLocation(settings, logs),
    faultLocation(logs),
    ...profiles.flatMap((profile) => profileLocations(settings, profile, logs, inspectionLog(input))),
  ]
}

function httpListens(input: FrameInput): readonly Directive[] {
  return listenOn(input, input.listeners.httpPort, ...tcpOptions(input))
}

/** With TLS passthrough the stream module has the port for HTTPS, and hands over connections that it does not pass on. */
function httpsListens(input: FrameInput): readonly Directive[] {
  const { listeners, streams } = input
  const tcp =
    streams?.passthrough === true
      ? [simple('listen', `unix:${streams.sockets.tls}`, 'ssl', 'default_server')]
      : listenOn(input, listeners.httpsPort, 'ssl', ...tcpOptions(input))
  return [...tcp, ...quicListens(input)]
}

function tcpOptions(input: FrameInput): readonly string[] {
  const proxied = input.settings.clientAddress.proxyProtocol ? ['proxy_protocol'] : []
  return ['default_server', ...clientOptions(input), ...proxied]
}

/**
 * Each worker has a socket of its own, whatever `reuse-port` says: datagrams of a connection have to reach the same one. TLS
 * passthrough has no part in it: there is no such thing for QUIC.
 */
function quicListens(input: FrameInput): readonly Directive[] {
  const { listeners, settings } = input
  return settings.http3 ? listenOn(input, listeners.httpsPort, 'quic', 'reuseport', 'default_server') : []
}

/** An address is verified before anything is kept of who says to have it (RFC 9000, 8.1.2). */
function quic({ paths, settings }: FrameInput): readonly Directive[] {
  if (!settings.http3) return []
  return [simple('quic_retry', 'on'), simple('quic_host_key', paths.quicKey)]
}

function defaultLocation(input: FrameInput, heads: readonly Directive[]): Directive {
  return block(
    'location',
    // Patterns are not tried for what comes here.
    ['^~', '/'],
    [
      // A request that waits for an auth service ends with its client.
      simple('lua_check_client_abort', 'on'),
      luaBlock('rewrite_by_lua_block', 'fairlead.route()'),
      ...usualProxy(input, UNLIMITED, heads),
      simple('proxy_pass', 'http://dyn'),
    ],
  )
}

/**
 * A backend's `X-Accel-Redirect: x`: no path. NGINX itself would answer 404 in the server, where no log phase ends what
 * is awaited.
 */
function strayLocation(logs: readonly Directive[]): Directive {
  return block('location', ['~', '^'], [luaBlock('access_by_lua_block', 'fairlead.turn_astray()'), END, ...logs])
}

function statusLocation(): Directive {
  return block(
    'location',
    ['@status'],
    [
      // Variables of profiles only: declared where no request that is proxied comes by.
      declare('upstream_scheme', ''),
      declare('upstream_ssl_name', ''),
      declare('upstream_ssl_certificate', ''),
      declare('upstream_ssl_key', ''),
      ...ERROR_VARIABLES.map((name) => declare(name, '')),
      luaBlock('access_by_lua_block', 'fairlead.admit_to_status()'),
      simple('stub_status'),
    ],
  )
}

function declare(name: string, value: Argument): Directive {
  return simple('set', variable(name), value)
}

/** NGINX's own counters of connections. */
export const CONNECTIONS_PATH = '/v1/connections'

/** Where the controller pushes documents and asks. Nobody else reaches the folder of the socket. */
export function controlServer({ paths }: FrameInput): Directive {
  return block(
    'server',
    [],
    [
      simple('listen', `unix:${paths.controlSocket}`),
      simple('client_body_buffer_size', size(MAX_PUSH_BYTES)),
      simple('client_max_body_size', size(MAX_PUSH_BYTES)),
      simple('access_log', 'off'),
      block('location', [CONNECTIONS_PATH], [simple('stub_status')]),
      block(
        'location',
        ['/'],
        [
          // Empty unless Lua writes them: declared where no client comes by, who would pay for it.
          declare('route', ''),
          declare('times_sent_on', ''),
          declare('proxy_alternative_upstream_name', ''),
          luaBlock('content_by_lua_block', 'fairlead.control()'),
        ],
      ),
    ],
  )
}
