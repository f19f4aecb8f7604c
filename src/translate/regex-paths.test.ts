import { expect, test } from 'vitest'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import type { PatternVerdicts } from '../nginx/pattern.js'
import { defaultTranslateOptions } from './options.js'
import { type PathAsPattern, patternsOf } from './regex-paths.js'
import { translate, type Translation } from './translate.js'

const valid: PatternVerdicts = new Map()

function textsOf(paths: readonly PathAsPattern[], verdicts = valid): readonly string[] {
  const { paths: made } = patternsOf(paths, verdicts, (_from, path) => ({
    path,
    match: 'regex',
    action: { kind: 'answer', status: 200, label: '' },
  }))
  return made.patterns.map(({ pattern }) => pattern)
}

const regex = (path: string): PathAsPattern => ({ path, match: 'prefix', asWritten: true })
const prefix = (path: string): PathAsPattern => ({ path, match: 'prefix', asWritten: false })
const exact = (path: string): PathAsPattern => ({ path, match: 'exact', asWritten: false })

test.each<readonly [fact: string, paths: readonly PathAsPattern[], patterns: readonly string[]]>([
  [
    'longest text first, then descending bytes (PATH-5)',
    [regex('/a'), regex('/b'), regex('/aa')],
    ['^/aa', '^/b', '^/a'],
  ],
  ['a Prefix counts twice (PATH-6)', [prefix('/a')], ['^/a/', '^/a']],
  ['one that is written with its slash once', [prefix('/a/')], ['^/a/']],
  ['an Exact one once', [exact('/a')], ['^/a']],
  ['a Prefix beside an Exact one only with its slash', [prefix('/a'), exact('/a')], ['^/a/', '^/a']],
  ['equal patterns once', [regex('/a'), exact('/a')], ['^/a']],
])('%s', (_fact, paths, patterns) => {
  expect(textsOf(paths)).toEqual(patterns)
})

test('of equal patterns the one that is written so goes first, then the older', () => {
  const sources: PathAsPattern[] = []
  const older = prefix('/a')
  const written = prefix('/a/')
  patternsOf([older, written, regex('/a/')], valid, (from, path) => {
    sources.push(from)
    return { path, match: 'regex', action: { kind: 'answer', status: 200, label: '' } }
  })
  expect(sources).toEqual([written, older])
})

test('patterns are unjudged until something is known of them; a refused one is left out, and only its host is made anew', () => {
  const store = createStore()
  for (const [host, path] of [
    ['a.test', '/a('],
    ['b.test', '/b'],
  ] as const) {
    const backend = { service: { name: 'app', port: { number: 80 } } }
    const { object } = parseObject(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: {
          name: host,
          namespace: 'test',
          annotations: { 'kubernetes.io/ingress.class': 'nginx', 'nginx.ingress.kubernetes.io/use-regex': 'true' },
        },
        spec: { rules: [{ host, http: { paths: [{ path, pathType: 'ImplementationSpecific', backend }] } }] },
      },
      undefined,
    )
    if (object === undefined) throw new Error('no object')
    store.set(object)
  }
  const run = (verdicts: PatternVerdicts, previous?: Translation): Translation => {
    const surroundings = { fallbackCertificate: { chain: 'c', key: 'k' }, now: 0, verdicts }
    return translate(store.snapshot(), defaultTranslateOptions, surroundings, previous)
  }
  const codes = ({ problems }: Translation): readonly string[] =>
    problems.map(({ code }) => code).filter((code) => code.startsWith('path/'))

  const nothing = run(new Map())
  expect([...nothing.unjudged.values()].flat()).toEqual(['^/a(', '^/b'])
  expect(codes(nothing)).toEqual(['path/pattern-unjudged', 'path/pattern-unjudged'])
  const one = run(new Map([['^/b', { kind: 'valid' }]]), nothing)
  expect([...one.unjudged.values()].flat()).toEqual(['^/a('])
  const verdicts: PatternVerdicts = new Map([
    ['^/b', { kind: 'valid' }],
    ['^/a(', { kind: 'refused', reason: 'missing )', position: 4 }],
  ])
  const all = run(verdicts, one)
  expect(all.unjudged.size).toBe(0)
  expect(codes(all)).toEqual(['path/pattern-refused'])
  expect(all.hosts.get('a.test')?.document.paths).toEqual({ kind: 'regex', patterns: [] })
  expect(all.hosts.get('b.test')).toBe(one.hosts.get('b.test'))
  expect([...all.documents]).toEqual([...run(verdicts).documents])
})
