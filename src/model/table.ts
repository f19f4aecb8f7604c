import type { Attachment } from './attachment.js'
import type { HostDocument, NamesDocument, UpstreamDocument } from './documents.js'

/** Reads documents by name: over shared memory in NGINX, over a Map in Node. */
export interface Table {
  /** The host of exactly this name. */
  host(name: string): HostDocument | undefined
  /** The wildcard host `*.parent`. */
  wildcard(parent: string): HostDocument | undefined
  /** The default server (`_`); undefined only before the first push. */
  defaultHost(): HostDocument | undefined
  /** Patterns of host names; undefined where there are none. */
  names(): NamesDocument | undefined
  /** The host of this name, as it answers to names that match a pattern of it. */
  patternHost(host: string): HostDocument | undefined
  upstream(key: string): UpstreamDocument | undefined
  attachment(key: string): Attachment | undefined
}
