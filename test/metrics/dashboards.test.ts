import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { scrapeOfEverything } from './known-metrics.js'
import { readQuery } from './promql.js'
import { familiesOf, parseScrape } from './scrape.js'

const file = (name: string): string => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8')

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
}

const rules = (parse(file('prometheus/rules.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (one) => one.rules,
)
const text = scrapeOfEverything()

/** Labels by metric, those of recording rules too. */
const known = new Map<string, Set<string>>()
for (const { name, labels } of parseScrape(text)) {
  const set = known.get(name) ?? new Set()
  known.set(name, set)
  for (const label of Object.keys(labels)) set.add(label)
}
for (const { record, expr } of rules) if (record !== undefined) known.set(record, new Set(readQuery(expr).grouped))

/** What Prometheus adds to everything that it scrapes. */
const ADDED = new Set(['instance', 'job', 'namespace', 'pod'])

function check(query: string): void {
  const { selectors, grouped } = readQuery(query)
  expect(selectors.length, query).toBeGreaterThan(0)
  const all = new Set(ADDED)
  for (const { metric, labels } of selectors) {
    const has = known.get(metric)
    expect(has, `${metric} of ${query}`).toBeDefined()
    for (const label of has ?? []) all.add(label)
    for (const label of labels) expect([...(has ?? []), ...ADDED], `labels of ${metric} in ${query}`).toContain(label)
  }
  for (const label of grouped) expect([...all], `grouped by in ${query}`).toContain(label)
}

describe('what is not there is noticed', () => {
  test.each([
    ['a metric', 'rate(nginx_ingress_controller_nothing[5m])'],
    ['a label', 'nginx_ingress_controller_requests{colour="red"}'],
    ['a label that is grouped by', 'sum by (colour) (nginx_ingress_controller_requests)'],
  ])('%s', (_, query) => {
    expect(() => check(query)).toThrow(/colour|nothing/)
  })

  test('and so is what is no query', () => {
    expect(() => readQuery('sum by (')).toThrow('no PromQL')
  })
})

test.each(rules.map((rule) => [rule.alert ?? rule.record ?? '', rule.expr]))(
  'deploy/prometheus/rules.yaml: %s asks for metrics and labels that are there',
  (_, expr) => check(expr),
)

describe('deploy/grafana/fairlead.json', () => {
  interface Panel {
    readonly title: string
    readonly type: string
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
    readonly targets?: readonly { readonly expr: string }[]
  }
  const { panels, templating } = JSON.parse(file('grafana/fairlead.json')) as {
    panels: Panel[]
    templating: { list: { query: string }[] }
  }
  const withVariables = (query: string): string => query.replaceAll('$__rate_interval', '5m')

  test.each(
    panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }, i) => [`${title} ${i}`, expr] as const)),
  )('%s asks for metrics and labels that are there', (_, expr) => check(withVariables(expr)))

  test('variables ask for labels that are there', () => {
    const queries = templating.list.flatMap(({ query }) => /^label_values\((.*), (\w+)\)$/.exec(query)?.slice(1) ?? [])
    expect(queries).toHaveLength(4)
    for (const at of [0, 2]) check(`sum by (${queries[at + 1] ?? ''}) (${queries[at] ?? ''})`)
  })

  test('panels lie beside each other', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
  })
})

