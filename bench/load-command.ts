import { deal, hostName } from './hosts.js'
import type { Generator, Workload } from './scenarios.js'

/** What one process of the load generator is to ask. */
export interface LoadTarget {
  readonly port: number
  readonly workload: Workload
  /** Numbers of the hosts that requests draw from. */
  readonly hosts: readonly number[]
  readonly seconds: number
  /** Number of the round: where a process can ask one host only, each round takes the next. */
  readonly round: number
  /** What every request carries, besides Host. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Where files of the generator may be written. */
  readonly folder: string
  /** Files of the certificate that clients have, and of its key. */
  readonly client: { readonly file: string; readonly keyFile: string }
}

export interface LoadCommand {
  readonly tool: 'wrk' | 'h2load' | 'tls-clients'
  readonly args: readonly string[]
  /** Script to be written before it starts. */
  readonly script?: { readonly path: string; readonly text: string }
  /** Where it writes a line for each request. */
  readonly log?: string
  /** Requests that may be cut off at the end and are no failures. */
  readonly underWay: number
}

/** The commands of one measurement; they run at the same time. */
export function loadCommands(target: LoadTarget): readonly LoadCommand[] {
  const { generator } = target.workload
  return deal(target.hosts, generator.processes).map((share, process) => {
    switch (generator.tool) {
      case 'wrk':
        return wrk(target, share, process, generator)
      case 'h2load':
        return h2load(target, share, process, generator)
      case 'h2load-connections':
        return newConnections(target, share, generator.rate / generator.processes)
      case 'tls-clients':
        return tlsClients(target, share, generator.connections)
    }
  })
}

type Wrk = Extract<Generator, { readonly tool: 'wrk' }>
type H2load = Extract<Generator, { readonly tool: 'h2load' }>

function wrk(target: LoadTarget, share: readonly number[], process: number, { connections, close }: Wrk): LoadCommand {
  const path = `${target.folder}/wrk-${process}.lua`
  const url = `${target.workload.scheme}://${hostOf(share, target.round)}:${target.port}/`
  return {
    tool: 'wrk',
    args: ['-t', '1', '-c', String(connections), '-d', wholeSeconds(target.seconds), '-s', path, url],
    script: { path, text: wrkScript(share.map(hostName), close, target.headers) },
    underWay: 0,
  }
}

/**
 * The name in the address goes into the TLS handshake and is looked up nowhere. All requests are made before the first one is
 * sent. The last line of the output is JSON.
 */
export function wrkScript(
  hosts: readonly string[],
  close: boolean,
  headers: Readonly<Record<string, string>> = {},
): string {
  const more = Object.entries(headers).map(([name, value]) => `, ["${name}"] = "${value}"`)
  return `local hosts = { ${hosts.map((host) => `"${host}"`).join(', ')} }
local requests = {}
function wrk.resolve(_, service) wrk.addrs = wrk.lookup("127.0.0.1", service) end
function init(args)
  for i, host in ipairs(hosts) do
    requests[i] = wrk.format("GET", "/", { Host = host${close ? ', Connection = "close"' : ''}${more.join('')} })
  end
end
function request() return requests[math.random(#requests)] end
function done(summary)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"microseconds":%d,"errors":%d,"refused":%d}\\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.timeout, e.status))
end
`
}

function h2load(target: LoadTarget, share: readonly number[], process: number, choices: H2load): LoadCommand {
  const { protocol, connections, streams, processes, rate, requests } = choices
  const log = `${target.folder}/h2load-${process}.log`
  const paced = rate === undefined ? [] : ['--rps', (rate / processes / connections).toFixed(2), `--log-file=${log}`]
  const until = requests === undefined ? ['-D', `${Math.round(target.seconds * 1000)}ms`] : ['-n', String(requests)]
  const counts = ['-c', String(connections), '-m', String(streams), ...until]
  return {
    tool: 'h2load',
    args: [...(protocol === 'h1' ? ['--h1'] : []), ...counts, ...paced, ...address(target, share)],
    ...(rate === undefined ? {} : { log }),
    underWay: requests === undefined ? connections * streams : 0,
  }
}

/** How often h2load opens its next few connections; by default all of a second at once. */
const PERIOD_MILLISECONDS = 20

/** As many clients as requests: each opens a connection, asks once and closes it. */
function newConnections(target: LoadTarget, share: readonly number[], rate: number): LoadCommand {
  const total = String(Math.max(1, Math.round(rate * target.seconds)))
  const each = String(Math.max(1, Math.round((rate * PERIOD_MILLISECONDS) / 1000)))
  const counts = ['-n', total, '-c', total, '-r', each, `--rate-period=${PERIOD_MILLISECONDS}ms`]
  return { tool: 'h2load', args: ['--h1', ...counts, ...address(target, share)], underWay: 0 }
}

function tlsClients({ port, seconds, round, client }: LoadTarget, share: readonly number[], connections: number) {
  const args = [port, hostOf(share, round), connections, seconds, client.file, client.keyFile].map(String)
  return { tool: 'tls-clients', args, underWay: 0 } as const
}

/** h2load asks one host only. Without a port in the address there is none in the Host header. */
function address({ port, workload, round, headers = {} }: LoadTarget, share: readonly number[]): readonly string[] {
  const more = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  return [...more, '--connect-to', `127.0.0.1:${port}`, `${workload.scheme}://${hostOf(share, round)}/`]
}

function hostOf(share: readonly number[], round: number): string {
  return hostName(share[round % share.length] ?? 0)
}

/** wrk knows whole seconds only. */
function wholeSeconds(seconds: number): string {
  return `${Math.max(1, Math.round(seconds))}s`
}
