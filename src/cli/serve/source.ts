import { resolve } from 'node:path'
import type { Source } from '../../controller/controller.js'
import { createFilesSource } from '../../sources/files/index.js'
import type { Log } from '../log.js'
import type { ServeFlags } from './flags.js'
import { StartError } from './start-error.js'

export interface OpenSource extends Source {
  stop(): Promise<void>
}

/** Reads what is desired for the first time and follows it from then on. Throws a StartError. */
export async function openSource(flags: ServeFlags, log: Log, onChange: () => void): Promise<OpenSource> {
  if (flags.manifests === undefined) throw new StartError('Name a folder of manifests with --manifests.')
  const source = createFilesSource({ folder: resolve(flags.manifests), endpoints: flags.endpoints, log, onChange })
  const read = await source.start()
  if (!read.ok) throw new StartError(`${read.message}. Name a folder of manifests with --manifests.`)
  return source
}
