import { expect, test } from 'vitest'
import { createAlerts, type Alerts, type AlertsParts } from '../../src/observe/alerts/alerts.js'
import type { Notification } from '../../src/observe/alerts/notification.js'
import type { Sent } from '../../src/observe/alerts/outbox.js'
import type { Role } from '../../src/observe/alerts/view.js'
import { printFamilies } from '../../src/observe/metrics/family.js'
import { bendClock, type BentClock } from './bent-clock.js'

const MINUTE = 60_000
const RULES = `
channels: [{ name: hook, webhook: { url: "https://hooks.example.com/s3cret" } }]
rules:
  - { name: errors, figure: serverErrorShare, above: 1%, window: 1m, every: 1m, by: host }
  - { name: lost, preset: problems }
`

/** A world that tests change: what the log says, what the file says, who leads. */
class World {
  rules = RULES
  role: Role = 'leads'
  /** Share of errors by host. */
  errors: Record<string, number> = { 'a.test': 0 }
  problems = 0
  answer: Sent = { kind: 'taken' }
  readonly sent: Notification[] = []
  readonly said: string[] = []
  kept: string | undefined
  isDiskFull = false
  readonly clock: BentClock = bendClock()

  start(): Alerts {
    const parts: AlertsParts = {
      readRules: () => (this.rules === '' ? { ok: false, message: 'no such file' } : { ok: true, text: this.rules }),
      store: {
        load: () => this.kept,
        save: (text) => {
          if (this.isDiskFull) return 'no space'
          this.kept = text
          return undefined
        },
      },
      analytics: {
        query: () => {
          const rows = Object.entries(this.errors).map(([host, share]) => ({ group: [host], figures: [share, 100] }))
          return Promise.resolve({ ok: true, rows, resolutionSeconds: 10, source: 'rolled-up', approximate: false })
        },
      },
      own: () => [{ labels: [], value: this.problems }],
      role: () => this.role,
      gapMilliseconds: 15_000,
      send: (_, notification) => {
        if (this.answer.kind === 'taken') this.sent.push(notification)
        return Promise.resolve(this.answer)
      },
      clock: this.clock,
      chance: () => 0.5,
      instance: 'pod-1',
      log: (_, message) => void this.said.push(message),
    }
    const alerts = createAlerts(parts)
    alerts.start()
    return alerts
  }

  async stop(alerts: Alerts): Promise<void> {
    const ended = alerts.stop()
    await this.clock.pass(10_000)
    await ended
  }

  told(): readonly string[] {
    return this.sent.map(({ event, rule, labels }) => [event, rule, ...labels.map(([, text]) => text)].join(' '))
  }
}

test('an incident is told once, is shown meanwhile, and its end is told', async () => {
  const world = new World()
  const alerts = world.start()
  await world.clock.pass(2 * MINUTE)
  expect(alerts.view().rules.map(({ name, state }) => [name, state])).toEqual([
    ['errors', 'ok'],
    ['lost', 'ok'],
  ])
  world.errors = { 'a.test': 0.2 }
  world.problems = 3
  await world.clock.pass(5 * MINUTE)
  expect(world.told().toSorted()).toEqual(['firing errors a.test', 'firing lost'])
  expect(world.sent[0]).toMatchObject({ severity: 'medium', value: 0.2, instance: 'pod-1' })
  expect(alerts.view()).toMatchObject({
    role: 'leads',
    rules: [
      { name: 'errors', state: 'firing', series: [{ labels: [['host', 'a.test']], state: 'firing', value: '20 %' }] },
      { name: 'lost', state: 'firing' },
    ],
    channels: [{ name: 'hook', target: 'https://hooks.example.com', sent: 2, waiting: 0 }],
  })
  const text = [...printFamilies(alerts.families(), 'text')].join('')
  expect(text).toContain('fairlead_alerts_firing{rule="errors",severity="medium"} 1\n')
  expect(text).toContain('fairlead_alert_notifications_total{channel="hook",outcome="sent"} 2\n')
  world.errors = {}
  await world.clock.pass(5 * MINUTE)
  expect(world.told().slice(2)).toEqual(['resolved errors a.test'])
  expect(JSON.stringify([alerts.view(), world.said])).not.toContain('s3cret')
  await world.stop(alerts)
})

