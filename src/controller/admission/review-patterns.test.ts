import { expect, test } from 'vitest'
import type { PatternHelper } from '../../apply/engine/patterns.js'
import type { Ingress } from '../../snapshot/objects.js'
import { parseObject } from '../../snapshot/parse.js'
import { createStore } from '../../snapshot/store.js'
import { defaultTranslateOptions } from '../../translate/options.js'
import { createPatternJudge } from '../pattern-judge.js'
import { reviewPatterns } from './review-patterns.js'

const helper: Pick<PatternHelper, 'compile'> = {
  compile: (patterns) =>
    Promise.resolve({
      ok: true,
      answers: patterns.map((pattern) =>
        pattern.endsWith('(') ? { kind: 'refused', reason: 'missing )', position: pattern.length } : { kind: 'valid' },
      ),
    }),
}
const gone: Pick<PatternHelper, 'compile'> = { compile: () => Promise.resolve({ ok: false, cause: 'gone' }) }

function ingress(annotations: object, paths: readonly string[], className = 'nginx'): Ingress {
  const backend = { service: { name: 'app', port: { number: 80 } } }
  const { object } = parseObject(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name: 'a',
        namespace: 'test',
        annotations: {
          'kubernetes.io/ingress.class': className,
          ...Object.fromEntries(
            Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
          ),
        },
      },
      spec: {
        rules: [
          {
            host: 'a.test',
            http: { paths: paths.map((path) => ({ path, pathType: 'ImplementationSpecific', backend })) },
          },
        ],
      },
    },
    undefined,
  )
  if (object?.kind !== 'Ingress') throw new Error('no Ingress')
  return object
}

function review(one: Ingress, by = helper): Promise<string | undefined> {
  const candidate = { ingress: one, isBeingDeleted: false }
  return reviewPatterns(candidate, createStore().snapshot(), defaultTranslateOptions, createPatternJudge(by))
}

test('ADM-2, PATH-7: a path that PCRE2 does not take is refused where the Ingress itself makes it a pattern', async () => {
  expect(await review(ingress({ 'use-regex': 'true' }, ['/fine/.*', '/a(']))).toBe(
    'spec.rules[0].http.paths[1].path: "/a(" is not a regular expression that NGINX takes: missing ) (after 3 bytes). ' +
      'Put a backslash before characters that stand for themselves. [path/pattern-refused]',
  )
  expect(await review(ingress({ 'rewrite-target': '/' }, ['/a(']))).toContain('"/a("')
})

test.each([
  [
    'canary-by-header-pattern',
    { canary: 'true', 'canary-by-header': 'X-User', 'canary-by-header-pattern': '^(' },
    '^(',
  ],
  ['server-alias', { 'server-alias': 'b.test, ~x(' }, 'x('],
  ['service-match', { 'service-match': 'app: header("X-User", /a(/)' }, 'a('],
])(
  'ADM-2, CAN-7: a regular expression of %s that PCRE2 does not take is refused',
  async (name, annotations, pattern) => {
    expect(await review(ingress(annotations, ['/a']))).toBe(
      `metadata.annotations["nginx.ingress.kubernetes.io/${name}"]: ${JSON.stringify(pattern)} is not a regular expression that NGINX takes: ` +
        `missing ) (after ${pattern.length} bytes). Put a backslash before characters that stand for themselves. [annotation/pattern-refused]`,
    )
  },
)

test.each([
  ['aliases that are fine', ingress({ 'server-alias': 'b.test, ~x(y)' }, ['/a'])],
  ['patterns that are fine', ingress({ 'use-regex': 'true' }, ['/a(b)'])],
  ['paths that are none', ingress({}, ['/a('])],
  ['an Ingress of another class', ingress({ 'use-regex': 'true' }, ['/a('], 'other')],
])('%s: admitted', async (_fact, one) => {
  expect(await review(one)).toBeUndefined()
})

test('where nobody can try it, it is admitted', async () => {
  expect(await review(ingress({ 'use-regex': 'true' }, ['/a(']), gone)).toBeUndefined()
})
