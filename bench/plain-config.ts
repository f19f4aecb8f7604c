import { LABEL } from '../src/frame/access-log.js'
import { catchAllServers } from '../src/frame/server.js'
import { httpBlock } from '../src/frame/http.js'
import type { FrameInput } from '../src/frame/input.js'
import { requestHeaders, setHeaders } from '../src/frame/request-headers.js'
import { block, simple, variable, type Argument, type Directive } from '../src/nginx/directive.js'
import { printConfig } from '../src/nginx/print.js'
import { seconds } from '../src/nginx/units.js'
import { appName, endpointAddresses, hostName, upstreamName } from './hosts.js'

export interface PlainChoices {
  /** Number of hosts; each is two servers (HTTP, HTTPS) and an upstream. */
  readonly hosts: number
  readonly backendPort: number
  /** Files of the certificate and key of a host. */
  readonly certificate: (index: number) => string
  readonly key: (index: number) => string
}

/**
 * nginx.conf of a plain NGINX that does the work of Fairlead with static servers and upstreams.
 *
 * It is the frame itself without its Lua, so that log, TLS, buffers, time limits and request headers are the same because
 * they are the same nodes. Where there is a choice it takes what is best for plain NGINX: common directives stand once in
 * `http`, and a hash large enough for all names.
 */
export function plainConfig(input: FrameInput, choices: PlainChoices): string {
  const indexes = Array.from({ length: choices.hosts }, (_, i) => i)
  return printConfig([
    ...main(input),
    block(
      'http',
      [],
      [
        ...common(input),
        simple('server_names_hash_max_size', Math.max(512, choices.hosts * 8)),
        simple('server_names_hash_bucket_size', 128),
        ...indexes.map((index) => upstream(index, choices)),
        ...indexes.flatMap((index) => servers(index, input, choices)),
      ],
    ),
  ])
}

/** What Fairlead's edge adds by default on TLS connections (HTTPS-2). */
export const HSTS = 'max-age=31536000; includeSubDomains'

/** Lua's own pool of idle connections keeps them for 60 s and 10,000 requests (src/edge/balance.ts). */
const POOL = { connections: 320, idleSeconds: 60, requests: 10_000 }

function main({ paths, settings, user, workers }: FrameInput): readonly Directive[] {
  return [
    simple('daemon', 'off'),
    ...(user === undefined ? [] : [simple('user', user.name, user.group)]),
    simple('worker_processes', workers.processes),
    simple('pid', paths.pid),
    simple('error_log', paths.errorLog, settings.errorLogLevel),
    block('events', [], [simple('worker_connections', settings.workerConnections), simple('multi_accept', 'on')]),
  ]
}

/** The frame's `http` block and default location without what is Lua's. */
function common(input: FrameInput): readonly Directive[] {
  const location = catchAllServers(input)
    .flatMap(inside)
    .find(({ name, args }) => name === 'location' && args[1] === '/')
  const kept = inside(httpBlock(input)).filter(({ name, args }) => !isLua(name) && !isLuaOnly(name, args))
  const proxying = location === undefined ? [] : inside(location).filter(({ name }) => !replaced.has(name))
  // Scheme and port in variables: as texts they would be 10,000 copies of the list, which is not cheaper
  // (docs/benchmarks.md).
  const headers = setHeaders(requestHeaders(input.settings))
  const used = [...kept, simple('http2', 'on'), ...proxying.filter(({ name }) => !isLua(name)), ...headers]
  return used.map(withoutLuaVariables)
}

const replaced = new Set<string>(['set', 'proxy_pass', 'proxy_set_header'])

function isLua(name: string): boolean {
  return name.startsWith('lua_') || name.endsWith('_by_lua_block')
}

function isLuaOnly(name: string, args: readonly Argument[]): boolean {
  if (name === 'server' || name === 'upstream') return true
  if (name === 'log_format' && args[0] === 'written_by_lua') return true
  return name === 'map' && luaOnlyMaps.some((made) => namesVariable(args[1], made))
}

/** What only Lua gives another value than the one it begins with. */
const luaOnlyMaps = [LABEL, 'proxy_upstream_name', 'upstream_host', 'backend_host', 'asked', 'unlimited_bytes']

function namesVariable(argument: Argument | undefined, name: string): boolean {
  return Array.isArray(argument) && argument.some((part) => typeof part !== 'string' && part.variable === name)
}

/** Whether a request is logged is Lua's to say. */
function isCondition(argument: Argument): boolean {
  return Array.isArray(argument) && argument[0] === 'if='
}

/** Variables that Lua writes, by what stands for them here. */
const standIns: Readonly<Record<string, Argument>> = {
  upstream_host: variable('http_host'),
  backend_host: variable('http_host'),
  proxy_alternative_upstream_name: '',
}

function withoutLuaVariables(directive: Directive): Directive {
  const { block: content } = directive
  const args = directive.args.filter((argument) => !isCondition(argument)).map(withStandIns)
  if (content === undefined || !('cases' in content)) return { ...directive, args }
  const cases = content.cases.map(([from, to]) => [from, withStandIns(to)] as const)
  return { ...directive, args, block: { ...content, cases } }
}

function withStandIns(argument: Argument): Argument {
  if (typeof argument === 'string' || typeof argument === 'number') return argument
  return argument.flatMap((part) => {
    const standIn = typeof part === 'string' ? undefined : standIns[part.variable]
    if (standIn === undefined) return [part]
    return typeof standIn === 'object' ? standIn : standIn === '' ? [] : [String(standIn)]
  })
}

function upstream(index: number, { backendPort }: PlainChoices): Directive {
  return block(
    'upstream',
    [appName(index)],
    [
      ...endpointAddresses(index).map((address) => simple('server', `${address}:${backendPort}`)),
      simple('keepalive', POOL.connections),
      simple('keepalive_timeout', seconds(POOL.idleSeconds)),
      simple('keepalive_requests', POOL.requests),
    ],
  )
}

function servers(index: number, { listeners, settings }: FrameInput, choices: PlainChoices): readonly Directive[] {
  const first = index === 0 ? ['default_server', ...(settings.reusePort ? ['reuseport'] : []), 'backlog=4096'] : []
  const location = block(
    'location',
    ['/'],
    [simple('set', variable(LABEL), upstreamName(index)), simple('proxy_pass', `http://${appName(index)}`)],
  )
  const named = simple('server_name', hostName(index))
  return [
    block('server', [], [simple('listen', String(listeners.httpPort), ...first), named, location]),
    block(
      'server',
      [],
      [
        simple('listen', String(listeners.httpsPort), 'ssl', ...first),
        named,
        simple('ssl_certificate', choices.certificate(index)),
        simple('ssl_certificate_key', choices.key(index)),
        simple('add_header', 'Strict-Transport-Security', HSTS, 'always'),
        location,
      ],
    ),
  ]
}

function inside({ block: content }: Directive): readonly Directive[] {
  return content !== undefined && !('lua' in content) && !('cases' in content) ? content : []
}
