import { expect, test } from 'vitest'
import type { Route } from '../model/documents.js'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import { defaultTranslateOptions } from './options.js'
import { translate, type Translation } from './translate.js'

const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0 }
const PREFIX = 'nginx.ingress.kubernetes.io'

function ingress(path: string, annotations: Readonly<Record<string, string>>): object {
  const backend = { service: { name: 'app', port: { number: 80 } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'a', namespace: 'test', annotations: { 'kubernetes.io/ingress.class': 'nginx', ...annotations } },
    spec: { rules: [{ host: 'a.test', http: { paths: [{ path, pathType: 'Prefix', backend }] } }] },
  }
}

/** One after another, each on top of the one before. */
function run(steps: readonly (readonly object[])[]): Translation {
  const store = createStore()
  let translation: Translation | undefined
  for (const objects of steps) {
    for (const raw of objects) {
      const { object } = parseObject(raw, undefined)
      if (object === undefined) throw new Error('not an object')
      store.set(object)
    }
    translation = translate(store.snapshot(), defaultTranslateOptions, surroundings, translation)
  }
  if (translation === undefined) throw new Error('no step')
  return translation
}

const prefixesOf = (translation: Translation): Readonly<Record<string, Route>> => {
  const paths = translation.hosts.get('a.test')?.document.paths
  return paths?.kind === 'literal' ? paths.prefix : {}
}

const pathsOf = (translation: Translation): readonly string[] => Object.keys(prefixesOf(translation))

const good = ingress('/good', { [`${PREFIX}/permanent-redirect`]: 'https://b.test' })
const bad = ingress('/bad', { [`${PREFIX}/permanent-redirect`]: 'https://{b}.test' })

test('GEN-3: an Ingress that gets a value that is not allowed is served as it was', () => {
  const translation = run([[good], [bad]])
  expect(pathsOf(translation)).toEqual(['/good'])
  expect(translation.problems.map(({ code }) => code)).toContain('annotation/refused')
})

test('GEN-3: and as it is once that is put right', () => {
  const translation = run([[good], [bad], [ingress('/better', {})]])
  expect(pathsOf(translation)).toEqual(['/better'])
  expect(translation.problems.map(({ code }) => code)).not.toContain('annotation/refused')
})

test('GEN-2: a new one is not served', () => {
  expect(pathsOf(run([[bad]]))).toEqual([])
})

test('GEN-4, SEL-7: forbidden text in a path is treated the same', () => {
  expect(pathsOf(run([[good], [ingress('/x_by_lua', {})]]))).toEqual(['/good'])
  expect(pathsOf(run([[ingress('/x_by_lua', {})]]))).toEqual([])
})

test('a refusal that the ConfigMap takes back ends without a change of the Ingress', () => {
  const settings = (data: object): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
    data,
  })
  const steps = [[good, settings({ 'annotations-risk-level': 'Low' })], [settings({})]]
  expect(pathsOf(run(steps.slice(0, 1)))).toEqual([])
  expect(pathsOf(run(steps))).toEqual(['/good'])
})

test('a default of the ConfigMap is live without a change of the Ingress', () => {
  const settings = (value: string): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
    data: { 'relative-redirects': value },
  })
  const relative = (translation: Translation): unknown => prefixesOf(translation)['/x']?.features?.redirect?.relative
  const moved = ingress('/x', { [`${PREFIX}/permanent-redirect`]: '/y' })
  expect(relative(run([[moved, settings('false')]]))).toBeUndefined()
  expect(relative(run([[moved, settings('false')], [settings('true')]]))).toBe(true)
})

test('GEN-3 GEN-19: while a later version is refused, the users of its Secret come and go all the same', () => {
  const users = (auth: string): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'users', namespace: 'test' },
    stringData: { auth },
  })
  const protection = { [`${PREFIX}/auth-type`]: 'basic', [`${PREFIX}/auth-secret`]: 'users' }
  const protectedGood = ingress('/good', protection)
  const protectedBad = ingress('/bad', { ...protection, [`${PREFIX}/permanent-redirect`]: 'https://{b}.test' })
  const before = run([[protectedGood, users('ann:{PLAIN}x')]])
  const key = prefixesOf(before)['/good']?.features?.basic?.users ?? ''
  const steps = [[protectedGood, users('ann:{PLAIN}x')], [protectedBad], [users('bob:{PLAIN}y')]]
  expect(prefixesOf(run(steps))['/good']?.features?.basic?.users).toBe(key)
  expect(run(steps).attachments.get(key)).toEqual({ kind: 'users', users: { bob: '{PLAIN}y' } })
  const withoutSecret = [
    ...steps,
    [ingress('/worse', { [`${PREFIX}/permanent-redirect`]: 'https://{b}.test' })],
    [users('')],
  ]
  expect(run(withoutSecret).attachments.get(key)).toEqual({ kind: 'users', users: {} })
})

test('GEN-2 GEN-3: what is said of an Ingress that is refused does not contradict itself', () => {
  const broken = ingress('/a', {
    [`${PREFIX}/auth-type`]: 'basic',
    [`${PREFIX}/auth-secret`]: 'nowhere',
    [`${PREFIX}/proxy-read-timeout`]: 'x',
    [`${PREFIX}/permanent-redirect`]: 'https://{b}.test',
  })
  const messages = run([[broken]]).problems.map(({ message }) => message)
  const served = messages.filter((message) => message.includes('is served as it was before'))
  const others = messages.filter((message) => !served.includes(message))
  expect(served.length).toBeGreaterThan(0)
  expect(others).toContainEqual(expect.stringMatching(/There is no Secret.*Once.*refused.*: the paths.*answer 503\.$/))
  for (const message of others) if (/503|default applies/.test(message)) expect(message).toContain('Once the Ingress')
})

test('GEN-3 GEN-19: of the version that is served in place of a refused one it is said that it is closed', () => {
  const login = { [`${PREFIX}/auth-type`]: 'basic', [`${PREFIX}/auth-secret`]: 'nowhere' }
  const refused = ingress('/b', { [`${PREFIX}/permanent-redirect`]: 'https://{b}.test' })
  const translation = run([[ingress('/a', login)], [refused]])
  expect(prefixesOf(translation)['/a']?.action).toMatchObject({ kind: 'answer', status: 503 })
  const messages = translation.problems.map(({ message }) => message)
  expect(messages).toContainEqual(expect.stringMatching(/^In the version .* that is served.*no Secret test\/nowhere/))
})
