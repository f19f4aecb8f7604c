import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stateFolderAt } from '../../apply/state-folder.js'
import type { Alerts } from '../../observe/alerts/alerts.js'
import { createServeAlerts, type OwnFacts } from './alerts.js'
import type { ServeFlags } from './flags.js'
import type { Membership } from './membership.js'

const POLL = { timeout: 60_000, interval: 100 }

let root: string
let alerts: Alerts | undefined
let isReady: boolean
const events: string[] = []
const said: string[] = []

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fairlead-alerts-'))
  mkdirSync(dirname(stateFolderAt(root).alerts))
  isReady = true
  events.length = 0
  said.length = 0
})

afterEach(async () => {
  await alerts?.stop()
  alerts = undefined
  rmSync(root, { recursive: true, force: true })
})

const facts: OwnFacts = {
  health: () => ({ stopping: false, nginx: 1, ready: isReady, reason: '' }),
  problems: () => [],
  isFrameRefused: () => false,
  choices: () => undefined,
  watchLag: () => new Map([['secrets', 90]]),
}

function start(alertRules: string, membership?: Partial<Membership>): Alerts | undefined {
  alerts = createServeAlerts({
    flags: { alertRules, electionTtl: 30_000 } as ServeFlags, // what is asked for is there
    folder: stateFolderAt(root),
    analytics: undefined,
    membership: membership as Membership | undefined, // the same
    facts,
    log: (_, message) => void said.push(message),
  })
  alerts?.start()
  return alerts
}

const inCluster: Partial<Membership> = {
  role: () => 'leads',
  tell(type, reason, message) {
    events.push(`${type} ${reason}: ${message}`)
    return Promise.resolve(undefined)
  },
}

const RULES = 'channels: [{ name: events, event: {} }]\nrules: [{ name: ready, preset: not-ready, every: 5s }]\n'

test('an Event tells that it fires, another that it is over, and the state is in a file of the owner', async () => {
  const file = join(root, 'rules.yaml')
  writeFileSync(file, RULES)
  isReady = false
  start(file, inCluster)
  await expect.poll(() => events, POLL).toHaveLength(1)
  isReady = true
  await expect
    .poll(() => events, POLL)
    .toEqual([
      'Warning Alert: [critical] ready: notReady is 1; the rule says above 0',
      'Normal AlertOver: [resolved] ready: notReady is 0; the rule says above 0',
    ])
  const { alerts: kept } = stateFolderAt(root)
  await expect.poll(() => readFileSync(kept, 'utf8'), POLL).toContain('"resolved"')
  expect(statSync(kept).mode & 0o777).toBe(0o600)
})

test('without a cluster there are no Events, which is counted and said', async () => {
  const file = join(root, 'rules.yaml')
  writeFileSync(file, RULES)
  isReady = false
  start(file)
  await expect
    .poll(() => alerts?.view().channels[0], POLL)
    .toMatchObject({
      failed: 1,
      problem: 'there are no Events without a cluster',
    })
})

test('a ConfigMap that is mounted is followed through the swap of its link, and a folder that is not there yet is waited for', async () => {
  const link = join(root, 'mounted')
  const started = start(join(link, 'alerts.yaml'), inCluster)
  await expect.poll(() => started?.view().fileProblem, POLL).toContain('ENOENT')
  const mount = (version: string, rules: string): void => {
    mkdirSync(join(root, version))
    writeFileSync(join(root, version, 'alerts.yaml'), rules)
    symlinkSync(version, join(root, 'new'))
    renameSync(join(root, 'new'), link)
  }
  mount('v1', RULES)
  await expect.poll(() => started?.view().rules.map(({ name }) => name), POLL).toEqual(['ready'])
  expect(started?.view().fileProblem).toBeUndefined()
  mount('v2', RULES.replace('name: ready, preset: not-ready', 'name: watch, preset: watch-failing'))
  await expect.poll(() => started?.view().rules[0]?.state, POLL).toBe('firing')
  expect(started?.view().rules[0]).toMatchObject({
    name: 'watch',
    series: [{ labels: [['resource', 'secrets']], value: '90 s' }],
  })
})

test('there is nothing without the flag', () => {
  expect(
    createServeAlerts({
      flags: {} as ServeFlags, // without it
      folder: stateFolderAt(root),
      analytics: undefined,
      membership: undefined,
      facts,
      log: () => undefined,
    }),
  ).toBeUndefined()
})
