import { counter, gauge, type Family } from '../metrics/family.js'
import { look, type LookParts } from './evaluate.js'
import type { Labels } from './figures.js'
import { printKept, parseKept, type Kept } from './kept.js'
import type { Voice } from './machine.js'
import { clean } from './clean.js'
import { headlineOf, notificationOf, type Notification } from './notification.js'
import { createOutbox, type Sent, type Waiting } from './outbox.js'
import { readConfig } from './read-config.js'
import type { AlertConfig, Channel, ConfigProblem, Rule } from './rule.js'
import { silenceFor } from './silence.js'
import type { AlertsView, Role } from './view.js'
import { watch, type Watched } from './watched.js'

export interface AlertsParts extends LookParts {
  /** The file of rules as it is now; a sentence if it cannot be read. Called often. */
  readRules(): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string }
  /** Where incidents outlive a restart. */
  readonly store: {
    /** undefined: nothing is kept. */
    load(): string | undefined
    /** A sentence if it cannot be written. */
    save(text: string): string | undefined
  }
  role(): Role
  /** For so long before it begins to lead nobody can have led, in milliseconds. */
  readonly gapMilliseconds: number
  /** Never rejects. */
  send(channel: Channel, notification: Notification): Promise<Sent>
  readonly clock: {
    /** Milliseconds since 1970. */
    wall(): number
    after(milliseconds: number, act: () => void): () => void
  }
  chance(): number
  readonly instance: string
  log(level: 'info' | 'warn', message: string): void
}

/** Rules over what is added up of the access log and what the controller knows; see docs/alerts.md. */
export interface Alerts {
  start(): void
  view(): AlertsView
  families(): readonly Family[]
  /** Waits a moment for what is on its way; the rest is kept. */
  stop(): Promise<void>
}

const TICK_MILLISECONDS = 1_000
const LAST_WORDS_MILLISECONDS = 3_000
const NOTHING: AlertConfig = {
  rules: [],
  channels: [],
  silences: [],
  problems: [],
  names: new Set(),
  channelNames: new Set(),
}
const VOICES: Readonly<Record<Role, Voice>> = { leads: 'tell', follows: 'assume', undecided: 'wait' }

/** Nothing here keeps the control loop waiting: a look asks another thread, and a message goes on its own. */
export function createAlerts(parts: AlertsParts): Alerts {
  const { clock, log, store } = parts
  const startedAt = clock.wall()
  let config = NOTHING
  let text: string | undefined
  let fileProblem: string | undefined
  let watched = new Map<string, Watched>()
  /** Of rules that cannot be read at the moment, or are not read yet. */
  let asleep = new Map<string, Kept['rules'][number]['series']>()
  /** What waited when the controller ended, until it is known which channels there are. */
  let restored: Waiting[] = []
  let role: Role = 'undecided'
  let saved = ''
  let saveProblem: string | undefined
  let isDirty = false
  let isEnded = false
  let callOff = (): void => undefined
  let ticking: Promise<void> = Promise.resolve()

  const outbox = createOutbox({
    async send(name, notification) {
      const channel = config.channels.find((each) => each.name === name)
      return channel === undefined
        ? { kind: 'later', why: 'the channel cannot be read at the moment' }
        : parts.send(channel, notification)
    },
    after: clock.after,
    now: clock.wall,
    chance: parts.chance,
    onChange(what) {
      isDirty = true
      // What was taken must not be sent again because this process is killed now.
      if (what === 'went') save()
    },
    log,
  })

  function follow(): void {
    const read = parts.readRules()
    if (!read.ok) return blame(read.message)
    if (read.text === text) return
    text = read.text
    const next = readConfig(read.text)
    if (!next.ok) return blame(next.message)
    fileProblem = undefined
    use(next.config)
  }

  /** The rules before go on. */
  function blame(message: string): void {
    if (message !== fileProblem) log('warn', `alerts: the file of rules cannot be used: ${message}`)
    fileProblem = message
  }

  function use(next: AlertConfig): void {
    for (const problem of next.problems) log('warn', `alerts: ${describeProblem(problem)}`)
    const before = watched
    watched = new Map()
    for (const rule of next.rules) {
      const old = before.get(rule.name)
      const isSame = JSON.stringify(old?.rule) === JSON.stringify(rule)
      watched.set(rule.name, (isSame ? old : old?.with(rule)) ?? watch(rule, asleep.get(rule.name) ?? []))
      asleep.delete(rule.name)
    }
    for (const [name, old] of before) if (!watched.has(name) && next.names.has(name)) asleep.set(name, old.kept())
    for (const name of asleep.keys()) if (!next.names.has(name)) asleep.delete(name)
    config = next
    outbox.follow([...next.channelNames])
    for (const { channel, notification } of restored.splice(0)) outbox.offer(channel, notification)
    log(
      'info',
      `alerts: ${next.rules.length} rules, ${next.channels.length} channels, ${next.silences.length} silences`,
    )
    isDirty = true
  }

  function decideRole(): void {
    const now = parts.role()
    if (now === 'leads' && role !== 'leads') {
      const since = clock.wall() - parts.gapMilliseconds
      for (const one of watched.values()) one.takeOver(since)
    }
    role = now
  }

  async function tick(): Promise<void> {
    follow()
    decideRole()
    for (const [name, one] of watched) {
      if (isEnded) return
      if (!one.isDue(clock.wall())) continue
      const now = clock.wall()
      const result = await look(one.rule, parts, { now, since: startedAt })
      // Meanwhile nothing else can have been changed but by `stop`.
      if (watched.get(name) !== one || isEnded) continue
      decideRole()
      const told = one.found(result, now, (labels) =>
        silenceFor(labelsFor(one.rule, labels), config.silences, now) === undefined ? VOICES[role] : 'withhold',
      )
      for (const each of told)
        tell(one.rule, notificationOf(one.rule, each, each.tell, { now, instance: parts.instance }))
      isDirty = true
      // Before anything of it can have been taken.
      if (told.length > 0) save()
    }
    save()
  }

  function tell(rule: Rule, notification: Notification): void {
    log('info', `alerts: ${notification.event}: ${headlineOf(notification)}: ${notification.summary}`)
    for (const name of rule.channels ?? config.channels.map((channel) => channel.name)) outbox.offer(name, notification)
  }

  function save(): void {
    if (!isDirty) return
    const printed = printKept({
      rules: [
        ...[...watched].map(([name, one]) => ({ name, series: one.kept() })),
        ...[...asleep].map(([name, series]) => ({ name, series })),
      ].filter(({ series }) => series.length > 0),
      waiting: [...restored, ...outbox.waiting()],
    })
    isDirty = false
    if (printed === saved) return
    const problem = store.save(printed)
    if (problem === undefined) saved = printed
    else isDirty = true
    if (problem !== undefined && problem !== saveProblem)
      log('warn', `alerts: incidents cannot be kept (${problem}): after a restart they may be told again`)
    saveProblem = problem
  }

  function next(): void {
    if (isEnded) return
    ticking = tick()
      .catch((cause: unknown) =>
        log('warn', `alerts: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`),
      )
      .then(() => {
        if (!isEnded) callOff = clock.after(TICK_MILLISECONDS, next)
      })
  }

  function load(): void {
    const printed = store.load()
    const kept = printed === undefined ? undefined : parseKept(printed)
    if (printed !== undefined && kept === undefined)
      log('warn', 'alerts: what was kept of incidents cannot be read; they begin anew')
    asleep = new Map((kept?.rules ?? []).map(({ name, series }) => [name, series]))
    restored = [...(kept?.waiting ?? [])]
  }

  return {
    start() {
      load()
      next()
    },
    view: () => viewOf(config, watched, outbox.counts(), { now: clock.wall(), role, fileProblem }),
    families: () => familiesOf(watched, outbox.counts()),
    async stop() {
      isEnded = true
      callOff()
      await Promise.race([ticking, new Promise<void>((resolve) => void clock.after(LAST_WORDS_MILLISECONDS, resolve))])
      await outbox.finish(LAST_WORDS_MILLISECONDS)
      isDirty = true
      save()
    },
  }
}

