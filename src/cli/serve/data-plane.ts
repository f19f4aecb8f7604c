import { resolve } from 'node:path'
import { createApplier, type Applier } from '../../apply/applier.js'
import { createControlClient, type ControlClient } from '../../apply/control-client.js'
import type { Happening } from '../../apply/frame-change.js'
import type { Engine } from '../../apply/engine/engine.js'
import { tryFirewall } from '../../apply/engine/firewall.js'
import { findEngine } from '../../apply/engine/find.js'
import { lockStateFolder } from '../../apply/lock.js'
import { luaForWorkers } from '../../apply/lua-for-workers.js'
import { formatOf } from '../../apply/lua-format.js'
import { createNginxProcess, type NginxProcess } from '../../apply/nginx-process.js'
import {
  prepareStateFolder,
  reasonOf,
  stateFolderAt,
  type StateFolder,
  UNWRITTEN_WAY_OUT,
} from '../../apply/state-folder.js'
import { hasQuic, keepQuicKey } from '../../apply/quic-key.js'
import { countPushes, type PushCount } from '../../apply/push-count.js'
import { createStreamWriter } from '../../apply/stream-writer.js'
import { createTableWriter, type TableWriter } from '../../apply/table-writer.js'
import { runningStreamPorts, withStreams } from '../../apply/with-streams.js'
import { findWorkerUser } from '../../apply/worker-user.js'
import { programFile } from '../../disk/program-folder.js'
import { keepFallbackCertificate } from '../../controller/fallback-certificate.js'
import { findBusyPort, hasIpv6 } from '../../controller/ports.js'
import type { KeyPair } from '../../controller/self-signed.js'
import { createQuicPortJudge, type QuicPortJudge } from '../../controller/quic-port.js'
import { createStreamPortJudge, type StreamPortJudge } from '../../controller/stream-ports.js'
import type { CertificateDocument } from '../../model/documents.js'
import { defaultStateFolder } from '../flags.js'
import type { RequestMetrics } from '../../model/request-metrics.js'
import type { ObjectRef } from '../../problems/problem.js'
import type { StreamAbilities, TranslateOptions } from '../../translate/options.js'
import type { Log } from '../log.js'
import type { ServeFlags } from './flags.js'
import { createFramePrinter, type FramePrinter } from './frame-printer.js'
import { requestMetricsOf } from './metrics-flags.js'
import { refuse, StartError } from './start-error.js'
import { prepareStreams } from './streams.js'

/** The NGINX of one state folder, and what drives it. */
export interface DataPlane {
  readonly engine: Engine
  /** What annotations may ask of it. */
  readonly engineAbilities: TranslateOptions['engine']
  readonly folder: StateFolder
  readonly nginx: NginxProcess
  readonly applier: Applier
  readonly table: TableWriter
  readonly client: ControlClient
  pushed(): PushCount
  /** What is counted of requests; undefined: nothing. */
  readonly metrics: RequestMetrics | undefined
  readonly fallbackCertificate: CertificateDocument
  readonly printFrame: FramePrinter
  /** What of TCP, UDP and TLS passthrough this NGINX can do, if flags ask for it. */
  readonly abilities: StreamAbilities
  readonly streamPorts: StreamPortJudge
  readonly quicPort: QuicPortJudge
  /** After NGINX has ended: the control connection and the state folder are free again. */
  release(): Promise<void>
}

const LUA = programFile('dist/lua')
const NJS = programFile('dist/streams/njs.js')

/** Finds the engine, takes the state folder and looks at the ports; NGINX is not started yet. Throws a StartError. */
export async function prepareDataPlane(
  flags: ServeFlags,
  log: Log,
  happened: (happening: Happening) => void,
): Promise<DataPlane> {
  const metrics = requestMetricsOf(flags)
  const found = await findEngine({ explicit: flags.nginx })
  if (!found.ok) throw new StartError(found.message)
  const { engine } = found
  const folder = stateFolderAt(resolve(flags.stateDir ?? defaultStateFolder(flags.httpPort)))
  const user = findWorkerUser()
  refuse(prepareStateFolder(folder, user))
  const lock = await lockStateFolder(folder.lockSocket)
  if (!lock.ok) throw new StartError(lock.message)

  const nginx = createNginxProcess(engine, folder)
  const wanted = [
    { flag: '--http-port', port: flags.httpPort },
    { flag: '--https-port', port: flags.httpsPort },
    { flag: '--healthz-port', port: flags.healthzPort },
    ...(flags.adminPort === undefined ? [] : [{ flag: '--admin-port', port: flags.adminPort }]),
  ]
  // An NGINX that is taken over has its ports already, and so have workers whose master was killed, until it is replaced.
  refuse(await findBusyPort(nginx.isServing() ? wanted.slice(2) : wanted))

  const ipv6 = await hasIpv6()
  const streams = await prepareStreams(flags, engine, nginx)
  const firewall = await tryFirewall(engine)
  const format = formatOf(LUA, NJS)
  const { places, problem } = luaForWorkers(folder, { lua: LUA, luaPackagePath: engine.luaPackagePath }, user)
  if (problem !== undefined) log('warn', problem)
  const client: ControlClient = createControlClient(folder.controlSocket, format)
  const { writer: table, pushed } = countPushes(createTableWriter(client, folder.snapshot, format))
  const fallback = keepKeys(folder)
  return {
    engine,
    engineAbilities: { ...engine.facts, firewall: firewall.ability },
    folder,
    nginx,
    table,
    applier: withStreams(
      createApplier({ folder, nginx, client, table, format, log, happened }),
      createStreamWriter(folder.streams),
      folder.frame,
    ),
    fallbackCertificate: { chain: fallback.certificate, key: fallback.key },
    client,
    pushed,
    metrics,
    printFrame: createFramePrinter({
      flags,
      folder,
      engine: { ...engine, firewall: firewall.files, luaPackagePath: places.luaPackagePath },
      user,
      format,
      lua: places.lua,
      ipv6,
      metrics,
      ...(streams === undefined ? {} : { streams: { ...streams, script: NJS } }),
    }),
    abilities: { streams: streams !== undefined, streamPass: engine.facts.streamPass },
    streamPorts: createStreamPortJudge({
      running: () => (nginx.isServing() ? runningStreamPorts(folder.frame) : NO_PORTS),
      hasIpv6: ipv6,
      about: ({ protocol }) =>
        configMapNamed(protocol === 'tcp' ? flags.tcpServicesConfigmap : flags.udpServicesConfigmap),
    }),
    quicPort: createQuicPortJudge({
      port: flags.httpsPort,
      isOpen: () => nginx.isServing() && hasQuic(folder.frame),
      hasIpv6: ipv6,
    }),
    async release() {
      await client.close()
      lock.release()
    },
  }
}

function keepKeys({ root, fallbackCertificate: certificate, fallbackKey: key, quicKey }: StateFolder): KeyPair {
  try {
    keepQuicKey(quicKey)
    return keepFallbackCertificate({ certificate, key }, Date.now())
  } catch (cause) {
    throw new StartError(`The state folder ${root} cannot be written (${reasonOf(cause)}); ${UNWRITTEN_WAY_OUT}.`)
  }
}

const NO_PORTS: ReadonlySet<string> = new Set()

function configMapNamed(key: string): ObjectRef {
  const [namespace = '', name = ''] = key.split('/')
  return { kind: 'ConfigMap', namespace, name }
}
