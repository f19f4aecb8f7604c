import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { printAmount, printDuration, readAmount, readDuration } from './amounts.js'
import { presets } from './presets.js'
import { readConfig } from './read-config.js'
import type { AlertConfig } from './rule.js'

function read(text: string): AlertConfig {
  const found = readConfig(text)
  if (!found.ok) throw new Error(found.message)
  return found.config
}

const rule = (...fields: readonly string[]): AlertConfig =>
  read(`rules:\n  - name: r\n${fields.map((field) => `    ${field}\n`).join('')}`)

test('every preset is a rule by its name alone, and each of its values can be another one (ack.md section 6)', () => {
  const text = Object.keys(presets).map((name) => `  - { name: ${name}, preset: ${name} }\n`)
  const { rules, problems } = read(`rules:\n${text.join('')}`)
  expect(problems).toEqual([])
  expect(
    rules.map(({ name, query: { figure }, threshold, schedule }) => [
      name,
      figure,
      threshold.side,
      threshold.value,
      schedule,
    ]),
  ).toContainEqual(['success-rate', 'successShare', 'below', 0.9, { kind: 'every', milliseconds: 60_000 }])
  expect(rules).toHaveLength(Object.keys(presets).length)
  const changed = rule(
    'preset: latency',
    'above: 750ms',
    'window: 10m',
    'every: hour',
    'where: host=shop.example.com and service!=shop-slow-80',
    'by: service',
    'consecutive: 3',
    'resolveAfter: 2',
    'notifyEvery: 4h',
    'severity: critical',
    'atLeast: 20',
    'labels: { team: shop, tier: 1 }',
  )
  expect(changed.problems).toEqual([])
  expect(changed.rules[0]).toEqual({
    name: 'r',
    description: presets.latency.about,
    query: {
      source: 'log',
      figure: 'latencyAverage',
      filter: [
        { dimension: 'host', operator: '=', value: 'shop.example.com' },
        { dimension: 'service', operator: '!=', value: 'shop-slow-80' },
      ],
      by: ['service'],
      windowMilliseconds: 600_000,
      atLeast: 20,
    },
    threshold: { side: 'above', value: 0.75 },
    schedule: { kind: 'every', milliseconds: 3_600_000 },
    timing: { consecutive: 3, resolveAfter: 2, notifyEveryMilliseconds: 14_400_000 },
    severity: 'critical',
    labels: [
      ['team', 'shop'],
      ['tier', '1'],
    ],
  })
})

