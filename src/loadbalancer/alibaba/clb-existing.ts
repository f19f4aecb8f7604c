import type { ClbProtocol } from './clb-listeners.js'
import type { FoundServer } from './servers.js'

/** What there is of CLB for a Service. */
export interface ClbExisting {
  readonly cloud: 'clb'
  /** undefined: none was found. */
  readonly balancer: Balancer | undefined
  /** How it was found. */
  readonly by: 'id' | 'tag' | 'tag of the cloud controller'
  /** Ids, where more than one instance has our tags. */
  readonly several: readonly string[]
  /** An instance with our tags beside one that an annotation names. */
  readonly own: string | undefined
  /** An instance of the user that the Service was with before: its label names it, and annotations do not any more. */
  readonly former: Balancer | undefined
  /** Address of the EIP that is bound to the instance; only looked up where a Service asks for it. */
  readonly eip: string | undefined
}

export interface Balancer {
  readonly id: string
  readonly address: string
  /** By the names of the API. */
  readonly fields: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly groups: readonly Group[]
  readonly listeners: readonly Listener[]
}

export interface Group {
  readonly id: string
  readonly name: string
  /** Read only of groups that matter for the Service. */
  readonly servers: readonly FoundServer[]
}

export interface Listener {
  readonly protocol: ClbProtocol
  readonly port: number
  readonly status: string
  readonly description: string
  /** Id; '' for one that redirects. */
  readonly group: string
  /** By the names of the API in lower case: its actions do not agree about capitals. */
  readonly settings: Readonly<Record<string, string>>
  /** Of an https listener: id of the extension and certificate by server name. */
  readonly domains: Readonly<Record<string, { readonly id: string; readonly certificate: string }>>
}
