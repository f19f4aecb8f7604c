import type { Engine } from '../../apply/engine/engine.js'
import { framePaths, type StateFolder } from '../../apply/state-folder.js'
import type { findWorkerUser } from '../../apply/worker-user.js'
import { defaultFrameSettings, printFrame } from '../../frame/frame.js'
import type { FrameChoices } from '../../model/global-settings.js'
import type { RequestMetrics } from '../../model/request-metrics.js'
import type { Profile } from '../../nginx/profile.js'
import type { FrameInput } from '../../frame/input.js'
import type { ServeFlags } from './flags.js'
import type { StreamParts } from './streams.js'

interface FrameParts {
  readonly flags: Pick<ServeFlags, 'httpPort' | 'httpsPort' | 'tableSize' | 'enableSslPassthrough'>
  readonly folder: StateFolder
  readonly engine: Engine
  readonly user: ReturnType<typeof findWorkerUser>
  readonly format: string
  /** Folder of the compiled Lua. */
  readonly lua: string
  readonly ipv6: boolean
  /** What is counted of requests; absent: nothing. */
  readonly metrics?: RequestMetrics | undefined
  /** Absent: no TCP, UDP and passthrough. */
  readonly streams?: StreamParts & { readonly script: string }
}

const MEGABYTE = 1024 * 1024

/** The frame for what the ConfigMap says, with a number and with these profiles. */
export type FramePrinter = (choices: FrameChoices, generation: number, profiles: readonly Profile[]) => string

/**
 * Joins what flags and machine say of the frame with what the ConfigMap says; the last text is kept, each pass asks for
 * it.
 */
export function createFramePrinter(parts: FrameParts): FramePrinter {
  let last: { readonly asked: Parameters<FramePrinter>; readonly text: string } | undefined
  return (...asked) => {
    if (last === undefined || !asked.every((one, i) => one === last?.asked[i]))
      last = { asked, text: print(parts, asked) }
    return last.text
  }
}

function print(parts: FrameParts, [choices, generation, profiles]: Parameters<FramePrinter>): string {
  const { flags, folder, engine, user, format, lua, ipv6, metrics } = parts
  return printFrame({
    engine,
    paths: {
      ...framePaths(folder),
      lua,
      fallbackCertificate: folder.fallbackCertificate,
      fallbackKey: folder.fallbackKey,
      quicKey: folder.quicKey,
    },
    listeners: {
      httpPort: flags.httpPort,
      httpsPort: flags.httpsPort,
      ipv4: true,
      ipv6: ipv6 && choices.ipv6 !== false,
      ...(choices.addresses === undefined ? {} : { addresses: choices.addresses }),
    },
    user: user === undefined ? undefined : { name: user.name, group: user.group },
    workers: {
      processes: choices.workerProcesses ?? 'auto',
      shutdownTimeoutSeconds: choices.workerShutdownTimeoutSeconds ?? 240,
      ...(choices.workerOpenFiles === undefined ? {} : { openFiles: choices.workerOpenFiles }),
    },
    tableBytes: flags.tableSize * MEGABYTE,
    settings: { ...defaultFrameSettings, ...choices },
    generation,
    format,
    profiles,
    ...(metrics === undefined ? {} : { metrics }),
    ...streamsOf(parts, choices),
  })
}

/** Who uses none of it pays nothing: neither a module nor a block. */
function streamsOf(
  { flags, folder, engine, streams }: FrameParts,
  { streamPorts = [] }: FrameChoices,
): Pick<FrameInput, 'streams'> {
  const passthrough = flags.enableSslPassthrough === true && engine.facts.streamPass
  if (streams === undefined || (streamPorts.length === 0 && !passthrough)) return {}
  const { first, ...sockets } = folder.streams
  return { streams: { ...streams, first, sockets, ports: streamPorts, passthrough } }
}
