import type { TextPart } from '../model/text-part.js'
import type { StreamPort } from '../model/streams.js'
import { block, simple, variable, withVariables, type Argument, type Directive } from '../nginx/directive.js'
import { onOff, seconds, size } from '../nginx/units.js'
import type { FrameInput, StreamFrame } from './input.js'
import { clientOptions, listenOn } from './listen.js'
import { map } from './map.js'

/**
 * The `stream` block, if the frame has one: a server for each port, and where TLS is passed through the one that has the
 * port for HTTPS. Which endpoint a connection gets is for njs to say (docs/design/streams.md).
 */
export function streamBlock(input: FrameInput): readonly Directive[] {
  const { streams } = input
  if (streams === undefined) return []
  return [
    block(
      'stream',
      [],
      [
        ...njs(input, streams),
        ...common(input, streams),
        ...accessLog(input),
        controlServer(streams),
        ...(triesOf(input) > 1 ? [nameServer(streams)] : []),
        ...streams.ports.map((port) => portServer(input, port)),
        ...(streams.passthrough ? passthrough(input, streams) : []),
      ],
    ),
  ]
}

/** The ports of the services in the text of a frame, as `streamKey` has them. */
export function streamPortsIn(frame: string): ReadonlySet<string> {
  const text = frame.slice(frame.indexOf('\nstream {\n') + 1)
  const found = text.matchAll(
    /^ {2}server \{\n {4}listen (?:\S*:)?(\d+)( udp)?.*\n(?: {4}listen .*\n)* {4}proxy_pass/gm,
  )
  return new Set([...found].map(([, port, udp]) => `${udp === undefined ? 'tcp' : 'udp'}:${port}`))
}

/** Records of the services take a part of what the table has. */
const PARTS_OF_TABLE = 32

function njs({ tableBytes }: FrameInput, { script, first }: StreamFrame): readonly Directive[] {
  return [
    simple('js_import', 'fairlead', 'from', script),
    simple('js_preload_object', 'fairlead_first', 'from', first),
    simple(
      'js_shared_dict_zone',
      `zone=fairlead_streams:${size(Math.floor(tableBytes / PARTS_OF_TABLE))}`,
      'type=string',
    ),
    simple('js_shared_dict_zone', 'zone=fairlead_turns:1m', 'type=number'),
    ...(['service', 'passed', 'whose'] as const).map((name) =>
      simple('js_set', variable(`fairlead_${name}`), `fairlead.${name}`),
    ),
    simple('js_set', variable('proxy_upstream_name'), 'fairlead.label'),
    simple('js_var', variable('fairlead_reply'), ''),
  ]
}

/** More addresses make no name (RFC 1035, 2.3.4). */
const MOST_TRIES = 6

function triesOf({ settings: { streams } }: FrameInput): number {
  return streams.tries === 0 ? MOST_TRIES : Math.min(streams.tries, MOST_TRIES)
}

/** A name never means anything else; NGINX forgets those that are not asked for. */
function common(input: FrameInput, { resolver }: StreamFrame): readonly Directive[] {
  const { settings } = input
  const { timeoutSeconds, triesSeconds } = settings.streams
  const tries = triesOf(input)
  return [
    simple('js_var', variable('fairlead_tries'), tries),
    ...(tries > 1
      ? [
          simple('resolver', resolver, 'valid=1h'),
          simple('resolver_timeout', seconds(settings.proxyConnectTimeoutSeconds)),
        ]
      : []),
    simple('proxy_connect_timeout', seconds(settings.proxyConnectTimeoutSeconds)),
    simple('proxy_timeout', seconds(timeoutSeconds)),
    simple('proxy_next_upstream', onOff(tries > 1)),
    simple('proxy_next_upstream_tries', tries),
    simple('proxy_next_upstream_timeout', seconds(triesSeconds)),
  ]
}

function accessLog({ paths, settings: { streams } }: FrameInput): readonly Directive[] {
  const log = streams.accessLog
  if (log === undefined) return [simple('access_log', 'off')]
  const escape = log.escape === 'default' ? [] : [`escape=${log.escape}`]
  return [
    simple('log_format', 'streams', ...escape, log.line === undefined ? LOG_LINE : lineOf(log.line)),
    simple(
      'access_log',
      paths.streamLog,
      'streams',
      `buffer=${size(log.bufferBytes)}`,
      `flush=${seconds(log.flushSeconds)}`,
    ),
  ]
}

function lineOf(parts: readonly TextPart[]): Argument {
  return parts.map((part) => (part.kind === 'text' ? part.text : { variable: part.name }))
}

/** LOGF-5. */
const LOG_LINE = withVariables`[${'remote_addr'}] [${'time_local'}] ${'protocol'} ${'status'} ${'bytes_sent'} ${'bytes_received'} ${'session_time'}`

/** Where the controller pushes. A message is smaller than this. */
const MESSAGE_BYTES = 256 * 1024

function controlServer({ sockets }: StreamFrame): Directive {
  return block(
    'server',
    [],
    [
      simple('listen', `unix:${sockets.control}`),
      simple('access_log', 'off'),
      simple('preread_buffer_size', size(MESSAGE_BYTES)),
      simple('js_preread', 'fairlead.control'),
      simple('return', variable('fairlead_reply')),
    ],
  )
}

function nameServer({ resolver }: StreamFrame): Directive {
  return block(
    'server',
    [],
    [
      simple('listen', resolver, 'udp'),
      simple('access_log', 'off'),
      simple('js_preread', 'fairlead.resolve'),
      simple('return', variable('fairlead_reply')),
    ],
  )
}

/** L4-1, L4-2. All datagrams of a client have to reach the same worker. */
function portServer(input: FrameInput, { protocol, port, fromProxy, toProxy }: StreamPort): Directive {
  const { settings } = input
  const options = protocol === 'udp' ? ['udp', ...(settings.reusePort ? ['reuseport'] : [])] : clientOptions(input)
  return block(
    'server',
    [],
    [
      ...listenOn(input, port, ...options, ...(fromProxy ? ['proxy_protocol'] : [])),
      simple('proxy_pass', variable('fairlead_service')),
      ...(protocol === 'udp' ? [simple('proxy_responses', settings.streams.responses)] : []),
      ...(fromProxy ? believe(input) : []),
      ...(toProxy ? [simple('proxy_protocol', 'on')] : []),
    ],
  )
}

/** Whom the PROXY header of a client is believed from. */
function believe({ settings: { clientAddress, streams } }: FrameInput): readonly Directive[] {
  return [
    ...clientAddress.trusted.map((cidr) => simple('set_real_ip_from', cidr)),
    simple('proxy_protocol_timeout', seconds(streams.proxyHeaderSeconds)),
  ]
}

/**
 * PT-2, PT-4. A connection is handed to the other server as it is, before anything was read from it: no second connection,
 * and the client's address is its own. Where njs has no answer, nobody gets the connection.
 */
function passthrough(input: FrameInput, { sockets }: StreamFrame): readonly Directive[] {
  const { listeners, settings } = input
  const { proxyProtocol } = settings.clientAddress
  const proxied: readonly string[] = proxyProtocol ? ['proxy_protocol'] : []
  const to = (socket: string): Argument => `unix:${socket}`
  return [
    map('fairlead_whose', 'fairlead_server', '', [
      ['tls', to(sockets.tls)],
      ['passed', to(sockets.passed)],
    ]),
    block(
      'server',
      [],
      [
        ...listenOn(input, listeners.httpsPort, ...clientOptions(input), ...proxied),
        simple('access_log', 'off'),
        ...(proxyProtocol ? [simple('proxy_protocol_timeout', seconds(settings.streams.proxyHeaderSeconds))] : []),
        simple('ssl_preread', 'on'),
        simple('preread_timeout', seconds(settings.clientHeaderTimeoutSeconds)),
        simple('pass', variable('fairlead_server')),
      ],
    ),
    block(
      'server',
      [],
      [
        simple('listen', to(sockets.passed)),
        simple('ssl_preread', 'on'),
        simple('proxy_pass', variable('fairlead_passed')),
        ...(proxyProtocol ? believe(input) : []),
      ],
    ),
  ]
}