describe('what is wrong with a rule names the field and what is allowed', () => {
  test.each<readonly [readonly string[], string, RegExp]>([
    [['preset: latencies'], 'rules[0].preset', /one of server-errors, backend-latency/],
    [['above: 1'], 'rules[0]', /figure is missing; it has to be one of requests/],
    [['figure: speed', 'above: 1'], 'rules[0].figure', /one of requests, .*certificateDays/],
    [['figure: requests'], 'rules[0]', /threshold is missing: above or below, with a number from 0/],
    [['figure: requests', 'above: many'], 'rules[0].above', /a number from 0/],
    [['figure: errorShare', 'above: 2'], 'rules[0].above', /a share such as 1% or 0.01/],
    [['figure: errorShare', 'above: 200%'], 'rules[0].above', /at most 100%/],
    [['figure: latencyP99', 'above: 1%'], 'rules[0].above', /a time such as 500ms/],
    [['preset: latency', 'above: 1s', 'below: 1s'], 'rules[0].below', /exclude each other/],
    [['preset: latency', 'window: 1s'], 'rules[0].window', /a time from 10s to 1d/],
    [['preset: latency', 'window: 5'], 'rules[0].window', /such as 5m/],
    [['preset: latency', 'every: 1s'], 'rules[0].every', /a time from 5s to 7d/],
    [['preset: latency', 'cron: "every day"'], 'rules[0].cron', /minute, hour, day, month/],
    [['preset: latency', 'cron: "0 9 30 2 *"'], 'rules[0].cron', /minute, hour/],
    [['preset: latency', 'cron: "0 9 * * *"', 'every: 1m'], 'rules[0].cron', /exclude each other/],
    [['preset: latency', 'where: hosts=a'], 'rules[0].where', /There is no "hosts" to compare/],
    [['preset: latency', 'by: [host, client]'], 'rules[0].by', /not added up by host and client together/],
    [['preset: latency', 'by: colour'], 'rules[0].by', /a list of host, path/],
    [['preset: problems', 'by: host'], 'rules[0].by', /for figures of the access log/],
    [['preset: latency', 'consecutive: 0'], 'rules[0].consecutive', /a whole number from 1/],
    [['preset: latency', 'notifyEvery: 1s'], 'rules[0].notifyEvery', /1m to 30d, or never/],
    [['preset: latency', 'severity: bad'], 'rules[0].severity', /one of critical, high, medium, low, report/],
    [['preset: latency', 'labels: { host: x }'], 'rules[0].labels', /cannot have host/],
    [['preset: latency', 'labels: { "a b": x }'], 'rules[0].labels', /letters, digits/],
    [['preset: latency', 'channels: nobody'], 'rules[0].channels', /no channel "nobody"; there are none/],
    [['preset: latency', 'treshold: 1'], 'rules[0].treshold', /no field "treshold"; there are name, preset/],
  ])('%s', (fields, field, message) => {
    const { rules, problems } = rule(...fields)
    expect(rules).toEqual([])
    expect(problems.map((problem) => problem.field)).toContain(field)
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message)
    for (const problem of problems) expect([problem.subject, problem.line]).toEqual(['rule "r"', expect.any(Number)])
  })

  test('and hurts no other', () => {
    const { rules, problems, names } = read(
      'rules:\n  - { name: good, preset: latency }\n  - { name: bad, preset: none }\n  - { name: good, preset: problems }\n  - 7\n  - { preset: latency }\n',
    )
    expect(rules.map(({ name }) => name)).toEqual(['good'])
    expect([...names]).toEqual(['good', 'bad'])
    expect(problems.map(({ subject, field, line }) => [subject, field, line])).toEqual([
      ['rule "bad"', 'rules[1].preset', 3],
      ['rule "good"', 'rules[2].name', 4],
      ['rule 4', 'rules[3]', 5],
      ['rule 5', 'rules[4]', 6],
    ])
  })
})

describe('channels', () => {
  const channel = (text: string): AlertConfig => read(`channels:\n  - ${text}\n`)

  test('of each kind', () => {
    const { channels, problems } = read(`channels:
  - { name: hook, webhook: { url: "https://hooks.example.com/x?token=abc", secretFile: key } }
  - { name: chat, webhook: { urlFile: url, format: slack } }
  - name: mail
    email: { host: mail.example.com, user: me, passwordFile: pw, from: a@example.com, to: [b@example.com, c@example.com] }
  - { name: events, event: {} }
`)
    expect(problems).toEqual([])
    expect(channels.map(({ name, kind }) => [name, kind])).toEqual([
      ['hook', 'webhook'],
      ['chat', 'webhook'],
      ['mail', 'email'],
      ['events', 'event'],
    ])
    expect(channels[2]).toMatchObject({ port: 587, security: 'starttls', login: { user: 'me', passwordFile: 'pw' } })
  })

  test.each([
    ['{ name: a }', /exactly one of webhook, email, event/],
    ['{ name: a, event: {}, webhook: { url: "https://a.example" } }', /exactly one/],
    ['{ name: a, webhook: {} }', /either url or urlFile/],
    ['{ name: a, webhook: { url: "ftp://a.example/s3cret" } }', /begins with https/],
    ['{ name: a, webhook: { url: "https://me:s3cret@a.example" } }', /no user in it/],
    ['{ name: a, webhook: { url: "https://a.example", secret: s3cret } }', /no field "secret"; there are .*secretFile/],
    ['{ name: a, email: { host: h, from: a@b.c, to: a@b.c, password: s3cret } }', /no field "password"/],
    ['{ name: a, webhook: { urlFile: /var/run/token } }', /the name of a file in the folder of --alert-secrets/],
    ['{ name: a, webhook: { urlFile: ../token } }', /without a slash/],
    ['{ name: a, webhook: { urlFile: .. } }', /without a slash/],
    ['{ name: a, email: { host: h, from: a@b.c, to: a@b.c, user: s3cret } }', /go together/],
    [
      '{ name: a, email: { host: h, security: none, user: u, passwordFile: p, from: a@b.c, to: a@b.c } }',
      /readable on the way/,
    ],
    ['{ name: a, email: { host: h, from: "a@b.c\\r\\nBcc: x@y.z", to: a@b.c } }', /from has to be an address/],
    ['{ name: a, email: { host: h, from: a@b.c, to: ["a@b.c, x@y.z"] } }', /to has to be an address/],
  ])('%s', (text, message) => {
    const { channels, problems } = channel(text)
    expect(channels).toEqual([])
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message)
    expect(JSON.stringify(problems)).not.toContain('s3cret')
  })

  test('a rule for a channel that cannot be read is a rule all the same', () => {
    const { rules, problems } = read(
      'channels: [{ name: hook, webhook: {} }]\nrules: [{ name: r, preset: latency, channels: hook }]\n',
    )
    expect([rules.length, problems.length]).toEqual([1, 1])
  })
})

