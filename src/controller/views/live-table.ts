import type { Document } from '../../model/documents.js'
import type { Documents } from '../../translate/explain.js'
import { encode, type Encoded } from '../../plan/encode.js'
import { digestBytes } from '../../apply/digest.js'

/** The documents that NGINX has, and which of those that were looked at are older than what is desired. */
export interface LiveTable extends Documents {
  behind(): readonly string[]
}

/**
 * The table as NGINX has it. A document that is the desired one is that object itself, so that it is known where its routes
 * come from; another is read from what was pushed. `running`: see TableWriter.
 */
export function createLiveTable(desired: Documents, running: (key: string) => Encoded | undefined): LiveTable {
  const behind = new Set<string>()
  return {
    get(key) {
      const wanted = desired.get(key)
      const has = running(key)
      if (has === undefined) {
        if (wanted !== undefined) behind.add(key)
        return undefined
      }
      if (wanted !== undefined && encode(wanted, digestBytes).digest === has.digest) return wanted
      behind.add(key)
      // Of an NGINX that was taken over only digests are known, until it differs no more.
      return has.content === '' ? wanted : (JSON.parse(has.content) as Document) // our own encoding
    },
    behind: () => [...behind].sort(),
  }
}