describe('what dashboards and alerts made for ingress-nginx ask for is there (section 2)', () => {
  const P = 'nginx_ingress_controller_'
  const which = 'controller_pod=~"a",controller_class=~"b",controller_namespace=~"c"'
  test.each([
    `round(sum(irate(${P}requests{${which},ingress=~"d"}[2m])), 0.001)`,
    `sum(rate(${P}requests{${which},status!~"[4-5].*"}[2m])) / sum(rate(${P}requests{${which}}[2m]))`,
    `sum by (ingress) (irate(${P}requests{${which},service=~"s"}[2m]))`,
    `sum by (method, host, path, status, service, canary) (increase(${P}requests{${which}}[1h]))`,
    `sum(avg_over_time(${P}nginx_process_connections{${which},state="active"}[2m]))`,
    `sum(avg_over_time(${P}nginx_process_connections_total{${which},state="accepted"}[2m]))`,
    `avg(${P}nginx_process_resident_memory_bytes{${which}})`,
    `sum(rate(${P}nginx_process_cpu_seconds_total{${which}}[2m]))`,
    `sum(irate(${P}nginx_process_read_bytes_total{${which}}[2m])) + sum(irate(${P}nginx_process_write_bytes_total{${which}}[2m]))`,
    `avg(irate(${P}success{${which}}[1m])) * 60`,
    `count(${P}config_last_reload_successful{${which}} == 0)`,
    `max(${P}config_last_reload_successful_timestamp_seconds{${which}})`,
    `count(count_values("hash", ${P}config_hash{${which}}))`,
    ...[
      'request_duration_seconds',
      'response_duration_seconds',
      'header_duration_seconds',
      'connect_duration_seconds',
    ].map(
      (name) => `histogram_quantile(0.95, sum by (le, ingress) (rate(${P}${name}_bucket{${which},ingress!=""}[2m])))`,
    ),
    ...['request_size', 'response_size', 'bytes_sent'].flatMap((name) => [
      `sum by (ingress) (irate(${P}${name}_sum{${which}}[2m]))`,
      `sum by (le) (increase(${P}${name}_bucket{${which}}[2m]))`,
    ]),
    `avg by (host) (${P}ssl_expire_time_seconds{class=~"b",namespace=~"c",host=~"h"}) - time()`,
    `count by (secret_name, issuer_common_name, issuer_organization, serial_number, public_key_algorithm) (${P}ssl_certificate_info)`,
    `sum(${P}orphan_ingress{${which},type="no-endpoint"})`,
    `${P}leader_election_status{name="e"}`,
    `sum by (ingress, namespace) (increase(${P}check_errors{${which}}[5m])) + sum by (ingress, namespace) (increase(${P}check_success[5m]))`,
    `${P}build_info{release=~".+",build=~".+",repository=~".+"}`,
    `${P}admission_tested_ingresses + ${P}admission_render_ingresses + ${P}admission_config_size`,
    `${P}admission_tested_duration + ${P}admission_render_duration + ${P}admission_roundtrip_duration`,
    `${P}nginx_process_num_procs + ${P}nginx_process_oldest_start_time_seconds + ${P}nginx_process_virtual_memory_bytes + ${P}nginx_process_requests_total + ${P}errors`,
    'process_resident_memory_bytes + process_cpu_seconds_total + process_start_time_seconds',
  ])('%s', check)

  test('each of the 36 is served, with its kind, and nothing else by their prefix', () => {
    const kinds = {
      histogram:
        'request_duration_seconds response_duration_seconds header_duration_seconds connect_duration_seconds request_size response_size bytes_sent',
      counter: `requests success errors check_success check_errors nginx_process_connections_total nginx_process_requests_total
        nginx_process_cpu_seconds_total nginx_process_read_bytes_total nginx_process_write_bytes_total`,
      gauge: `build_info config_hash config_last_reload_successful config_last_reload_successful_timestamp_seconds
        ssl_expire_time_seconds ssl_certificate_info leader_election_status orphan_ingress admission_tested_ingresses
        admission_tested_duration admission_render_ingresses admission_render_duration admission_config_size
        admission_roundtrip_duration nginx_process_connections nginx_process_num_procs nginx_process_resident_memory_bytes
        nginx_process_virtual_memory_bytes nginx_process_oldest_start_time_seconds`,
    }
    const wanted = Object.entries(kinds).flatMap(([kind, names]) =>
      names.split(/\s+/).map((name) => `${P}${name} ${kind}`),
    )
    expect(wanted).toHaveLength(36)
    expect(
      familiesOf(text)
        .filter((family) => family.startsWith(P))
        .sort(),
    ).toEqual(wanted.sort())
  })
})
