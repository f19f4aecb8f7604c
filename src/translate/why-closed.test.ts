import { expect, test } from 'vitest'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import { type Explanation, explain } from './explain.js'
import { defaultTranslateOptions } from './options.js'
import { translate } from './translate.js'

const PREFIX = 'nginx.ingress.kubernetes.io'

function ingress(name: string, paths: readonly string[], annotations: Readonly<Record<string, string>>): object {
  const backend = { service: { name: 'app', port: { number: 80 } } }
  const own = Object.entries(annotations).map(([key, value]) => [`${PREFIX}/${key}`, value] as const)
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'test',
      annotations: { 'kubernetes.io/ingress.class': 'nginx', ...Object.fromEntries(own) },
    },
    spec: {
      rules: [{ host: 'a.test', http: { paths: paths.map((path) => ({ path, pathType: 'Prefix', backend })) } }],
    },
  }
}

function explained(...objects: readonly object[]): Explanation {
  const store = createStore()
  for (const raw of objects) {
    const { object } = parseObject(raw, undefined)
    if (object === undefined) throw new Error('not an object')
    store.set(object)
  }
  const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0 }
  const translation = translate(store.snapshot(), defaultTranslateOptions, surroundings)
  return explain(translation, { scheme: 'http', host: 'a.test', target: '/x/y' }, true)
}

const forbidding = ingress('closing', ['/', '/x'], { 'auth-tls-secret': 'test/none' })

test('a closed host says which Ingress closes it and why, and of no path that a longer one matches', () => {
  const { outcome, competitors } = explained(forbidding, ingress('other', ['/x/y'], {}))
  expect(outcome).toMatchObject({ status: 403 })
  expect('reason' in outcome && outcome.reason).toMatch(
    /^the host is closed by Ingress test\/closing: There is no Secret test\/none\./,
  )
  expect(competitors).toHaveLength(3)
  expect(new Set(competitors.map(({ why }) => why))).toEqual(new Set(['the host is closed, whatever the path']))
})

test('a closed path says why, also where its Ingress is refused', () => {
  const { outcome } = explained(ingress('login', ['/x'], { 'auth-type': 'basic' }))
  expect('reason' in outcome && outcome.reason).toMatch(/^the path is closed by Ingress test\/login: auth-type needs/)
  const refused = explained(ingress('login', ['/x'], { 'auth-type': 'Basic' })).outcome
  expect('reason' in refused && refused.reason).toMatch(/^the path is closed by Ingress test\/login: The value "Basic"/)
})
