import { describe, expect, test } from 'vitest'
import { createAuthority, type KeyType, type LeafRequest } from '../../test/support/certificates.js'
import { DEFAULT_CERTIFICATE } from '../model/keys.js'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import { defaultTranslateOptions } from './options.js'
import { translate, type Translation } from './translate.js'

const authority = createAuthority('choice')

function run(...objects: readonly object[]): Translation {
  const ingressClass = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'nginx' },
    spec: { controller: 'k8s.io/ingress-nginx' },
  }
  const store = createStore()
  for (const raw of [ingressClass, ...objects]) {
    const { object } = parseObject(raw, undefined)
    if (object === undefined) throw new Error(`not an object: ${JSON.stringify(raw)}`)
    store.set(object)
  }
  const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: Date.now() }
  return translate(store.snapshot(), defaultTranslateOptions, surroundings)
}

function ingress(
  namespace: string,
  name: string,
  spec: object,
  createdAt = '2026-01-01T00:00:00Z',
  annotations: Readonly<Record<string, string>> = {},
): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace, name, creationTimestamp: createdAt, annotations },
    spec: { ingressClassName: 'nginx', ...spec },
  }
}

const backend = (service: string, port: number | string = 80): object => ({
  service: { name: service, port: typeof port === 'number' ? { number: port } : { name: port } },
})

const rule = (host: string, to: object): object => ({
  host,
  http: { paths: [{ path: '/', pathType: 'Prefix', backend: to }] },
})

function service(namespace: string, name: string, address: string, port: object = { port: 80 }): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec: { ports: [port] } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      addressType: 'IPv4',
      metadata: { namespace, name: `${name}-x`, labels: { 'kubernetes.io/service-name': name } },
      ports: [{ ...port, port: 8080 }],
      endpoints: [{ addresses: [address] }],
    },
  ]
}

/** Where requests for `/` of a host end up: addresses, or a status. */
function addressesOf({ hosts, documents }: Translation, host: string): readonly string[] | string {
  const action = hosts.get(host)?.document.root.action
  if (action?.kind !== 'proxy') return action?.kind ?? 'no such host'
  const upstream = documents.get(`u:${action.upstream}`)
  return upstream !== undefined && 'addresses' in upstream ? upstream.addresses : 'no upstream'
}

describe('ORD-5: names that join to the same text', () => {
  test('namespace a-b with Service c, and namespace a with Service b-c', () => {
    const translation = run(
      ingress('a-b', 'one', { rules: [rule('one.test', backend('c'))] }),
      ingress('a', 'two', { rules: [rule('two.test', backend('b-c'))] }),
      ...service('a-b', 'c', '10.0.0.1'),
      ...service('a', 'b-c', '10.0.0.2'),
    )
    expect(addressesOf(translation, 'one.test')).toEqual(['10.0.0.1'])
    expect(addressesOf(translation, 'two.test')).toEqual(['10.0.0.2'])
  })

  test('Service b with port c-web, and Service b-c with port web', () => {
    const translation = run(
      ingress('a', 'one', { rules: [rule('one.test', backend('b', 'c-web'))] }),
      ingress('a', 'two', { rules: [rule('two.test', backend('b-c', 'web'))] }),
      ...service('a', 'b', '10.0.0.1', { name: 'c-web', port: 80 }),
      ...service('a', 'b-c', '10.0.0.2', { name: 'web', port: 80 }),
    )
    expect(addressesOf(translation, 'one.test')).toEqual(['10.0.0.1'])
    expect(addressesOf(translation, 'two.test')).toEqual(['10.0.0.2'])
  })

  test('two Ingresses with the same three share an upstream', () => {
    const { documents } = run(
      ingress('a', 'one', { rules: [rule('one.test', backend('b'))] }),
      ingress('a', 'two', { rules: [rule('two.test', backend('b'))] }),
      ...service('a', 'b', '10.0.0.1'),
    )
    expect([...documents.keys()].filter((key) => key.startsWith('u:a/'))).toEqual(['u:a/b/80'])
  })
})