test('a restart tells nothing again, and knows that something is over', async () => {
  const world = new World()
  const first = world.start()
  world.errors = { 'a.test': 0.2, 'b.test': 0.3 }
  await world.clock.pass(3 * MINUTE)
  // As after kill -9: nothing is said at the end.
  void first.stop()
  expect(world.told().toSorted()).toEqual(['firing errors a.test', 'firing errors b.test'])
  await world.clock.pass(20_000)
  const second = world.start()
  await world.clock.pass(3 * MINUTE)
  expect(second.view().rules[0]).toMatchObject({ state: 'firing' })
  world.errors = { 'a.test': 0.2 }
  await world.clock.pass(2 * MINUTE)
  expect(world.told().slice(2)).toEqual(['resolved errors b.test'])
  await world.stop(second)
})

test('what was on its way at the end is sent after the restart, once', async () => {
  const world = new World()
  world.answer = { kind: 'later', why: 'down' }
  world.problems = 1
  const first = world.start()
  await world.clock.pass(10_000)
  await world.stop(first)
  expect(world.sent).toEqual([])
  world.answer = { kind: 'taken' }
  const second = world.start()
  await world.clock.pass(5 * MINUTE)
  expect(world.told()).toEqual(['firing lost'])
  await world.stop(second)
})

test('of replicas the leader tells; who follows takes over without telling twice, and tells what nobody can have told', async () => {
  const world = new World()
  world.role = 'follows'
  world.problems = 1
  const alerts = world.start()
  await world.clock.pass(MINUTE)
  world.errors = { 'a.test': 1 }
  await world.clock.pass(MINUTE)
  expect(world.sent).toEqual([])
  expect(alerts.view()).toMatchObject({ role: 'follows', rules: [{ state: 'firing' }, { state: 'firing' }] })
  // The incident of the log is seen in the second before this one leads, as nobody did; that of the problem a minute before.
  world.role = 'leads'
  await world.clock.pass(3 * MINUTE)
  expect(world.told()).toEqual(['firing errors a.test'])
  world.problems = 0
  await world.clock.pass(2 * MINUTE)
  expect(world.told().slice(1)).toEqual(['resolved lost'])
  await world.stop(alerts)
})

test('while nobody knows who leads nothing is told, and then it is', async () => {
  const world = new World()
  world.role = 'undecided'
  world.problems = 1
  const alerts = world.start()
  await world.clock.pass(5 * MINUTE)
  expect(world.sent).toEqual([])
  world.role = 'leads'
  await world.clock.pass(2 * MINUTE)
  expect(world.told()).toEqual(['firing lost'])
  await world.stop(alerts)
})

test('what is over when a controller starts is told as soon as it is known who leads', async () => {
  const world = new World()
  world.problems = 1
  const before = world.start()
  await world.clock.pass(MINUTE)
  await world.stop(before)
  world.role = 'undecided'
  world.problems = 0
  const alerts = world.start()
  await world.clock.pass(5 * MINUTE)
  expect(world.told()).toEqual(['firing lost'])
  world.role = 'leads'
  await world.clock.pass(2 * MINUTE)
  expect(world.told()).toEqual(['firing lost', 'resolved lost'])
  await world.stop(alerts)
})

