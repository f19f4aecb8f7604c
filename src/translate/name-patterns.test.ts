import { expect, test } from 'vitest'
import { createAuthority } from '../../test/support/certificates.js'
import { snapshotOf } from '../../test/cases/world-of-case.js'
import type { PatternVerdict, PatternVerdicts } from '../nginx/pattern.js'
import { explain } from './explain.js'
import { defaultTranslateOptions } from './options.js'
import { translate, type Translation, unjudgedPatterns } from './translate.js'

const prefix = 'nginx.ingress.kubernetes.io'

function ingress(name: string, host: string, aliases: string, more: object = {}): object {
  const backend = { service: { name: 'app', port: { number: 80 } } }
  return {
    kind: 'Ingress',
    metadata: { name, annotations: aliases === '' ? {} : { [`${prefix}/server-alias`]: aliases } },
    spec: { rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }], ...more },
  }
}

/** All patterns that hold no `(` are valid. */
const judge = (patterns: readonly string[]): PatternVerdicts =>
  new Map(
    patterns.map((pattern): readonly [string, PatternVerdict] => [
      pattern,
      pattern.includes('(') ? { kind: 'refused', reason: 'missing )', position: 1 } : { kind: 'valid' },
    ]),
  )

const translated = (
  objects: readonly object[],
  verdicts: PatternVerdicts = new Map(),
  before?: Translation,
): Translation =>
  translate(
    snapshotOf(objects),
    defaultTranslateOptions,
    { fallbackCertificate: { chain: 'chain', key: 'key' }, now: Date.parse('2026-11-01'), verdicts },
    before,
  )

const judged = (objects: readonly object[]): Translation => {
  const first = translated(objects)
  return translated(objects, judge(unjudgedPatterns(first)), first)
}

const namesOf = ({ documents }: Translation): readonly string[] => {
  const names = documents.get('n:names')
  return names !== undefined && 'patterns' in names
    ? names.patterns.map(({ pattern, host }) => `${pattern} ${host}`)
    : []
}

const keysOf = ({ documents }: Translation): readonly string[] =>
  [...documents.keys()].filter((key) => /^[hnp]:/.test(key))

test('name.* goes first, longer ones before shorter ones; then patterns by host and text (HOST-2, ALI-2)', () => {
  const objects = [
    ingress('z', 'b.test', '~z, ~^a\\.b, shop.*'),
    ingress('a', 'a.test', 'www.shop.*, ~z, ~y'),
    ingress('w', '*.w.test', '~w'),
  ]
  const names = ['^www\\.shop\\. a.test', '^shop\\. b.test', 'w *.w.test', 'y a.test', 'z a.test', '^a\\.b b.test']
  expect(namesOf(judged(objects))).toEqual(names)
  expect(namesOf(judged(objects.toReversed()))).toEqual(names)
})

test('a pattern is served once PCRE2 has taken it, and never where it does not (ALI-2)', () => {
  const objects = [ingress('a', 'a.test', '~good, ~(bad')]
  const first = translated(objects)
  expect(unjudgedPatterns(first)).toEqual(['(bad', 'good'])
  expect(namesOf(first)).toEqual([])
  expect(first.documents.get('h:_')).not.toHaveProperty('asksPatterns')
  expect(first.problems.map(({ code }) => code)).toEqual(['annotation/pattern-unjudged', 'annotation/pattern-unjudged'])
  const second = translated(objects, judge(unjudgedPatterns(first)), first)
  expect(namesOf(second)).toEqual(['good a.test'])
  expect(second.documents.get('h:_')).toHaveProperty('asksPatterns', true)
  expect(second.problems.map(({ code }) => code)).toEqual(['annotation/pattern-refused'])
  expect(unjudgedPatterns(second)).toEqual([])
})

test('the oldest Ingress of a host with aliases has them all, patterns too (ALI-3)', () => {
  const objects = [ingress('b', 'a.test', '~b'), ingress('a', 'a.test', 'other.test')]
  expect(namesOf(judged(objects))).toEqual(['b a.test'])
  expect(keysOf(judged(objects))).toEqual(['h:_', 'h:a.test', 'n:names', 'p:a.test'])
})

test('names by pattern have no certificate and no redirect to HTTPS, whatever the host has (ALI-5, ALI-6, CERT-5)', () => {
  const { chain, key } = createAuthority('patterns').issue({ names: ['a.test', '*.test', '*.a.test'] })
  const secret = {
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: 'a' },
    stringData: { 'tls.crt': chain, 'tls.key': key },
  }
  const tls = { tls: [{ hosts: ['a.test', '*.test'], secretName: 'a' }] }
  const { documents } = judged([secret, ingress('a', 'a.test', '~x', tls), ingress('w', '*.test', '', tls)])
  expect(documents.get('h:a.test')).toMatchObject({ certificate: 'test/a', root: { httpsRedirect: 308 } })
  expect(documents.get('p:a.test')).not.toHaveProperty('certificate')
  expect(documents.get('p:a.test')).not.toHaveProperty('root.httpsRedirect')
})

test('what comes and goes leaves the same documents as if it had always been so', () => {
  const steps = [
    [ingress('a', 'a.test', '')],
    [ingress('a', 'a.test', '~x, ~y')],
    [ingress('a', 'a.test', '~x'), ingress('b', 'b.test', '~a')],
    [ingress('b', 'b.test', '~a')],
    [ingress('b', 'b.test', 'c.test')],
  ]
  const verdicts = judge(['x', 'y', 'a'])
  let before: Translation | undefined
  for (const objects of steps) {
    before = translated(objects, verdicts, before)
    expect([...before.documents]).toEqual([...translated(objects, verdicts).documents])
  }
  expect(keysOf(before ?? translated([]))).toEqual(['h:_', 'h:b.test', 'h:c.test'])
})

test('explain names the host and its pattern, says why a match failed, and asks for patterns that nobody has tried', () => {
  const asked: string[] = []
  const ask = (translation: Translation, host: string) =>
    explain(translation, { scheme: 'http', host, target: '/' }, true, (pattern, text) => {
      asked.push(pattern)
      if (text.includes('costly')) return { kind: 'failed' }
      return text.includes(pattern) ? { kind: 'match', captures: [pattern] } : { kind: 'none' }
    })
  const objects = [ingress('a', 'a.test', '~shop')]
  const known = judged(objects)
  expect(ask(known, 'shop.example').host).toEqual({ name: 'a.test', how: 'pattern', pattern: 'shop' })
  expect(ask(known, 'shop.example').outcome).toMatchObject({ kind: 'proxy', backend: 'test/app/80' })
  expect(ask(known, 'costly.example').outcome).toEqual({
    kind: 'answer',
    status: 503,
    reason: 'the match of a regular expression of host names failed by its cost, so which host it is cannot be known',
  })
  asked.length = 0
  expect(ask(translated(objects), 'shop.example').host).toEqual({ name: '_', how: 'default' })
  expect(asked).toEqual(['shop'])
})
