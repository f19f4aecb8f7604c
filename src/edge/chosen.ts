import type { ClientCertificateAttachment } from '../model/attachment.js'
import type { HostDocument, Route } from '../model/documents.js'
import type { Passage } from '../request/passage.js'
import type { LiveUpstream } from './table.js'

/**
 * What a request carries from its route to the balancer and the header filter, in `ngx.ctx`; usual ones do without
 * (`carried.ts`).
 */
export interface Chosen {
  /** The one that was decided for; after a try that failed, what the table has of it by then. */
  upstream: LiveUpstream
  pool: string
  readonly route: Route
  /** For the count of requests, and for names of it. */
  readonly host?: HostDocument | undefined
  /** There is one where the route or its upstream has features. */
  readonly passage?: Passage | undefined
  /** Of the route, at which a plain request need not look for it. */
  readonly profile?: string | undefined
  /** Which family answered. */
  readonly by?: string
  /** The backend gets another Host header than the client sent, or a word about the connection. */
  hasOwnHeaders?: boolean
  /** What the backend is shown. */
  client?: ClientCertificateAttachment
  /** Set by the balancer: which endpoint this request was sent to last, and how far away from it the next try is. */
  index?: number | undefined
  stride?: number
  /** Set by the balancer: the try before reached nobody; how many tries were added for such. */
  uncounted?: boolean
  more?: number
  /** Set by the balancer where features choose the endpoint: positions that failed. */
  failed?: number[]
  /**
   * Set by the balancer: when the first try was (milliseconds; 0: tries have no limit of time), and the status of the
   * last one where there was no time for another.
   */
  since?: number
  endedWith?: number | undefined
}
