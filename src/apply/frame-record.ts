import { readFileSync } from 'node:fs'
import { replaceFile } from '../disk/replace-file.js'
import type { Profile } from '../nginx/profile.js'
import { reasonOf } from './state-folder.js'

/** Which frame the NGINX of a state folder was last told to run. */
export interface FrameRecord {
  readonly generation: number
  readonly format: string
  readonly profiles: readonly Profile[]
  /** Names of those that every worker has. */
  readonly ready: readonly string[]
  /** Texts of the keys of the ConfigMap that it was made with. */
  readonly keys: readonly (readonly [name: string, text: string])[]
}

/** One that an older version wrote has no profiles, or no keys. */
export function readFrameRecord(path: string): FrameRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof record !== 'object' || record === null) return undefined
    const { generation, format, profiles = [], ready = [], keys = [] } = record as Record<string, unknown> // checked on the next lines
    if (typeof generation !== 'number' || typeof format !== 'string') return undefined
    if (!Array.isArray(profiles) || !Array.isArray(ready) || !Array.isArray(keys)) return undefined
    // Written by ourselves, into a folder that nobody else writes.
    return {
      generation,
      format,
      profiles: profiles as FrameRecord['profiles'],
      ready: ready as FrameRecord['ready'],
      keys: keys as FrameRecord['keys'],
    }
  } catch {
    return undefined
  }
}

/**
 * Whole or as before: who is killed while it is written must find again what NGINX runs. Where it cannot be written,
 * gives why: NGINX has its frame all the same, and with the record of an older one the next controller reloads once
 * more.
 */
export function writeFrameRecord(path: string, record: FrameRecord): string | undefined {
  try {
    replaceFile(path, `${JSON.stringify(record)}\n`)
    return undefined
  } catch (cause) {
    return reasonOf(cause)
  }
}
