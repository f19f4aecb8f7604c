import type { Engine } from '../../src/apply/engine/engine.js'
import type { WorkerUser } from '../../src/apply/worker-user.js'
import type { Cleanup } from './cleanup.js'
import type { Cores } from './machine.js'

/** What all parts of the bench need. */
export interface Setting {
  readonly repository: string
  /** For everything that is written meanwhile; gone afterwards. */
  readonly folder: string
  readonly engine: Engine
  readonly user: WorkerUser | undefined
  readonly cores: Cores | undefined
  readonly tools: { readonly wrk: string; readonly h2load: string }
  /** Files of the certificate that all hosts share. */
  readonly certificate: {
    readonly file: string
    readonly keyFile: string
    readonly text: string
    readonly keyText: string
  }
  /** Files of the certificate that clients have where they are asked for one; it vouches for itself. */
  readonly client: { readonly file: string; readonly keyFile: string; readonly text: string; readonly keyText: string }
  readonly cleanup: Cleanup
  say(line: string): void
}

/** A command confined to the cores beside the proxy's. */
export function besideProxy({ cores }: Setting, command: readonly string[]): readonly string[] {
  return cores === undefined ? command : ['taskset', '-c', cores.others, ...command]
}
