import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { FrameChoices } from '../model/global-settings.js'
import { type StreamPort, streamKey } from '../model/streams.js'
import { createProblem } from '../problems/create.js'
import type { ObjectRef, Problem } from '../problems/problem.js'

/** Which ports NGINX can be told to listen on. */
export interface StreamPortJudge {
  /**
   * Those that it has, or that are free, and a problem for each other one: NGINX refuses a whole frame for one port that
   * it cannot have. Lists that are equal are the same list.
   */
  judge(
    ports: readonly StreamPort[],
    frame: Pick<FrameChoices, 'addresses' | 'ipv6'>,
  ): Promise<{ readonly usable: readonly StreamPort[]; readonly problems: readonly Problem[] }>
}

export interface StreamPortJudgeOptions {
  /** Ports that NGINX has, as `streamKey` has them. */
  readonly running: () => ReadonlySet<string>
  /** Whether this machine can listen on IPv6. */
  readonly hasIpv6: boolean
  /** Which object declares a port. */
  readonly about: (port: StreamPort) => ObjectRef
}

export function createStreamPortJudge({ running, hasIpv6, about }: StreamPortJudgeOptions): StreamPortJudge {
  let last: readonly StreamPort[] = []
  return {
    async judge(ports, frame) {
      if (ports.length === 0) return { usable: ports, problems: [] }
      const hosts = hostsOf(frame, hasIpv6)
      const has = running()
      const problems: Problem[] = []
      const usable: StreamPort[] = []
      for (const port of ports) {
        const reason = has.has(streamKey(port)) ? undefined : await tryHosts(port, hosts)
        if (reason === undefined) usable.push(port)
        else problems.push(unavailable(port, about(port), reason))
      }
      if (usable.length !== last.length || usable.some((port, i) => port !== last[i])) last = usable
      return { usable: last, problems }
    },
  }
}

function unavailable({ protocol, port }: StreamPort, about: ObjectRef, reason: string): Problem {
  const message = `NGINX cannot listen on ${protocol.toUpperCase()} port ${port}: ${whyRefused(reason)}. The port is opened when that is over.`
  return createProblem('stream/port-unavailable', about, `data["${port}"]`, message)
}

/** @param reason code of the error */
export function whyRefused(reason: string): string {
  if (reason === 'EADDRINUSE') return 'another process has it'
  return reason === 'EACCES' ? 'it needs more rights than Fairlead has' : reason
}

/** Addresses that a frame listens on. */
export function hostsOf(
  { addresses, ipv6 = true }: Pick<FrameChoices, 'addresses' | 'ipv6'>,
  hasIpv6: boolean,
): readonly string[] {
  return addresses ?? ['0.0.0.0', ...(hasIpv6 && ipv6 ? ['::'] : [])]
}

async function tryHosts({ protocol, port }: StreamPort, hosts: readonly string[]): Promise<string | undefined> {
  for (const host of hosts) {
    const reason = protocol === 'tcp' ? await tryTcp(host, port) : await tryUdp(host, port)
    if (reason !== undefined) return reason
  }
  return undefined
}

function tryTcp(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ port, host, ipv6Only: true }, () => server.close(() => resolve(undefined)))
  })
}

/** Whether a UDP port can be had; gives the code of the error if not. */
export function tryUdp(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = host.includes(':') ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4')
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close()
      resolve(error.code ?? error.message)
    })
    socket.bind(port, host, () => socket.close(() => resolve(undefined)))
  })
}
