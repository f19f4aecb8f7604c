import type { Engine } from '../../apply/engine/engine.js'
import type { StateFolder } from '../../apply/state-folder.js'
import type { findWorkerUser } from '../../apply/worker-user.js'
import { defaultFrameSettings, printFrame } from '../../frame/frame.js'
import type { FrameChoices } from '../../model/global-settings.js'
import type { ServeFlags } from './flags.js'

interface FrameParts {
  readonly flags: Pick<ServeFlags, 'httpPort' | 'httpsPort' | 'tableSize'>
  readonly folder: StateFolder
  readonly engine: Engine
  readonly user: ReturnType<typeof findWorkerUser>
  readonly format: string
  /** Folder of the compiled Lua. */
  readonly lua: string
  readonly ipv6: boolean
}

const MEGABYTE = 1024 * 1024

/** Joins what flags and machine say of the frame with what the ConfigMap says; the last text is kept, each pass asks for it. */
export function createFramePrinter(parts: FrameParts): (choices: FrameChoices, generation: number) => string {
  let last: { readonly choices: FrameChoices; readonly generation: number; readonly text: string } | undefined
  return (choices, generation) => {
    if (last?.choices !== choices || last.generation !== generation)
      last = { choices, generation, text: print(parts, choices, generation) }
    return last.text
  }
}

function print(
  { flags, folder, engine, user, format, lua, ipv6 }: FrameParts,
  choices: FrameChoices,
  generation: number,
): string {
  return printFrame({
    engine,
    paths: {
      pid: folder.pid,
      errorLog: folder.errorLog,
      accessLog: folder.accessLog,
      controlSocket: folder.controlSocket,
      temporary: folder.temporary,
      snapshot: folder.snapshot,
      lua,
      fallbackCertificate: folder.fallbackCertificate,
      fallbackKey: folder.fallbackKey,
    },
    listeners: { httpPort: flags.httpPort, httpsPort: flags.httpsPort, ipv4: true, ipv6 },
    user: user === undefined ? undefined : { name: user.name, group: user.group },
    workers: {
      processes: choices.workerProcesses ?? 'auto',
      shutdownTimeoutSeconds: choices.workerShutdownTimeoutSeconds ?? 240,
    },
    tableBytes: flags.tableSize * MEGABYTE,
    settings: {
      ...defaultFrameSettings,
      ...(choices.keepAliveSeconds === undefined ? {} : { keepAliveSeconds: choices.keepAliveSeconds }),
      ...(choices.keepAliveRequests === undefined ? {} : { keepAliveRequests: choices.keepAliveRequests }),
    },
    generation,
    format,
    profiles: [],
  })
}
