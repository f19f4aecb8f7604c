import type { Condition, Dimension, Figure } from '../analytics.js'
import type { Labels, OwnFigure } from './figures.js'

/** From the worst on (ack.md section 6). */
export const severities = ['critical', 'high', 'medium', 'low', 'report'] as const

export type Severity = (typeof severities)[number]

/** Of requests in the access log, or of the controller itself. */
export type RuleQuery =
  | {
      readonly source: 'log'
      readonly figure: Figure
      readonly filter: readonly Condition[]
      /** One series for each value of these. */
      readonly by: readonly Dimension[]
      readonly windowMilliseconds: number
      /** Requests in the window below which nothing is held against them. */
      readonly atLeast: number
    }
  | { readonly source: 'controller'; readonly figure: OwnFigure }

/** When a rule is looked at. */
export type Schedule =
  | { readonly kind: 'every'; readonly milliseconds: number }
  /** Five fields, in the time zone of the controller. */
  | { readonly kind: 'cron'; readonly pattern: string }

export interface Threshold {
  readonly side: 'above' | 'below'
  readonly value: number
}

/** How often something has to be so before it is told, and told again. */
export interface Timing {
  /** Looks in a row that have to find it. */
  readonly consecutive: number
  /** Looks in a row that have to find it gone. */
  readonly resolveAfter: number
  /** Absent: an incident is told once. */
  readonly notifyEveryMilliseconds?: number
}

export interface Rule {
  readonly name: string
  readonly description: string
  readonly query: RuleQuery
  readonly threshold: Threshold
  readonly schedule: Schedule
  readonly timing: Timing
  readonly severity: Severity
  readonly labels: Labels
  /** Names; absent: all. */
  readonly channels?: readonly string[]
}

export interface WebhookChannel {
  readonly kind: 'webhook'
  readonly name: string
  /** Either the URL, or a file that has it: a URL may be a secret itself. Files are names in a folder of secrets. */
  readonly url: { readonly kind: 'given'; readonly url: string } | { readonly kind: 'file'; readonly file: string }
  /** Key of the signature. */
  readonly secretFile?: string
  /** Certificates that the server is checked against, in PEM. */
  readonly caFile?: string
  /** How the body is written. */
  readonly format: 'json' | 'slack' | 'dingtalk'
}

export interface EmailChannel {
  readonly kind: 'email'
  readonly name: string
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'tls' | 'none'
  readonly login?: { readonly user: string; readonly passwordFile: string }
  readonly caFile?: string
  readonly from: string
  readonly to: readonly string[]
}

/** Kubernetes Events on the Pod of the controller. */
export interface EventChannel {
  readonly kind: 'event'
  readonly name: string
}

export type Channel = WebhookChannel | EmailChannel | EventChannel

/** Nothing is told of series that match, until it ends. */
export interface Silence {
  /** Label and pattern, in which `*` is any text; all have to match. `rule` and `severity` are labels as well. */
  readonly match: Labels
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
  readonly comment: string
}

/** What is wrong with a part of the file; the part is left out and everything else holds. */
export interface ConfigProblem {
  /** Such as `rule "slow checkout"`. */
  readonly subject: string
  /** A path such as `rules[2].window`. */
  readonly field: string
  /** What is wrong and what is allowed. */
  readonly message: string
  readonly line?: number
}

export interface AlertConfig {
  readonly rules: readonly Rule[]
  readonly channels: readonly Channel[]
  readonly silences: readonly Silence[]
  readonly problems: readonly ConfigProblem[]
  /** Of all rules that have a name, those that were left out too. */
  readonly names: ReadonlySet<string>
  /** The same of channels. */
  readonly channelNames: ReadonlySet<string>
}