describe('DEF-2: an Ingress with a default backend and no rules', () => {
  const catchAll = (name: string, to: string, createdAt?: string): object =>
    ingress('a', name, { defaultBackend: backend(to) }, createdAt)
  const services = [...service('a', 'old', '10.0.0.1'), ...service('a', 'new', '10.0.0.2')]

  test('answers for unknown hosts, and for no host that is known', () => {
    const translation = run(
      catchAll('all', 'old'),
      ingress('a', 'one', { rules: [rule('one.test', backend('new'))] }),
      ...services,
    )
    expect(addressesOf(translation, '_')).toEqual(['10.0.0.1'])
    expect(addressesOf(translation, 'one.test')).toEqual(['10.0.0.2'])
  })

  test('the oldest of two wins', () => {
    const translation = run(
      catchAll('young', 'new', '2026-02-01T00:00:00Z'),
      catchAll('old', 'old', '2026-01-01T00:00:00Z'),
      ...services,
    )
    expect(addressesOf(translation, '_')).toEqual(['10.0.0.1'])
  })

  test('it beats an older rule for / without a host', () => {
    const translation = run(
      ingress('a', 'rule', { rules: [rule('', backend('new'))] }, '2025-01-01T00:00:00Z'),
      catchAll('all', 'old'),
      ...services,
    )
    expect(addressesOf(translation, '_')).toEqual(['10.0.0.1'])
  })

  test('DEF-3: with rules it is for the hosts of the Ingress alone', () => {
    const translation = run(
      ingress('a', 'one', { defaultBackend: backend('old'), rules: [rule('one.test', backend('new'))] }),
      ...services,
    )
    expect(addressesOf(translation, '_')).not.toEqual(['10.0.0.1'])
  })
})

