import { describe, expect, test } from 'vitest'
import { explain } from '../../src/translate/explain.js'
import { translate } from '../../src/translate/translate.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { snapshotOf } from '../cases/world-of-case.js'
import { ingress, translated } from './translated.js'

const KEY = 'custom-http-errors'
const OFF = 'disable-proxy-intercept-errors'
const BY_NGINX = 'error_page 400 413 500 502 503 504 @error;'

describe('ERR-4: whose answers are replaced', () => {
  test.each([
    ['the Ingress lists statuses', { [KEY]: '404' }, {}, ['error_page 404 @error;', 'proxy_intercept_errors on;']],
    ['and switches interception off', { [KEY]: '404', [OFF]: 'true' }, {}, [BY_NGINX]],
    ['the ConfigMap switches it off', { [KEY]: '404' }, { [OFF]: 'true' }, [BY_NGINX]],
    [
      'and the Ingress on again',
      { [KEY]: '404', [OFF]: 'false' },
      { [OFF]: 'true' },
      ['error_page 404 @error;', 'proxy_intercept_errors on;'],
    ],
    ['the ConfigMap lists statuses', {}, { [KEY]: '404' }, ['error_page 404 @error;', 'proxy_intercept_errors on;']],
    ['and switches interception off, for everybody', {}, { [KEY]: '404', [OFF]: 'true' }, [BY_NGINX]],
    [
      'an Ingress cannot take back what the ConfigMap asks for',
      { [OFF]: 'true' },
      { [KEY]: '404' },
      ['error_page 404 @error;', 'proxy_intercept_errors on;'],
    ],
    [
      'not even with a list of its own (ERR-3)',
      { [KEY]: '418', [OFF]: 'true' },
      { [KEY]: '404' },
      ['error_page 418 @error;', 'proxy_intercept_errors on;'],
    ],
    ['a default-backend alone needs nothing of NGINX (ERR-5)', { 'default-backend': 'pages' }, {}, []],
    ['statuses that NGINX takes for something else stay the backend’s', { [KEY]: '408,444,494,497,499' }, {}, []],
  ] as const)('%s', (_fact, annotations, configMap, lines) => {
    const { profile } = translated({ annotations, configMap })
    expect(profile.filter((line) => !line.startsWith('client_max_body_size'))).toEqual(lines)
  })

  test('in the words of gRPC and FastCGI, whose profiles have the same directives (RTY-4)', () => {
    const { profile } = translated({ annotations: { [KEY]: '503', 'backend-protocol': 'GRPC' } })
    expect(profile).toEqual(expect.arrayContaining(['proxy_intercept_errors on;', 'error_page 503 @error;']))
  })
})

test('equal needs share a profile; where backends speak for themselves, everybody does', () => {
  const others = [ingress('two', { [KEY]: '418,404' }, 'b.test'), ingress('three', { [KEY]: '404' }, 'c.test')]
  const common = translated({}).translation.profiles.length
  const count = (annotations: Readonly<Record<string, string>>): number =>
    translated({ annotations, objects: others }).translation.profiles.length - common
  expect(count({ [KEY]: '404, 418,404' })).toBe(1)
  expect(count({ [KEY]: '404,418,419' })).toBe(2)
  expect(count({ [KEY]: '404,418,419', [OFF]: 'true' })).toBe(1)
})

test('documents of Ingresses that use nothing of it say nothing of it', () => {
  expect(translated({}).route).not.toHaveProperty('features')
})

test('ERR-6: the Service of a default-backend is followed while its Ingress stays as it is', () => {
  const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0 }
  const app = ingress('app', { 'default-backend': 'missing' })
  const service = (...ports: readonly number[]): object => ({
    kind: 'Service',
    metadata: { name: 'missing' },
    spec: { ports: ports.map((port) => ({ name: `p${port}`, port })) },
  })
  const slice = {
    kind: 'EndpointSlice',
    metadata: { name: 'missing-a', labels: { 'kubernetes.io/service-name': 'missing' } },
    addressType: 'IPv4',
    ports: [
      { name: 'p81', port: 8081 },
      { name: 'p80', port: 8080 },
    ],
    endpoints: [{ addresses: ['10.0.0.9'] }],
  }
  const steps = [[], [service(80, 81)], [service(80, 81), slice], [service(81, 80), slice], [slice]].map((more) =>
    snapshotOf([app, ...more]),
  )
  let before: ReturnType<typeof translate> | undefined
  const ports = steps.map((snapshot) => {
    before = translate(snapshot, defaultTranslateOptions, surroundings, before)
    expect(before.documents).toEqual(translate(snapshot, defaultTranslateOptions, surroundings).documents)
    const upstream = before.documents.get('u:test/missing/(first)')
    return upstream !== undefined && 'ports' in upstream ? [upstream.label, ...upstream.ports] : undefined
  })
  const label = 'custom-default-backend-test-missing'
  expect(ports).toEqual([[label], [label], [label, 8080], [label, 8081], [label]])
})

test('an Ingress of another namespace reaches the Service of its own by the same name', () => {
  const other = ingress('other', { 'default-backend': 'pages' }, 'b.test') as { readonly metadata: object } // made by us
  const objects = [{ ...other, metadata: { ...other.metadata, namespace: 'elsewhere' } }]
  const { translation, route } = translated({ annotations: { 'default-backend': 'pages' }, objects })
  const host = translation.documents.get('h:b.test')
  expect(route.features?.errors?.backend).toBe('test/pages/(first)')
  expect(JSON.stringify(host)).toContain('elsewhere/pages/(first)')
  expect(JSON.stringify(host)).not.toContain('test/pages')
})

test('explain names who answers instead (ERR-1, ERR-5)', () => {
  const empty = { kind: 'Service', metadata: { name: 'app' }, spec: { ports: [{ port: 80 }] } }
  const annotations = { [KEY]: '404', 'default-backend': 'pages' }
  const of = (path: string, objects: readonly object[], notes: Readonly<Record<string, string>> = annotations) =>
    explain(
      translated({ annotations: notes, objects }).translation,
      { scheme: 'http', host: 'a.test', target: path },
      true,
    ).outcome
  expect(of('/other', [])).toMatchObject({ kind: 'answer', status: 404, page: 'test/pages/(first)' })
  expect(of('/other', [], { [KEY]: '404' })).toMatchObject({ kind: 'answer', status: 404, page: 'nobody' })
  expect(of('/other', [], {})).not.toHaveProperty('page')
  expect(of('/app', [empty])).toMatchObject({ backend: 'test/pages/(first)', insteadOf: 'test/app/80' })
  expect(of('/app', [])).not.toHaveProperty('insteadOf')
})
