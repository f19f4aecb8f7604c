import type { Labels } from './figures.js'
import type { SeriesState } from './machine.js'
import type { Notification } from './notification.js'
import type { Waiting } from './outbox.js'

/** What outlives the controller: incidents, and what could not be sent yet. */
export interface Kept {
  readonly rules: readonly { readonly name: string; readonly series: readonly KeptSeries[] }[]
  readonly waiting: readonly Waiting[]
}

export interface KeptSeries {
  readonly key: string
  readonly labels: Labels
  readonly state: SeriesState
}

const VERSION = 1

export function printKept(kept: Kept): string {
  return `${JSON.stringify({ version: VERSION, ...kept })}\n`
}

/** undefined: it is damaged, or of another version. Incidents whose state cannot be read are left out. */
export function parseKept(text: string): Kept | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(json) || json['version'] !== VERSION) return undefined
  return {
    rules: listOf(json['rules']).flatMap((rule) =>
      isObject(rule) && typeof rule['name'] === 'string'
        ? [{ name: rule['name'], series: listOf(rule['series']).filter(isSeries) }]
        : [],
    ),
    waiting: listOf(json['waiting']).filter(isWaiting),
  }
}

function isSeries(value: unknown): value is KeptSeries {
  return isObject(value) && typeof value['key'] === 'string' && isLabels(value['labels']) && isState(value['state'])
}

function isState(value: unknown): value is SeriesState {
  if (!isObject(value) || !isNumber(value['since'])) return false
  switch (value['kind']) {
    case 'ok':
      return true
    case 'pending':
      return isNumber(value['holds'])
    case 'resolved':
      return isNumber(value['began'])
    case 'firing':
      return isNumber(value['firedAt']) && isNumber(value['clears']) && isTold(value['told'])
    default:
      return false
  }
}

function isTold(value: unknown): boolean {
  if (!isObject(value)) return false
  const { kind, at } = value
  return kind === 'untold' || ((kind === 'told' || kind === 'assumed') && isNumber(at))
}

function isWaiting(value: unknown): value is Waiting {
  return isObject(value) && typeof value['channel'] === 'string' && isNotification(value['notification'])
}

const TEXTS = ['id', 'event', 'incident', 'rule', 'severity', 'description', 'figure', 'summary', 'instance']

function isNotification(value: unknown): value is Notification {
  return (
    isObject(value) &&
    TEXTS.every((name) => typeof value[name] === 'string') &&
    isNumber(value['since']) &&
    isNumber(value['at']) &&
    (value['value'] === null || isNumber(value['value'])) &&
    isLabels(value['labels'])
  )
}

function isLabels(value: unknown): value is Labels {
  return (
    Array.isArray(value) &&
    value.every(
      (label) => Array.isArray(label) && label.length === 2 && label.every((part) => typeof part === 'string'),
    )
  )
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
