import { expect, test } from 'vitest'
import { createAuthority } from '../../test/support/certificates.js'
import { snapshotOf } from '../../test/cases/world-of-case.js'
import { defaultTranslateOptions } from './options.js'
import { translate, type Translation } from './translate.js'

const prefix = 'nginx.ingress.kubernetes.io'
const { chain, key } = createAuthority('other names').issue({ names: ['a.test', 'b.test', 'www.a.test', '*.w.test'] })

const secret = {
  kind: 'Secret',
  type: 'kubernetes.io/tls',
  metadata: { name: 'a' },
  stringData: { 'tls.crt': chain, 'tls.key': key },
}

function ingress(name: string, host: string, annotations: Readonly<Record<string, string>>, tls = true): object {
  const backend = { service: { name: 'app', port: { number: 80 } } }
  const named = Object.fromEntries(Object.entries(annotations).map(([one, value]) => [`${prefix}/${one}`, value]))
  return {
    kind: 'Ingress',
    metadata: { name, annotations: named },
    spec: {
      ...(tls ? { tls: [{ hosts: [host], secretName: 'a' }] } : {}),
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  }
}

const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: Date.parse('2026-11-01') }
const translated = (objects: readonly object[], before?: Translation): Translation =>
  translate(snapshotOf(objects), defaultTranslateOptions, surroundings, before)

/** Certificate and status of the redirect to HTTPS. */
function tlsOf({ documents }: Translation, name: string): readonly unknown[] {
  const document = documents.get(name)
  if (document === undefined || !('root' in document)) throw new Error(`no host ${name}`)
  return [document.certificate, document.root.httpsRedirect]
}

test('an alias has the certificate of the host and its redirect to HTTPS where that covers it (ALI-5, ALI-6)', () => {
  const translation = translated([secret, ingress('a', 'a.test', { 'server-alias': 'b.test, c.test, *.w.test' })])
  expect(tlsOf(translation, 'h:a.test')).toEqual(['test/a', 308])
  expect(tlsOf(translation, 'h:b.test')).toEqual(['test/a', 308])
  expect(tlsOf(translation, 'w:w.test')).toEqual(['test/a', 308])
  expect(tlsOf(translation, 'h:c.test')).toEqual([undefined, undefined])
})

test('the name that is redirected from has the certificate of the host where that covers it (CERT-10)', () => {
  const www = { 'from-to-www-redirect': 'true' }
  expect(tlsOf(translated([secret, ingress('a', 'a.test', www)]), 'h:www.a.test')[0]).toBe('test/a')
  expect(tlsOf(translated([secret, ingress('c', 'b.test', www)]), 'h:www.b.test')[0]).toBeUndefined()
})

test('a host that is declared later takes its name back, and gives it up again (ALI-4, RED-7)', () => {
  const alias = ingress('a', 'a.test', { 'server-alias': 'b.test', 'from-to-www-redirect': 'true' }, false)
  const others = [ingress('b', 'b.test', {}, false), ingress('w', 'www.a.test', {}, false)]
  const first = translated([alias])
  const second = translated([alias, ...others], first)
  const third = translated([alias], second)
  expect(first.documents.get('h:www.a.test')).toHaveProperty('features.www')
  expect(second.documents.get('h:www.a.test')).not.toHaveProperty('features')
  expect([...second.documents]).toEqual([...translated([...others, alias]).documents])
  expect([...third.documents]).toEqual([...first.documents])
})

test('of several Ingresses that ask for one name the oldest has it, in whatever order they come (ALI-3)', () => {
  const aged = (name: string, host: string, day: number): object => {
    const own = ingress(name, host, { 'server-alias': 'x.test' }, false)
    return {
      ...own,
      metadata: { ...(own as { metadata: object }).metadata, creationTimestamp: `2026-01-0${day}T00:00:00Z` },
    }
  }
  const all = [aged('a', 'a.test', 3), aged('b', 'b.test', 1), aged('c', 'c.test', 2)]
  for (const objects of [all, all.toReversed()])
    expect(translated(objects).otherNames.get('x.test')?.host).toBe('b.test')
})
