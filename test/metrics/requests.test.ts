import { existsSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from '../serve/backends.js'
import { annotated, ingress, service, slice, writeObjects } from '../serve/manifests.js'
import { createProgram, until, type Program } from '../serve/program.js'
import { freePort } from '../support/ports.js'
import { familiesOf, parseScrape, samplesOf, scrape, total, type Sample } from './scrape.js'

const PREFIX = 'nginx_ingress_controller_'
const PATIENCE = 60_000

let program: Program
let backend: TestBackend
let other: TestBackend
let closed = 0

beforeAll(async () => {
  program = await createProgram()
  backend = await startTestBackend('one')
  other = await startTestBackend('two')
  closed = await freePort()
  writeAll()
  await program.start(undefined, ['--enable-metrics'])
})

afterAll(async () => {
  await program.remove()
  backend.close()
  other.close()
})

function writeAll(): void {
  writeObjects(program.manifests, 'app', [
    annotated('app', 'app.test', 'app', { 'server-alias': 'alias.test' }),
    service('app'),
    slice('app', [backend.port]),
  ])
  writeObjects(program.manifests, 'wild', [
    ingress('wild', '*.wild.test', 'app'),
    ingress('first', 'first.test', 'app'),
    annotated('quiet', 'quiet.test', 'app', { 'enable-access-log': 'false' }),
    annotated('moved', 'moved.test', 'app', { 'permanent-redirect': 'http://elsewhere.test' }),
    annotated('root', 'root.test', 'app', { 'app-root': '/first' }),
    ingress('empty', 'empty.test', 'empty'),
    annotated('shut', 'shut.test', 'app', { 'enable-cors': 'true', 'whitelist-source-range': '192.0.2.1/32' }),
    service('empty'),
  ])
  writeObjects(program.manifests, 'canary', [
    annotated('main', 'canary.test', 'app', {}),
    annotated('alternative', 'canary.test', 'other', { canary: 'true', 'canary-by-header': 'X-Canary' }),
    service('other'),
    slice('other', [other.port]),
  ])
  writeObjects(program.manifests, 'retried', [
    ingress('retried', 'retried.test', 'retried'),
    service('retried'),
    { ...slice('retried', [backend.port]) },
    { ...slice('retried', [closed]), metadata: { ...metadataOf('retried'), name: 'retried-b' } },
  ])
}

function metadataOf(name: string): object {
  return { namespace: 'test', labels: { 'kubernetes.io/service-name': name } }
}

/** Scrapes until it is as it should be, at most a minute; the last scrape is given. */
async function scrapeUntil(fact: (samples: readonly Sample[]) => boolean): Promise<readonly Sample[]> {
  let last: readonly Sample[] = []
  await until(async () => {
    last = parseScrape(await scrape(program.health))
    return fact(last)
  }, PATIENCE).catch(() => undefined)
  return last
}

function requests(samples: readonly Sample[], labels: Readonly<Record<string, string>>): number {
  return total(samples, `${PREFIX}requests`, labels)
}

function ask(
  host: string,
  path: string,
  options: { method?: string; headers?: object; body?: string } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const asked = request(
      { host: '127.0.0.1', port: program.http, path, method, headers: { host, ...headers }, agent: false },
      (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)),
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

describe('requests as they are counted', () => {
  test('all eight metrics, by name, kind, labels and buckets (MET-1, section 2.1)', async () => {
    for (let i = 0; i < 3; i++) await ask('first.test', '/cart?x=1')
    await ask('first.test', '/cart', { method: 'POST', body: 'x'.repeat(3_000) })
    const samples = await scrapeUntil((now) => requests(now, { ingress: 'first' }) === 4)
    const text = await scrape(program.health)
    expect(familiesOf(text).slice(0, 8)).toEqual([
      `${PREFIX}requests counter`,
      `${PREFIX}request_duration_seconds histogram`,
      `${PREFIX}response_duration_seconds histogram`,
      `${PREFIX}header_duration_seconds histogram`,
      `${PREFIX}connect_duration_seconds histogram`,
      `${PREFIX}request_size histogram`,
      `${PREFIX}response_size histogram`,
      `${PREFIX}bytes_sent histogram`,
    ])
    const gets = samplesOf(samples, `${PREFIX}requests`, { ingress: 'first', method: 'GET' })
    expect(gets).toEqual([
      {
        name: `${PREFIX}requests`,
        labels: {
          canary: '',
          controller_class: 'k8s.io/ingress-nginx',
          controller_namespace: '',
          controller_pod: '',
          host: 'first.test',
          ingress: 'first',
          method: 'GET',
          namespace: 'test',
          path: '/',
          service: 'app',
          status: '200',
        },
        value: 3,
      },
    ])
    const boundsOf = (name: string): readonly string[] =>
      samplesOf(samples, `${PREFIX}${name}_bucket`, { ingress: 'first', method: 'GET' }).map(
        ({ labels }) => labels['le'] ?? '',
      )
    const times = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf']
    for (const name of ['request', 'response', 'header', 'connect'])
      expect(boundsOf(`${name}_duration_seconds`)).toEqual(times)
    const lengths = ['10', '20', '30', '40', '50', '60', '70', '80', '90', '100', '+Inf']
    expect(boundsOf('request_size')).toEqual(lengths)
    expect(boundsOf('response_size')).toEqual(lengths)
    expect(boundsOf('bytes_sent')).toEqual(['10', '100', '1000', '10000', '100000', '1e+06', '1e+07', '+Inf'])
  })

  test('what is counted is what the access log says, to the byte and the millisecond', async () => {
    for (let i = 0; i < 20; i++) await ask('retried.test', `/${'x'.repeat(i * 4)}`)
    const samples = await scrapeUntil((now) => requests(now, { ingress: 'retried' }) === 20)
    const file = join(program.state, 'log', 'access.log')
    const lines = (): readonly RegExpExecArray[] =>
      existsSync(file)
        ? [...readFileSync(file, 'utf8').matchAll(LINE)].filter(([line]) => line.includes('[test-retried-80]'))
        : []
    await until(() => Promise.resolve(lines().length === 20), PATIENCE)
    const logged = lines()
    const labels = { ingress: 'retried' }
    const sum = (values: readonly (string | undefined)[]): number => values.reduce((all, one) => all + Number(one), 0)
    expect(total(samples, `${PREFIX}request_size_sum`, labels)).toBe(
      sum(logged.map(({ groups }) => groups?.['length'])),
    )
    expect(total(samples, `${PREFIX}request_duration_seconds_sum`, labels)).toBeCloseTo(
      sum(logged.map(({ groups }) => groups?.['time'])),
      6,
    )
    // MET-3: of a request that was tried twice nothing is observed about the backend.
    const once = logged.filter(({ groups }) => !(groups?.['upstream'] ?? '').includes(','))
    expect(total(samples, `${PREFIX}response_duration_seconds_count`, labels)).toBe(once.length)
    expect(total(samples, `${PREFIX}response_duration_seconds_sum`, labels)).toBeCloseTo(
      sum(once.map(({ groups }) => groups?.['upstream'])),
      6,
    )
    expect(once.length).toBeLessThan(20)
    const buckets = samplesOf(samples, `${PREFIX}request_size_bucket`, labels)
    for (const { labels: own, value } of buckets) {
      const bound = own['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(own['le'])
      expect(value, `up to ${bound}`).toBe(logged.filter(({ groups }) => Number(groups?.['length']) <= bound).length)
    }
  })

  test('hosts: aliases and wildcards count, a name that nobody declared does not (MET-1, MET-6)', async () => {
    await ask('alias.test', '/')
    await ask('a.wild.test', '/')
    await ask('b.wild.test', '/')
    await ask('nobody.test', '/')
    await ask('nobody.test', '/healthz')
    await ask('quiet.test', '/')
    const samples = await scrapeUntil(
      (now) =>
        requests(now, { host: 'quiet.test' }) === 1 &&
        requests(now, { host: 'alias.test' }) === 1 &&
        requests(now, { ingress: 'wild' }) === 2,
    )
    expect(requests(samples, { host: 'alias.test', ingress: 'app' })).toBe(1)
    expect(requests(samples, { host: '*.wild.test', ingress: 'wild' })).toBe(2)
    const hosts = new Set(samplesOf(samples, `${PREFIX}requests`).map(({ labels }) => labels['host']))
    expect([...hosts].filter((host) => /nobody|^_?$|^b\./.test(host ?? ''))).toEqual([])
  })

  test('answers without a backend have no times of one (MET-3), and are counted', async () => {
    await ask('moved.test', '/')
    await ask('root.test', '/')
    await ask('empty.test', '/')
    await ask('app.test', '/', { method: 'BREW' })
    const samples = await scrapeUntil(
      (now) =>
        requests(now, { method: 'OTHER' }) === 1 &&
        ['moved', 'root', 'empty'].every((name) => requests(now, { ingress: name }) === 1),
    )
    expect(requests(samples, { ingress: 'moved', status: '301', service: 'app' })).toBe(1)
    expect(requests(samples, { ingress: 'root', status: '302' })).toBe(1)
    expect(requests(samples, { ingress: 'empty', status: '503' })).toBe(1)
    for (const name of ['moved', 'root', 'empty']) {
      expect(total(samples, `${PREFIX}connect_duration_seconds_count`, { ingress: name })).toBe(0)
      expect(total(samples, `${PREFIX}request_duration_seconds_count`, { ingress: name })).toBe(1)
    }
  })

  test('who is refused is counted, also where the answer comes from a location of its own', async () => {
    expect(await ask('shut.test', '/')).toBe(403)
    const samples = await scrapeUntil((now) => requests(now, { ingress: 'shut' }) === 1)
    expect(requests(samples, { ingress: 'shut', host: 'shut.test', path: '/', status: '403' })).toBe(1)
  })

  test('a canary has its name in a label (CAN-13), main traffic has none (MET-5)', async () => {
    await ask('canary.test', '/')
    await ask('canary.test', '/', { headers: { 'x-canary': 'always' } })
    const samples = await scrapeUntil((now) => requests(now, { ingress: 'main' }) === 2)
    expect(requests(samples, { ingress: 'main', service: 'app', canary: '' })).toBe(1)
    expect(requests(samples, { ingress: 'main', service: 'app', canary: 'test-other-80' })).toBe(1)
  })

  test('OpenMetrics keeps the names, and has the id of a request as exemplar', async () => {
    await ask('app.test', '/')
    const isThere = (text: string): boolean =>
      /request_duration_seconds_bucket\{.*\} \d+ # \{request_id="[0-9a-f]{32}"\} [\d.]+ [\d.]+$/m.test(text)
    let text = ''
    await until(async () => {
      text = await scrape(program.health, 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5')
      return isThere(text)
    }, PATIENCE)
    expect(text.endsWith('# EOF\n')).toBe(true)
    expect(familiesOf(text)[0]).toBe(`${PREFIX}requests unknown`)
    expect(requests(parseScrape(text), { ingress: 'app' })).toBeGreaterThan(0)
  })

  test('series of a deleted Ingress are removed, the others stay (MET-5)', async () => {
    writeObjects(program.manifests, 'short', [ingress('short', 'short.test', 'app')])
    await until(async () => (await ask('short.test', '/')) === 200, PATIENCE)
    await ask('app.test', '/')
    await scrapeUntil(
      (now) => requests(now, { ingress: 'short', status: '200' }) > 0 && requests(now, { ingress: 'app' }) > 0,
    )
    writeObjects(program.manifests, 'short', [])
    const isGone = (now: readonly Sample[]): boolean => now.every(({ labels }) => labels['ingress'] !== 'short')
    const samples = await scrapeUntil(isGone)
    expect(isGone(samples)).toBe(true)
    expect(requests(samples, { ingress: 'app' })).toBeGreaterThan(0)
  })

  test('a reload of NGINX loses nothing that was counted (MET-4)', async () => {
    const count = async (): Promise<number> =>
      requests(parseScrape(await scrape(program.health)), { ingress: 'app', method: 'DELETE' })
    await ask('app.test', '/before', { method: 'DELETE' })
    const generation = program.generation()
    writeObjects(program.manifests, 'configmap', [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
        data: { 'keep-alive-requests': '77' },
      },
    ])
    await until(() => Promise.resolve(program.generation() > generation), PATIENCE)
    await ask('app.test', '/after', { method: 'DELETE' })
    await until(async () => (await count()) === 2, PATIENCE)
  })
})

describe('what the controller says of itself (sections 2.2 and 2.4)', () => {
  test('orphans, reloads and what brought them, changes until they were live, NGINX and the own process', async () => {
    const own = 'fairlead_change_live_seconds_count'
    writeObjects(program.manifests, 'late', [ingress('late', 'late.test', 'app')])
    const samples = await scrapeUntil(
      (now) =>
        total(now, own, { kind: 'Ingress' }) > 0 &&
        samplesOf(now, `${PREFIX}orphan_ingress`, { ingress: 'late' }).length === 2,
    )
    const value = (name: string, labels: Readonly<Record<string, string>> = {}): number => total(samples, name, labels)
    expect(value(own, { kind: 'Ingress' })).toBeGreaterThan(0)
    expect(value(`${PREFIX}orphan_ingress`, { ingress: 'empty', type: 'no-endpoint' })).toBe(1)
    expect(value(`${PREFIX}orphan_ingress`, { ingress: 'empty', type: 'no-service' })).toBe(0)
    expect(samplesOf(samples, `${PREFIX}orphan_ingress`, { ingress: 'late' })).toHaveLength(2)
    expect(value('fairlead_problems', { code: 'backend/no-ready-endpoint' })).toBeGreaterThan(0)
    // The start, and reloads of tests before.
    expect(value(`${PREFIX}success`)).toBe(1 + value('fairlead_reloads_total'))
    expect(samplesOf(samples, 'fairlead_reloads_total')).toHaveLength(3)
    expect(value(`${PREFIX}errors`)).toBe(0)
    expect(value(`${PREFIX}config_last_reload_successful`)).toBe(1)
    expect(value(`${PREFIX}config_last_reload_successful_timestamp_seconds`)).toBeGreaterThan(1e9)
    expect(value(`${PREFIX}config_hash`)).toBeGreaterThan(0)
    expect(value(`${PREFIX}build_info`)).toBe(1)
    expect(value('fairlead_documents_pushed_total', { operation: 'put' })).toBeGreaterThan(0)
    expect(value('fairlead_table_free_bytes')).toBeLessThan(value('fairlead_table_capacity_bytes'))
    const nginx = `${PREFIX}nginx_process_`
    expect(value(`${nginx}num_procs`)).toBeGreaterThan(1)
    expect(value(`${nginx}resident_memory_bytes`)).toBeGreaterThan(1e6)
    expect(value(`${nginx}virtual_memory_bytes`)).toBeGreaterThan(value(`${nginx}resident_memory_bytes`))
    expect(value(`${nginx}connections_total`, { state: 'accepted' })).toBeGreaterThan(0)
    expect(value(`${nginx}requests_total`)).toBeGreaterThan(0)
    expect(value(`${nginx}oldest_start_time_seconds`)).toBeGreaterThan(1e9)
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e7)
    expect(value('process_start_time_seconds')).toBeGreaterThan(1e9)
  })
})

describe('with other flags', () => {
  test('classes, undefined hosts, own buckets, excluded metrics, a bound of label sets (MET-1, MET-2)', async () => {
    await restart([
      '--enable-metrics',
      '--report-status-classes',
      '--metrics-per-undefined-host',
      '--exclude-socket-metrics=bytes_sent,nginx_ingress_controller_request_size,upstream_latency_seconds',
      '--time-buckets=0.5,60',
      '--metrics-max-series=4',
    ])
    for (let i = 0; i < 8; i++) await ask(`invented-${i}.test`, '/')
    const samples = await scrapeUntil((now) => total(now, `${PREFIX}requests`) === 8)
    const named = samplesOf(samples, `${PREFIX}requests`).filter(({ labels }) => labels['host'] !== '_overflow')
    expect(named).toHaveLength(4)
    expect(named[0]?.labels).toMatchObject({ status: '4xx', ingress: '', namespace: '', service: '', path: '/' })
    expect(requests(samples, { host: '_overflow', ingress: '_overflow', status: '_overflow' })).toBe(4)
    expect(samples.filter(({ name }) => /bytes_sent|request_size/.test(name))).toEqual([])
    const bounds = samplesOf(samples, `${PREFIX}request_duration_seconds_bucket`, {
      host: named[0]?.labels['host'] ?? '',
    })
    expect(bounds.map(({ labels, value }) => `${labels['le']} ${value}`)).toEqual(['0.5 1', '60 1', '+Inf 1'])
    expect(program.log()).toContain('--metrics-max-series')
    expect(program.log()).toContain('there is no request metric "upstream_latency_seconds"')
  })

  test('hosts together (MET-1): no label, and every host counts', async () => {
    await restart(['--enable-metrics', '--metrics-per-host=false'])
    await ask('app.test', '/')
    await ask('nobody.test', '/')
    const samples = await scrapeUntil((now) => total(now, `${PREFIX}requests`) === 2)
    expect(requests(samples, { ingress: 'app' })).toBe(1)
    expect(requests(samples, { ingress: '', namespace: '', service: '' })).toBe(1)
    expect(samples.some(({ labels }) => 'host' in labels)).toBe(false)
  })

  test('without --enable-metrics there is nothing in the frame to pay for', async () => {
    await restart([])
    const frame = readFileSync(join(program.state, 'private', 'nginx.conf'), 'utf8')
    expect(frame).not.toMatch(/fairlead\.count|fairlead_metrics|observed/)
    const text = await scrape(program.health)
    expect(text).not.toContain(PREFIX)
    expect(familiesOf(text)).toEqual(
      expect.arrayContaining(['process_cpu_seconds_total counter', 'fairlead_problems gauge']),
    )
  })
})

async function restart(flags: readonly string[]): Promise<void> {
  const ended = new Promise((resolve) => program.controller().once('exit', resolve))
  program.controller().kill('SIGTERM')
  await ended
  await program.start(undefined, flags)
}

/** LOGF-2, from the request's length on. */
const LIST = '[^\\s,]+(?:, [^\\s,]+)*'
const LINE = new RegExp(
  `^.* (?<length>\\d+) (?<time>[\\d.]+) \\[[^\\]]*\\] \\[[^\\]]*\\] ${LIST} ${LIST} (?<upstream>${LIST}) ${LIST} [0-9a-f]+$`,
  'gm',
)
