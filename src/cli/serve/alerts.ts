import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { reasonOf, type StateFolder } from '../../apply/state-folder.js'
import type { Health } from '../../controller/health.js'
import { systemClock } from '../../kubernetes/clock.js'
import { createAlerts, type Alerts, type AlertsParts } from '../../observe/alerts/alerts.js'
import { sendEmail } from '../../observe/alerts/email.js'
import type { OwnFigure, OwnSample } from '../../observe/alerts/figures.js'
import { headlineOf, type Notification } from '../../observe/alerts/notification.js'
import type { Sent } from '../../observe/alerts/outbox.js'
import type { Channel } from '../../observe/alerts/rule.js'
import { sendWebhook } from '../../observe/alerts/webhook.js'
import type { Problem } from '../../problems/problem.js'
import { readCertificate } from '../../translate/certificate.js'
import type { Translation } from '../../translate/translate.js'
import type { Log } from '../log.js'
import type { ServeFlags } from './flags.js'
import type { Membership } from './membership.js'

export interface ServeAlertsParts {
  readonly flags: ServeFlags
  readonly folder: StateFolder
  readonly analytics: AlertsParts['analytics']
  /** undefined: no cluster, so there are no Events. */
  readonly membership: Membership | undefined
  readonly facts: OwnFacts
  readonly log: Log
}

/** What the controller knows of itself now. */
export interface OwnFacts {
  health(): Health | undefined
  problems(): readonly Problem[]
  isFrameRefused(): boolean
  choices(): Translation['choices'] | undefined
  /** Seconds by kind of resource. */
  watchLag(): ReadonlyMap<string, number>
}

/** undefined: `--alert-rules` does not ask for it. */
export function createServeAlerts({
  flags,
  folder,
  analytics,
  membership,
  facts,
  log,
}: ServeAlertsParts): Alerts | undefined {
  if (flags.alertRules === undefined) return undefined
  const rules = resolve(flags.alertRules)
  const secrets = flags.alertSecrets === undefined ? dirname(rules) : resolve(flags.alertSecrets)
  return createAlerts({
    readRules: createRulesReader(rules),
    store: createStore(folder.alerts),
    analytics,
    own: (figure) => samplesOf(figure, facts),
    role: () => membership?.role() ?? 'leads',
    // A Lease that was not given away is taken after the ttl; who held it gave up after half of that (STA-6).
    gapMilliseconds: flags.electionTtl / 2,
    send: (channel, notification) => send(channel, notification, secrets, membership),
    clock: systemClock,
    chance: Math.random,
    instance: process.env['POD_NAME'] ?? hostname(),
    log,
  })
}

/** What is larger is no file of rules. */
const MOST_BYTES = 1_048_576

/**
 * A file that looks the same is not read again. What a ConfigMap is mounted as is swapped by its link, so another file
 * then.
 */
function createRulesReader(path: string): AlertsParts['readRules'] {
  let known = ''
  let text = ''
  return () => {
    try {
      const { mtimeMs, size, ino } = statSync(path)
      if (size > MOST_BYTES) return { ok: false, message: `${path} has more than ${MOST_BYTES} bytes` }
      const looks = `${mtimeMs} ${size} ${ino}`
      if (looks !== known) text = readFileSync(path, 'utf8')
      // What was written within the time that a clock of files cannot tell apart is read again.
      known = Date.now() - mtimeMs > 2_000 ? looks : ''
      return { ok: true, text }
    } catch (cause) {
      return { ok: false, message: reasonOf(cause) }
    }
  }
}

function createStore(path: string): AlertsParts['store'] {
  return {
    load() {
      try {
        return existsSync(path) ? readFileSync(path, 'utf8') : undefined
      } catch {
        return ''
      }
    },
    save(text) {
      try {
        writeFileSync(`${path}.new`, text, { mode: 0o600 })
        renameSync(`${path}.new`, path)
        return undefined
      } catch (cause) {
        return reasonOf(cause)
      }
    },
  }
}

async function send(
  channel: Channel,
  notification: Notification,
  secrets: string,
  membership: Membership | undefined,
): Promise<Sent> {
  switch (channel.kind) {
    case 'webhook':
      return sendWebhook(channel, notification, { now: Date.now(), secrets })
    case 'email':
      return sendEmail(channel, notification, { secrets })
    case 'event': {
      if (membership === undefined) return { kind: 'refused', why: 'there are no Events without a cluster' }
      const isBad = notification.event === 'firing' || notification.event === 'reminder'
      const message = `${headlineOf(notification)}: ${notification.summary}`
      const why = await membership.tell(isBad ? 'Warning' : 'Normal', isBad ? 'Alert' : 'AlertOver', message)
      return why === undefined ? { kind: 'taken' } : { kind: 'later', why }
    }
  }
}

const DAY = 86_400_000

function samplesOf(figure: OwnFigure, facts: OwnFacts): readonly OwnSample[] {
  const plain = (value: number): readonly OwnSample[] => [{ labels: [], value }]
  const count = (severity: Problem['severity']): number =>
    facts.problems().filter((problem) => problem.severity === severity).length
  switch (figure) {
    case 'problemErrors':
      return plain(count('error'))
    case 'problemWarnings':
      return plain(count('warning'))
    case 'notReady': {
      const health = facts.health()
      // Whoever stops it knows.
      const isWell = health?.stopping === true || (health?.ready === true && health.nginx !== undefined)
      return plain(isWell ? 0 : 1)
    }
    case 'frameRefused':
      return plain(facts.isFrameRefused() ? 1 : 0)
    case 'watchFailing':
      return [...facts.watchLag()].map(([resource, value]) => ({ labels: [['resource', resource]], value }))
    case 'certificateDays':
      return [...endsOf(facts.choices())].map(([secret, end]) => ({
        labels: [['secret', secret]],
        value: (end - Date.now()) / DAY,
      }))
  }
}

/** When the certificates that are served end; read already, when they were chosen. */
function endsOf(choices: Translation['choices'] | undefined): ReadonlyMap<string, number> {
  const ends = new Map<string, number>()
  for (const { secret, others } of choices?.values() ?? [])
    for (const one of [...(secret === undefined ? [] : [secret]), ...others]) {
      const name = `${one.namespace}/${one.name}`
      if (ends.has(name)) continue
      const reading = readCertificate(one)
      if (reading.ok) ends.set(name, reading.notAfter)
    }
  return ends
}
