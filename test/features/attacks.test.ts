import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatOf } from '../../src/apply/lua-format.js'
import { prepareStateFolder, stateFolderAt, type StateFolder } from '../../src/apply/state-folder.js'
import { createFramePrinter } from '../../src/cli/serve/frame-printer.js'
import { keepFallbackCertificate } from '../../src/controller/fallback-certificate.js'
import { families } from '../../src/features/index.js'
import { referenceEntries } from '../../src/features/reference.js'
import { parseObject } from '../../src/snapshot/parse.js'
import { createStore } from '../../src/snapshot/store.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { translate, type Translation } from '../../src/translate/translate.js'
import { theEngine } from '../support/engine.js'
import { attacks, MARK, nuisances } from './attacks.js'

const lua = fileURLToPath(new URL('../../dist/lua', import.meta.url))
const PREFIX = 'nginx.ingress.kubernetes.io'
const fallbackCertificate = { chain: 'chain', key: 'key' }

let folder: StateFolder
let print: ReturnType<typeof createFramePrinter>

beforeAll(async () => {
  folder = stateFolderAt(mkdtempSync(join(tmpdir(), 'fairlead-attacks-')))
  expect(prepareStateFolder(folder, undefined)).toBeUndefined()
  keepFallbackCertificate({ certificate: folder.fallbackCertificate, key: folder.fallbackKey }, Date.now())
  const flags = { httpPort: 80, httpsPort: 443, tableSize: 16 }
  const engine = await theEngine()
  print = createFramePrinter({ flags, folder, engine, user: undefined, format: formatOf(lua), lua, ipv6: false })
})

afterAll(() => rmSync(folder.root, { recursive: true }))

function run(
  annotations: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Translation {
  const store = createStore()
  const backend = { service: { name: 'app', port: { number: 80 } } }
  const other = { service: { name: 'other', port: { number: 80 } } }
  const raws = [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name: 'a',
        namespace: 'test',
        annotations: { 'kubernetes.io/ingress.class': 'nginx', ...annotations },
      },
      spec: { rules: [{ host: 'a.test', http: { paths: [{ path: '/x', pathType: 'Prefix', backend }] } }] },
    },
    // The main one of a canary; for all else the younger, whose path is not used.
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: '0', namespace: 'test', annotations: { 'kubernetes.io/ingress.class': 'nginx' } },
      spec: { rules: [{ host: 'a.test', http: { paths: [{ path: '/x', pathType: 'Prefix', backend: other }] } }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'app', namespace: 'test' },
      spec: { ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
      data: settings,
    },
  ]
  for (const raw of raws) {
    const { object } = parseObject(raw, undefined)
    if (object !== undefined) store.set(object)
  }
  return translate(store.snapshot(), defaultTranslateOptions, { fallbackCertificate, now: 0 })
}

/** The other annotations of a family, so that each is looked at where it has an effect. */
function companions(family: string): Readonly<Record<string, string>> {
  const annotations = families.find(({ name }) => name === family)?.annotations ?? {}
  return Object.fromEntries(Object.entries(annotations).map(([name, { example }]) => [`${PREFIX}/${name}`, example]))
}

describe.each(referenceEntries().map((entry) => [entry.name, entry] as const))('%s', (name, { family, annotation }) => {
  test('no text of it is in the frame, and what is refused is said', () => {
    for (const attack of attacks) {
      const translation = run({ ...companions(family.name), [`${PREFIX}/${name}`]: attack })
      expect(print(translation.frame, 1, translation.profiles), attack.slice(0, 60)).not.toContain(MARK)
      const carried = JSON.stringify([...translation.documents]).includes(MARK)
      if (!annotation.kind.parse(attack.trim()).ok) {
        expect(carried, `${attack.slice(0, 60)} is refused and yet in the table`).toBe(false)
        expect(translation.problems.map(({ field }) => field)).toContain(`metadata.annotations["${PREFIX}/${name}"]`)
      }
    }
  })

  test('text that breaks out of nothing is read or refused, and hurts nobody', () => {
    for (const nuisance of nuisances) {
      const translation = run({ ...companions(family.name), [`${PREFIX}/${name}`]: nuisance })
      const refused = translation.problems.some(({ field }) => field.includes(`/${name}"`))
      expect(refused || annotation.kind.parse(nuisance).ok).toBe(true)
    }
  })

  test('nothing that is carried as data holds a line end or a zero byte (GEN-8)', () => {
    for (const attack of attacks) {
      const read = annotation.kind.parse(attack)
      if (read.ok) expect(JSON.stringify(read.value)).not.toMatch(/\\[rn]|\\u0000/)
    }
  })
})

test('no text of a ConfigMap key that gives a default is in the frame', () => {
  for (const { annotation } of referenceEntries()) {
    if (annotation.configMapKey === undefined) continue
    for (const attack of attacks) {
      const { frame, profiles } = run({}, { [annotation.configMapKey]: attack })
      expect(print(frame, 1, profiles)).not.toContain(MARK)
    }
  }
})
