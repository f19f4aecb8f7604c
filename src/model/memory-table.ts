import type { Attachment } from './attachment.js'
import type { Document, HostDocument, NamesDocument, UpstreamDocument } from './documents.js'
import { attachmentKey, DEFAULT_HOST, hostKey, NAMES_KEY, patternHostKey, upstreamKey, wildcardKey } from './keys.js'
import type { Table } from './table.js'

/** A table over documents in memory, for `explain` and tests; keys as in `keys.ts`. */
export function createMemoryTable(documents: Pick<ReadonlyMap<string, Document>, 'get'>): Table {
  // The key says which kind of document it names.
  const host = (key: string): HostDocument | undefined => documents.get(key) as HostDocument | undefined
  return {
    host: (name) => host(hostKey(name)),
    wildcard: (parent) => host(wildcardKey(parent)),
    defaultHost: () => host(hostKey(DEFAULT_HOST)),
    attachment: (key) => documents.get(attachmentKey(key)) as Attachment | undefined,
    names: () => documents.get(NAMES_KEY) as NamesDocument | undefined,
    patternHost: (name) => host(patternHostKey(name)),
    upstream: (key) => documents.get(upstreamKey(key)) as UpstreamDocument | undefined,
  }
}
