import type { Attachment } from './attachment.js'
import type { HostDocument, UpstreamDocument } from './documents.js'

/** Reads documents by name: over shared memory in NGINX, over a Map in Node. */
export interface Table {
  /** The host of exactly this name. */
  host(name: string): HostDocument | undefined
  /** The wildcard host `*.parent`. */
  wildcard(parent: string): HostDocument | undefined
  /** The default server (`_`); undefined only before the first push. */
  defaultHost(): HostDocument | undefined
  upstream(key: string): UpstreamDocument | undefined
  attachment(key: string): Attachment | undefined
}
