import type { Labels } from './figures.js'
import type { SeriesState } from './machine.js'
import type { ConfigProblem, Severity } from './rule.js'

/** What the admin port answers about alerts: plain data, without secrets; texts of strangers in it are clean. */
export interface AlertsView {
  /** false: there is no `--alert-rules`. */
  readonly enabled: boolean
  /** `follows`: another replica tells. `undecided`: it is not known yet which one does. */
  readonly role: Role
  /** Why the file as it is now is not what holds; the rules before it do. */
  readonly fileProblem?: string
  readonly problems: readonly ConfigProblem[]
  readonly rules: readonly AlertRuleRow[]
  readonly channels: readonly AlertChannelRow[]
  readonly silences: readonly AlertSilenceRow[]
}

export type Role = 'leads' | 'follows' | 'undecided'

export interface AlertRuleRow {
  readonly name: string
  readonly description: string
  readonly severity: Severity
  /** Such as `serverErrorShare above 1 % (last 5m)`. */
  readonly condition: string
  /** The worst of its series. */
  readonly state: SeriesState['kind']
  /** Milliseconds since 1970. */
  readonly since?: number
  readonly lastLook?: number
  readonly lastTold?: number
  /** Why the last look could not be made. */
  readonly problem?: string
  /** The worst first. */
  readonly series: readonly AlertSeriesRow[]
  /** Series that are not among `series`. */
  readonly more: number
}

export interface AlertSeriesRow {
  readonly labels: Labels
  readonly state: SeriesState['kind']
  readonly since: number
  /** In words; absent: there was nothing to measure. */
  readonly value?: string
  /** Why nothing is told of it. */
  readonly silencedUntil?: number
}

export interface AlertChannelRow {
  readonly name: string
  readonly kind: 'webhook' | 'email' | 'event'
  /** Where to, without what may be secret. */
  readonly target: string
  readonly waiting: number
  readonly sent: number
  readonly failed: number
  readonly dropped: number
  readonly lastSent?: number
  readonly problem?: string
}

export interface AlertSilenceRow {
  readonly match: Labels
  readonly from: number
  readonly until: number
  readonly comment: string
  readonly state: 'in force' | 'to come' | 'over'
}

/** Without `--alert-rules`. */
export const noAlerts: AlertsView = {
  enabled: false,
  role: 'leads',
  problems: [],
  rules: [],
  channels: [],
  silences: [],
}
