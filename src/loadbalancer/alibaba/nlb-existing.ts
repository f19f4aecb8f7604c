import type { FoundServer } from './servers.js'

type Strings = Readonly<Record<string, string>>

/** States of an instance that do not pass by themselves. */
export const DEAD_STATES: readonly string[] = ['CreateFailed', 'Inactive']

/** What there is of NLB for a Service. */
export interface NlbExisting {
  readonly cloud: 'nlb'
  /** undefined: none was found. */
  readonly balancer: NlbBalancer | undefined
  readonly by: 'id' | 'tag' | 'tag of the cloud controller'
  /** Ids, where more than one instance has our tags. */
  readonly several: readonly string[]
  /** An instance with our tags beside one that an annotation names. */
  readonly own: string | undefined
  /** An instance of the user that the Service was with before: its label names it, and annotations do not any more. */
  readonly former: NlbBalancer | undefined
  /**
   * Server groups with our tags, and those of the user that annotations name, or that listeners use where the Service
   * may have been in them before.
   */
  readonly groups: readonly ServerGroup[]
  /** Security groups with our tags, for source ranges; looked for where everything is compared. */
  readonly guards: readonly Guard[]
}

export interface Guard {
  readonly id: string
  readonly name: string
  readonly rules: readonly GuardRule[]
}

/** Who may come in, by which protocol and to which port whatsoever. */
export interface GuardRule {
  readonly policy: 'Accept' | 'Drop'
  readonly priority: string
  /** `10.0.0.0/8`. */
  readonly network: string
  /** '' before the cloud has said it. */
  readonly id: string
  /** It is about all protocols and ports; others are none of ours. */
  readonly isWhole: boolean
}

export interface NlbBalancer {
  readonly id: string
  /** `Active`: it can be changed. */
  readonly status: string
  readonly host: string
  /** By the names of the API, dotted. */
  readonly fields: Strings
  /** `zone:vswitch`, in order. */
  readonly zones: readonly string[]
  readonly securityGroups: readonly string[]
  readonly tags: Strings
  readonly listeners: readonly NlbListener[]
}

export interface ServerGroup {
  readonly id: string
  readonly name: string
  /** `Available`: it can be changed. */
  readonly status: string
  readonly isOurs: boolean
  /** By the names of the parameters, dotted. */
  readonly fields: Strings
  readonly servers: readonly FoundServer[]
}

export interface NlbListener {
  readonly id: string
  readonly protocol: string
  /** `443`, or `1000_2000`. */
  readonly port: string
  /** `Running` or `Stopped`: it can be changed. */
  readonly status: string
  readonly description: string
  readonly group: string
  /** By the names of the parameters, dotted. */
  readonly fields: Strings
  /** Further certificates. */
  readonly certificates: readonly string[]
}
