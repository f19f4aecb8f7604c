import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { Option, type Command } from 'commander'
import { findEngine } from '../apply/engine/find.js'
import { createNeighbours } from '../apply/engine/neighbours.js'
import { systemClock } from '../kubernetes/clock.js'
import { findAccess } from '../kubernetes/find-access.js'
import { createKubernetesClient } from '../kubernetes/http-client.js'
import { electionIdentity } from '../kubernetes/leader-election.js'
import { createAnnouncer } from '../loadbalancer/announce/announcer.js'
import { readLinks } from '../loadbalancer/announce/links.js'
import { addApiServerFlags } from './api-server-flags.js'
import { createLog } from './log.js'
import { openWithoutBlocking } from './output.js'
import { waitForStop } from './serve/signals.js'

interface AnnounceFlags {
  readonly node?: string
  readonly interface: string
  readonly kubeconfig: string
  readonly apiserverHost: string
  readonly certificateAuthority: string
  readonly nginx?: string
  readonly logFormat?: 'text' | 'json'
}

/** The agent of a node for `mode: layer2`: a DaemonSet on the host's network, with CAP_NET_RAW. */
export function addAnnounce(program: Command): void {
  const command = program
    .command('announce')
    .description(
      'answer ARP and neighbour discovery for the addresses of Services (--loadbalancer addresses, mode layer2)',
    )
    .option('--node <name>', 'the name of the Node that this runs on (default: NODE_NAME of the environment)')
    .option('--interface <name>', 'where to answer (default: the interface in whose network an address is)', '')
  addApiServerFlags(command)
    .option('--nginx <path>', 'NGINX with the Lua module, or a folder made by engine/fetch (also FAIRLEAD_NGINX)')
    .addOption(new Option('--log-format <format>', 'form of the log on standard error').choices(['text', 'json']))
    .action(announce)
}

async function announce(flags: AnnounceFlags): Promise<void> {
  const node = flags.node ?? process.env['NODE_NAME'] ?? ''
  if (node === '') return fail('The Node is not known; give --node, or NODE_NAME from fieldRef spec.nodeName.')
  const found = findAccess(flags, { environment: process.env })
  if (!found.ok) return fail(found.message)
  const engine = await findEngine({ explicit: flags.nginx })
  if (!engine.ok) return fail(engine.message)
  const log = createLog(openWithoutBlocking(2), flags.logFormat ?? (process.stderr.isTTY ? 'text' : 'json'), false)
  const client = createKubernetesClient(found.access)
  const { POD_NAME, POD_NAMESPACE } = process.env
  const announcer = createAnnouncer({
    client,
    neighbours: createNeighbours(engine.engine),
    node,
    namespace: POD_NAMESPACE ?? found.access.namespace,
    identity: electionIdentity(POD_NAME ?? node, hostname(), randomBytes(4).toString('hex')),
    links: readLinks,
    interfaceName: flags.interface,
    clock: systemClock,
    log,
  })
  const stopAsked = waitForStop(log)
  announcer.start()
  log('info', `answering for addresses as the node ${node}`)
  await stopAsked
  await announcer.stop()
  await client.close()
  log('info', 'stopped')
  process.exit(0)
}

function fail(message: string): void {
  process.stderr.write(`fairlead: ${message}\n`)
  process.exitCode = 2
}