describe('CERT-1: which Secret a host serves', () => {
  function secretOf(name: string, request: LeafRequest, namespace = 'a'): object {
    const { chain, key } = authority.issue(request)
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: { namespace, name },
      stringData: { 'tls.crt': chain, 'tls.key': key },
    }
  }
  const secret = (name: string, ...names: string[]): object => secretOf(name, { names })
  const tls = (name: string, entries: readonly object[], createdAt?: string): object =>
    ingress('a', name, { rules: [rule('shop.test', backend('app'))], tls: entries }, createdAt)
  const entry = (secretName: string, ...hosts: string[]): object => ({ secretName, hosts })
  const served = (translation: Translation): string | undefined =>
    translation.hosts.get('shop.test')?.document.certificate
  const secrets = [
    secret('other', 'other.test'),
    secret('star', '*.test'),
    secret('own', 'shop.test'),
    secret('second', 'shop.test'),
  ]

  test.each<readonly [fact: string, entries: readonly object[], wanted: string]>([
    ['1: the entry that lists the host', [entry('star'), entry('own', 'shop.test')], 'a/own'],
    ['1: in any case', [entry('star'), entry('own', 'SHOP.test')], 'a/own'],
    [
      '2: no entry lists it: the first whose certificate covers it',
      [entry('other', 'other.test'), entry('own'), entry('second')],
      'a/own',
    ],
    ['2: by a wildcard', [entry('other'), entry('star', 'else.test'), entry('own')], 'a/star'],
    ['2: past a Secret that is not there', [entry('missing'), entry('own')], 'a/own'],
    ['3: none covers it', [entry('other'), entry('missing')], DEFAULT_CERTIFICATE],
    [
      'CERT-2: the listed one does not cover it, and no other is looked at',
      [entry('other', 'shop.test'), entry('own')],
      DEFAULT_CERTIFICATE,
    ],
  ])('%s', (_, entries, wanted) => {
    expect(served(run(tls('one', entries), ...secrets))).toBe(wanted)
  })

  test('the oldest Ingress of the host with a TLS section decides, not the oldest of all', () => {
    const plain = ingress('a', 'plain', { rules: [rule('shop.test', backend('app'))] }, '2025-01-01T00:00:00Z')
    const translation = run(
      plain,
      tls('young', [entry('second', 'shop.test')], '2026-03-01T00:00:00Z'),
      tls('old', [entry('own')], '2026-02-01T00:00:00Z'),
      ...secrets,
    )
    expect(served(translation)).toBe('a/own')
  })

  describe('of two kinds of keys', () => {
    const ofKind = (name: string, keyType: KeyType, ...names: string[]): object => secretOf(name, { names, keyType })
    const kinds = [
      ofKind('rsa', 'rsa', 'shop.test'),
      ofKind('ec', 'ec', 'shop.test'),
      ofKind('ec2', 'ec', 'shop.test'),
      ofKind('ed', 'ed25519', '*.test'),
      ofKind('elsewhere', 'ec', 'other.test'),
    ]
    const both = (...entries: readonly object[]): readonly (string | undefined)[] =>
      all(run(tls('one', entries), ...kinds))
    const all = ({ hosts }: Translation, host = 'shop.test'): readonly (string | undefined)[] => {
      const { certificate, otherCertificates = [] } = hosts.get(host)?.document ?? {}
      return [certificate, ...otherCertificates]
    }
    const named = (...names: readonly string[]): readonly object[] => names.map((name) => entry(name, 'shop.test'))
    const [OLD, YOUNG, YOUNGEST] = ['2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'] as const

    test('the first of each kind', () => {
      expect(both(...named('rsa', 'ec', 'ec2', 'ed'))).toEqual(['a/rsa', 'a/ec', 'a/ed'])
      expect(both(...named('ec2', 'rsa', 'ec'))).toEqual(['a/ec2', 'a/rsa'])
    })

    test('an entry that does not name the host is none, unless none does', () => {
      expect(both(...named('rsa'), entry('ec'))).toEqual(['a/rsa'])
      expect(both(entry('elsewhere'), entry('rsa'), entry('ec'))).toEqual(['a/rsa', 'a/ec'])
    })

    test('the oldest Ingress decides; younger ones of its namespace add kinds, and only those', () => {
      const ingresses = [
        tls('youngest', named('ec2', 'ed'), YOUNGEST),
        tls('young', [...named('ec'), entry('ed')], YOUNG),
        tls('old', named('rsa'), OLD),
      ]
      expect(all(run(...ingresses, ...kinds))).toEqual(['a/rsa', 'a/ec', 'a/ed'])
    })

    test('CERT-1: nobody of another namespace adds one', () => {
      const stranger = ingress('b', 'stranger', { rules: [rule('shop.test', backend('app'))], tls: named('ec') }, YOUNG)
      const theirs = secretOf('ec', { names: ['shop.test'] }, 'b')
      expect(all(run(tls('old', named('rsa'), OLD), stranger, theirs, ...kinds))).toEqual(['a/rsa'])
    })

    test('CERT-2: where the first cannot be used, the default certificate is served', () => {
      expect(both(...named('missing', 'ec'))).toEqual([DEFAULT_CERTIFICATE])
    })

    test('one that cannot be used is said, and the first is served alone', () => {
      const translation = run(tls('one', named('rsa', 'missing', 'elsewhere')), ...kinds)
      expect(all(translation)).toEqual(['a/rsa'])
      expect(translation.problems.filter(({ field }) => field.startsWith('spec.tls'))).toMatchObject([
        { code: 'tls/secret-not-found', field: 'spec.tls[1].secretName' },
        { code: 'tls/host-not-covered', field: 'spec.tls[2].secretName' },
      ])
      expect(translation.documents.has('c:a/elsewhere')).toBe(false)
    })

    test('ALI-5: another name has those that cover it', () => {
      const aliased = ingress(
        'a',
        'aliased',
        { rules: [rule('shop.test', backend('app'))], tls: named('ed', 'ec') },
        OLD,
        {
          'nginx.ingress.kubernetes.io/server-alias': 'alias.test',
        },
      )
      const translation = run(aliased, ...kinds)
      expect(all(translation)).toEqual(['a/ed', 'a/ec'])
      expect(all(translation, 'alias.test')).toEqual(['a/ed'])
    })
  })

  test('CERT-7: a Secret of another namespace is none', () => {
    const elsewhere = ingress('b', 'one', {
      rules: [rule('shop.test', backend('app'))],
      tls: [entry('own', 'shop.test')],
    })
    expect(served(run(elsewhere, ...secrets))).toBe(DEFAULT_CERTIFICATE)
  })
})