/** Such as `rule "slow", rules[0].window (line 4): window has to be …`. */
export function describeProblem({ subject, field, message, line }: ConfigProblem): string {
  const where = [field, line === undefined ? '' : `(line ${line})`].filter((part) => part !== '').join(' ')
  return clean(`${subject}${where === '' ? '' : `, ${where}`}: ${message}`)
}

function labelsFor(rule: Rule, labels: Labels): Labels {
  return [['rule', rule.name], ['severity', rule.severity], ...rule.labels, ...labels]
}

function viewOf(
  { channels, silences, problems }: AlertConfig,
  watched: ReadonlyMap<string, Watched>,
  counts: ReturnType<ReturnType<typeof createOutbox>['counts']>,
  { now, role, fileProblem }: { readonly now: number; readonly role: Role; readonly fileProblem: string | undefined },
): AlertsView {
  const nothing = { waiting: 0, sent: 0, failed: 0, dropped: 0 }
  return {
    enabled: true,
    role,
    ...(fileProblem === undefined ? {} : { fileProblem }),
    problems,
    rules: [...watched.values()].map((one) =>
      one.row((labels) => silenceFor(labelsFor(one.rule, labels), silences, now)?.until),
    ),
    channels: channels.map((channel) => ({
      name: channel.name,
      kind: channel.kind,
      target: targetOf(channel),
      ...(counts.get(channel.name) ?? nothing),
    })),
    silences: silences.map((silence) => ({
      ...silence,
      state: now >= silence.until ? 'over' : now < silence.from ? 'to come' : 'in force',
    })),
  }
}

/** Where to, without what may be secret: the path of a URL is. */
export function targetOf(channel: Channel): string {
  switch (channel.kind) {
    case 'webhook':
      return channel.url.kind === 'given' ? new URL(channel.url.url).origin : `the URL in ${channel.url.file}`
    case 'email':
      return `${channel.to.join(', ')} by ${channel.host}:${channel.port}`
    case 'event':
      return 'Events of this Pod'
  }
}

function familiesOf(
  watched: ReadonlyMap<string, Watched>,
  counts: ReturnType<ReturnType<typeof createOutbox>['counts']>,
): readonly Family[] {
  const firing = [...watched.values()].map((one) => ({
    labels: [
      ['rule', one.rule.name],
      ['severity', one.rule.severity],
    ] as const,
    value: one.firing(),
  }))
  const outcomes = [...counts].flatMap(([channel, { sent, failed, dropped }]) =>
    Object.entries({ sent, failed, dropped }).map(([outcome, value]) => ({
      labels: [
        ['channel', channel],
        ['outcome', outcome],
      ] as const,
      value,
    })),
  )
  const waiting = [...counts.values()].reduce((sum, one) => sum + one.waiting, 0)
  return [
    { ...gauge('fairlead_alerts_firing', 'Series of a rule that are firing.', undefined), samples: firing },
    {
      ...counter('fairlead_alert_notifications_total', 'What became of notifications, by channel.', undefined),
      samples: outcomes,
    },
    gauge('fairlead_alert_notifications_waiting', 'Notifications on their way to a channel.', waiting),
  ]
}