test('silences have matchers and an end', () => {
  const { silences, problems } = read(`silences:
  - { match: { rule: "slow*", host: shop.example.com }, until: "2026-12-24T18:00:00Z", comment: Christmas }
  - { match: {}, until: "2026-12-24T18:00:00Z" }
  - { match: { rule: x }, until: tomorrow }
  - { match: { rule: x } }
`)
  expect(silences).toEqual([
    {
      match: [
        ['rule', 'slow*'],
        ['host', 'shop.example.com'],
      ],
      from: 0,
      until: Date.UTC(2026, 11, 24, 18),
      comment: 'Christmas',
    },
  ])
  expect(problems.map(({ field }) => field)).toEqual(['silences[1].match', 'silences[2].until', 'silences[3]'])
})

describe('what is no file of rules', () => {
  test.each([
    ['- a list', /has to be a mapping/],
    ['rules: [', /^Line 1 is not YAML/],
    ['a: &a [x]\nrules: { <<: *a', /is not YAML/],
    [`a: &a [1]\n${Array.from({ length: 200 }, (_, i) => `b${i}: *a`).join('\n')}`, /.*/],
  ])('%s', (text, message) => {
    const found = readConfig(text)
    expect(found.ok ? found.config.problems.map((problem) => problem.message).join() : found.message).toMatch(message)
  })

  test('an empty one has no rules', () => {
    expect(read('')).toMatchObject({ rules: [], channels: [], problems: [] })
    expect(read('rules:\nchannels: []\n')).toMatchObject({ rules: [], problems: [] })
    expect(read('rules: 7\nroles: []\n').problems.map(({ field }) => field)).toEqual(['rules', 'roles'])
  })
})

test('the example is right', () => {
  const { rules, channels, problems } = read(
    readFileSync(new URL('../../../examples/alerts/alerts.yaml', import.meta.url), 'utf8'),
  )
  expect(problems).toEqual([])
  expect([rules.length > 3, channels.length]).toEqual([true, 3])
})

test('times and amounts', () => {
  expect(['90s', '1h30m', '2d', '0.5s', '5', 'm', '-1s', '1s ', ''].map(readDuration)).toEqual([
    90_000,
    5_400_000,
    172_800_000,
    500,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect([
    readAmount('5%', 'share'),
    readAmount('250ms', 'seconds'),
    readAmount(-1, 'count'),
    readAmount('14d', 'days'),
  ]).toEqual([0.05, 0.25, undefined, 14])
  expect([printDuration(90_000), printDuration(0), printAmount(0.0123, 'share'), printAmount(0.25, 'seconds')]).toEqual(
    ['1m30s', '0s', '1.23 %', '250 ms'],
  )
})
