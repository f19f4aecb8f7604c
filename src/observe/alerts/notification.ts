import { createHash } from 'node:crypto'
import { printAmount, printDuration } from './amounts.js'
import { clean } from './clean.js'
import { unitOf, type Labels } from './figures.js'
import type { Tell } from './machine.js'
import type { Rule, Severity } from './rule.js'

/** What is sent of an incident. Texts in it are clean (clean.ts). */
export interface Notification {
  /** The same for every attempt; another one for each thing that is told. */
  readonly id: string
  readonly event: Tell | 'test'
  /** The same for everything that is told of an incident. */
  readonly incident: string
  readonly rule: string
  readonly severity: Severity
  readonly description: string
  /** Of the rule, and what the series is told apart by. */
  readonly labels: Labels
  readonly figure: string
  /** null: there was nothing to measure. */
  readonly value: number | null
  /** Such as `serverErrorShare is 12 %, above 1 % (last 5m)`. */
  readonly summary: string
  /** Milliseconds since 1970. */
  readonly since: number
  readonly at: number
  /** Of the controller that tells. */
  readonly instance: string
}

/** The notification of an incident that began at `since`. */
export function notificationOf(
  rule: Rule,
  series: { readonly labels: Labels; readonly value: number | null },
  { what, since }: { readonly what: Tell; readonly since: number },
  { now, instance }: { readonly now: number; readonly instance: string },
): Notification {
  const incident = digest([rule.name, JSON.stringify(series.labels), String(since), instance])
  return {
    id: digest([incident, what, String(now)]),
    event: what,
    incident,
    rule: rule.name,
    severity: rule.severity,
    description: rule.description,
    labels: cleanLabels([...rule.labels, ...series.labels]),
    figure: rule.query.figure,
    value: series.value,
    summary: summaryOf(rule, series.value),
    since,
    at: now,
    instance,
  }
}

/** To try channels with. */
export function testNotification(now: number, instance: string): Notification {
  const incident = digest(['test', String(now), instance])
  return {
    id: incident,
    event: 'test',
    incident,
    rule: 'test',
    severity: 'report',
    description: 'sent by fairlead alerts test',
    labels: [],
    figure: 'none',
    value: null,
    summary: 'This is a test of a channel; nothing is wrong.',
    since: now,
    at: now,
    instance,
  }
}

export function summaryOf({ query, threshold }: Rule, value: number | null): string {
  const unit = unitOf(query.figure)
  const is = value === null ? 'has nothing to measure' : `is ${printAmount(value, unit)}`
  const window = query.source === 'log' ? ` (last ${printDuration(query.windowMilliseconds)})` : ''
  return `${query.figure} ${is}; the rule says ${threshold.side} ${printAmount(threshold.value, unit)}${window}`
}

export function cleanLabels(labels: Labels): Labels {
  return labels.map(([name, text]) => [name, clean(text)])
}

/** One line, for subjects, events and chats. */
export function headlineOf({ event, severity, rule, labels }: Notification): string {
  const told = labels.map(([name, text]) => `${name}=${text}`).join(' ')
  return `[${event === 'firing' || event === 'reminder' ? severity : event}] ${rule}${told === '' ? '' : ` (${told})`}`
}

/** A few lines of plain text. */
export function bodyOf(notification: Notification): string {
  const { event, severity, description, summary, since, at, instance, labels, incident } = notification
  const lines = [
    headlineOf(notification),
    summary,
    '',
    ...(description === '' ? [] : [`what       ${description}`]),
    `event      ${event}`,
    `severity   ${severity}`,
    ...labels.map(([name, text]) => `${name.padEnd(10)} ${text}`),
    `since      ${new Date(since).toISOString()}`,
    `at         ${new Date(at).toISOString()}`,
    `told by    ${instance}`,
    `incident   ${incident}`,
  ]
  return `${lines.join('\n')}\n`
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24)
}