test('the file is followed: a rule that breaks hurts only itself, keeps its incident, and is told of no second time', async () => {
  const world = new World()
  world.problems = 1
  world.errors = { 'a.test': 1 }
  const alerts = world.start()
  await world.clock.pass(MINUTE)
  world.rules = RULES.replace('preset: problems', 'preset: problem')
  await world.clock.pass(5_000)
  expect(alerts.view().rules.map(({ name }) => name)).toEqual(['errors'])
  expect(alerts.view().problems).toMatchObject([{ subject: 'rule "lost"', field: 'rules[1].preset', line: 5 }])
  expect(world.said.join('\n')).toMatch(
    /rule "lost", rules\[1\]\.preset \(line 5\): preset has to be one of server-errors/,
  )
  world.rules = 'rules: [' // no YAML
  await world.clock.pass(5_000)
  expect(alerts.view()).toMatchObject({
    fileProblem: expect.stringMatching(/not YAML/) as string,
    rules: [{ name: 'errors' }],
  })
  world.rules = ''
  await world.clock.pass(MINUTE)
  world.rules = RULES.replace('preset: problems', 'preset: problems, severity: critical')
  await world.clock.pass(5 * MINUTE)
  expect(alerts.view().rules.map(({ name, state }) => [name, state])).toEqual([
    ['errors', 'firing'],
    ['lost', 'firing'],
  ])
  expect(world.told().toSorted()).toEqual(['firing errors a.test', 'firing lost'])
  await world.stop(alerts)
})

test('a silence of the file tells nothing until it ends', async () => {
  const world = new World()
  const until = new Date(world.clock.wall() + 10 * MINUTE).toISOString().replace('.000Z', 'Z')
  world.rules = `${RULES}silences: [{ match: { rule: err*, host: "*.test" }, until: "${until}" }]\n`
  world.errors = { 'a.test': 1 }
  const alerts = world.start()
  await world.clock.pass(5 * MINUTE)
  expect(world.sent).toEqual([])
  expect(alerts.view()).toMatchObject({
    silences: [{ state: 'in force' }],
    rules: [{ state: 'firing', series: [{ silencedUntil: Date.parse(until) }] }, {}],
  })
  await world.clock.pass(7 * MINUTE)
  expect(world.told()).toEqual(['firing errors a.test'])
  expect(alerts.view().silences[0]?.state).toBe('over')
  await world.stop(alerts)
})

test('what clients invent makes a bounded number of incidents', async () => {
  const world = new World()
  const alerts = world.start()
  for (let round = 0; round < 5; round++) {
    world.errors = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`host-${round}-${i}`, 1]))
    await world.clock.pass(MINUTE)
  }
  const [errors] = alerts.view().rules
  expect((errors?.series.length ?? 0) + (errors?.more ?? 0)).toBeLessThanOrEqual(300)
  expect(world.sent.length).toBe(100)
  await world.stop(alerts)
})

test('what was taken is noted at once, so that a kill right after it sends nothing again', async () => {
  const world = new World()
  world.problems = 1
  world.start()
  await world.clock.pass(0)
  expect(world.told()).toEqual(['firing lost'])
  expect(world.kept).toContain('"waiting":[]')
})

test('a full disk is said once, and alerts go on', async () => {
  const world = new World()
  world.isDiskFull = true
  world.problems = 1
  const alerts = world.start()
  await world.clock.pass(5 * MINUTE)
  expect(world.told()).toEqual(['firing lost'])
  expect(world.said.filter((line) => line.includes('no space'))).toHaveLength(1)
  world.isDiskFull = false
  await world.clock.pass(MINUTE)
  expect(world.kept).toContain('"firing"')
  await world.stop(alerts)
})

test('a damaged file of incidents is said, and they begin anew', async () => {
  const world = new World()
  world.kept = '{"version":1,'
  const alerts = world.start()
  await world.clock.pass(5_000)
  expect(world.said[0]).toMatch(/cannot be read; they begin anew/)
  await world.stop(alerts)
})

test('a rule of a cron pattern is looked at when it says', async () => {
  const world = new World()
  world.problems = 1
  const at = new Date(world.clock.wall() + 3 * MINUTE)
  world.rules = `channels: [{ name: e, event: {} }]\nrules: [{ name: daily, preset: problems, cron: "${at.getMinutes()} ${at.getHours()} * * *" }]\n`
  const alerts = world.start()
  await world.clock.pass(2 * MINUTE)
  expect(world.sent).toEqual([])
  await world.clock.pass(2 * MINUTE)
  expect(world.told()).toEqual(['firing daily'])
  await world.stop(alerts)
})
