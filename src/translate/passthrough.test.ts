import { describe, expect, test } from 'vitest'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import { explain } from './explain.js'
import { defaultTranslateOptions, type TranslateOptions } from './options.js'
import { translate, type Translation } from './translate.js'

const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0 }
const switchedOn = { ...defaultTranslateOptions, watchIngressWithoutClass: true, sslPassthrough: true }

const backend = { service: { name: 'app', port: { number: 80 } } }
const objects = [
  ingress('exact', 'a.test', '/', { 'server-alias': 'alias.test' }),
  ingress('wildcard', '*.b.test', '/'),
  ingress('deep', 'c.test', '/deep'),
  ingress('nobody', undefined, '/'),
  { ...ingress('closed', 'd.test', '/', { 'auth-type': 'nonsense' }) },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'app', namespace: 'test' }, spec: { ports: [{ port: 80 }] } },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata: { name: 'app-a', namespace: 'test', labels: { 'kubernetes.io/service-name': 'app' } },
    ports: [{ port: 8443 }],
    endpoints: [{ addresses: ['10.0.0.1'] }],
  },
]

describe('TLS passthrough', () => {
  test('PT-2: by the name of the host, to the endpoints of the Service of its path /', () => {
    const { passed } = made(switchedOn).passthrough
    expect(passed.get('sni:a.test')).toEqual({
      label: 'test-app-80',
      endpoints: [{ address: '10.0.0.1', port: 8443 }],
    })
    expect([...passed.keys()].filter((key) => /alias|\*|c\.test|_/.test(key))).toEqual([])
  })

  test('PT-2: what asks for it and cannot have it is not decrypted, but for the default server, which is everybody’s', () => {
    const { documents, problems } = made(switchedOn)
    const asks = (key: string): unknown => {
      const document = documents.get(key)
      return document !== undefined && 'paths' in document ? document.features?.passthrough : 'no host'
    }
    expect(['h:a.test', 'h:alias.test', 'w:b.test', 'h:c.test', 'h:_'].map(asks)).toEqual([
      true,
      true,
      true,
      true,
      undefined,
    ])
    const said = problems.filter(({ code }) => code === 'stream/not-passed').map(({ about }) => about.name)
    expect(said.toSorted()).toEqual(['deep', 'wildcard'])
  })

  test('an NGINX that cannot: one problem, and nothing is passed on or decrypted', () => {
    for (const streams of [
      { streams: false, streamPass: true },
      { streams: true, streamPass: false },
    ]) {
      const { passthrough, problems, documents } = made({ ...switchedOn, streams })
      expect(passthrough.passed.size).toBe(0)
      expect(problems.filter(({ code }) => code === 'stream/engine-lacks')).toHaveLength(1)
      expect(documents.get('h:a.test')).toMatchObject({ features: { passthrough: true } })
    }
  })

  test('PT-1: without the flag it has no effect, and that is said', () => {
    const { passthrough, problems, documents } = made({ ...switchedOn, sslPassthrough: false })
    expect(passthrough.passed.size).toBe(0)
    expect(documents.get('h:a.test')).not.toHaveProperty('features.passthrough')
    expect(problems.some(({ message }) => message.includes('--enable-ssl-passthrough'))).toBe(true)
  })

  test('a translation that follows another says the same, and what is passed on is the same object while it is the same', () => {
    const first = made(switchedOn)
    const again = made(switchedOn, first)
    expect(again.passthrough.passed).toBe(first.passthrough.passed)
    const fewer = made(switchedOn, first, objects.slice(1))
    expect([...fewer.passthrough.passed]).toEqual([...made(switchedOn, undefined, objects.slice(1)).passthrough.passed])
    expect(fewer.passthrough.passed.has('sni:a.test')).toBe(false)
  })

  test('explain says where TLS goes, and that plain HTTP is another matter', () => {
    const of = (scheme: 'http' | 'https'): unknown =>
      explain(made(switchedOn), { scheme, host: 'a.test', target: '/x' }, true).outcome
    expect(of('https')).toMatchObject({ kind: 'proxy', endpoints: ['10.0.0.1:8443'] })
    expect(JSON.stringify(of('https'))).toContain('ssl-passthrough')
    expect(JSON.stringify(of('http'))).not.toContain('ssl-passthrough')
  })
})

function made(options: TranslateOptions, previous?: Translation, all: readonly object[] = objects): Translation {
  const store = createStore()
  for (const raw of all) {
    const { object } = parseObject(raw, undefined)
    if (object !== undefined) store.set(object)
  }
  return translate(store.snapshot(), options, surroundings, previous)
}

function ingress(name: string, host: string | undefined, path: string, more: Record<string, string> = {}): object {
  const prefix = 'nginx.ingress.kubernetes.io/'
  const annotations = Object.entries({ 'ssl-passthrough': 'true', ...more }).map(([key, value]) => [
    prefix + key,
    value,
  ])
  const rule = { ...(host === undefined ? {} : { host }), http: { paths: [{ path, pathType: 'Prefix', backend }] } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'test', annotations: Object.fromEntries(annotations) },
    spec: { rules: [rule] },
  }
}
