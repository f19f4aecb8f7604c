import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { Engine } from '../../apply/engine/engine.js'
import { loadsStreams } from '../../apply/engine/stream-probe.js'
import type { NginxProcess } from '../../apply/nginx-process.js'
import { tryUdp } from '../../controller/stream-ports.js'
import { defaultStateFolder } from '../flags.js'
import type { ServeFlags } from './flags.js'
import { StartError } from './start-error.js'

/** What the frame needs to know of TCP, UDP and TLS passthrough. */
export interface StreamParts {
  readonly modules: readonly string[]
  /** Address and port on this machine. */
  readonly resolver: string
}

/** Whether flags ask for TCP, UDP or passthrough and NGINX can do it; undefined otherwise. Throws a StartError. */
export async function prepareStreams(
  flags: ServeFlags,
  engine: Engine,
  nginx: Pick<NginxProcess, 'isServing'>,
): Promise<StreamParts | undefined> {
  const { tcpServicesConfigmap, udpServicesConfigmap, enableSslPassthrough, streamPort } = flags
  const isAsked = tcpServicesConfigmap !== '' || udpServicesConfigmap !== '' || enableSslPassthrough === true
  if (!isAsked || !(await loadsStreams(engine))) return undefined
  const address = loopbackAddress(resolve(flags.stateDir ?? defaultStateFolder(flags.httpPort)))
  const reason = nginx.isServing() ? undefined : await tryUdp(address, streamPort)
  if (reason !== undefined)
    throw new StartError(
      `UDP port ${streamPort} of ${address}, asked for by --stream-port, cannot be used (${reason}). Choose another.`,
    )
  return { modules: engine.streamModules ?? [], resolver: `${address}:${streamPort}` }
}

/** One of 127.0.0.0/8 for each state folder, so that several on one machine do not meet. */
function loopbackAddress(folder: string): string {
  const [a = 0, b = 0, c = 0] = createHash('sha256').update(folder).digest()
  return `127.${64 + (a % 128)}.${b}.${1 + (c % 254)}`
}
