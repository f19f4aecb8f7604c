import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { placesByName, placesByRule } from './places.js'
import { keyRemarks, remarks, sections } from './rules.js'
import { keyGroups } from '../../src/configmap/reference.js'
import { referenceEntries } from '../../src/features/reference.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const places = placesByRule(root)
const rules = sections.map((section) => ({
  ...section,
  ids: Array.from({ length: section.last - section.first + 1 }, (_, i) => `${section.prefix}-${section.first + i}`),
}))

const annotations = namesIn('annotations.txt')
const keys = namesIn('../configmap/keys.txt')
const byName = placesByName(root, [...annotations, ...keys])
const withoutEffect = new Map(keyGroups().flatMap(({ withoutEffect }) => withoutEffect))
/** Of those that do nothing, that they do. */
const idle = new Map(
  referenceEntries().flatMap(({ name, annotation: { doc } }) => (/\bhas no effect:/i.test(doc) ? [[name, doc]] : [])),
)

function namesIn(file: string): readonly string[] {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n')
}

/** `npx vitest run test/parity -u` writes the page anew. */
test('docs/parity.md names the tests of each rule', async () => {
  const tables = rules.flatMap(({ title, ids }) => [
    `## ${title}`,
    '',
    '| rule | shown by | differs |',
    '|---|---|---|',
    ...ids.map((id) => `| ${id} | ${listed(places.get(id))} | ${remarks[id] ?? ''} |`),
    '',
  ])
  const names = [
    ...tableOf(
      'Annotations',
      'The annotations of ingress-nginx; docs/annotations.md says what each does.',
      annotations,
      idle,
    ),
    ...tableOf(
      'Keys of the main ConfigMap',
      'docs/configmap.md says what each does, and which values it takes.',
      keys,
      new Map([...withoutEffect, ...Object.entries(keyRemarks)]),
    ),
  ]
  const head = [
    '# Parity with ingress-nginx',
    '',
    'Each rule of the behaviour that users of ingress-nginx rely on, with the tests whose names carry it and what Fairlead does otherwise.',
    'At the end each annotation and each key with the tests that use it. Produced from the tests by `test/parity/`.',
    '',
  ]
  await expect([...head, ...tables, ...names].join('\n')).toMatchFileSnapshot('../../docs/parity.md')
})

function tableOf(
  title: string,
  about: string,
  names: readonly string[],
  effectless: ReadonlyMap<string, string>,
): readonly string[] {
  const rows = names.map((name) => `| \`${name}\` | ${listed(byName.get(name))} | ${effectless.get(name) ?? ''} |`)
  return [`## ${title}`, '', about, '', '| name | used in | no effect, or differs |', '|---|---|---|', ...rows, '']
}

function listed(all: readonly string[] = []): string {
  const more = all.length > 3 ? ` and ${all.length - 3} more` : ''
  return `${all.slice(0, 3).join(', ')}${more}`
}

test('every rule has a test, or a word why not', () => {
  expect(rules.flatMap(({ ids }) => ids).filter((id) => !places.has(id) && remarks[id] === undefined)).toEqual([])
})

test('every annotation and every key is used in a test, or says why it has no effect', () => {
  const unused = (names: readonly string[], effectless: ReadonlyMap<string, string>): readonly string[] =>
    names.filter((name) => (byName.get(name) ?? []).length === 0 && !effectless.has(name))
  expect(annotations).toHaveLength(138)
  expect(keys).toHaveLength(211)
  expect(unused(annotations, idle)).toEqual([])
  expect(unused(keys, withoutEffect)).toEqual([])
})

test('every annotation is understood', () => {
  const understood = new Set(referenceEntries().flatMap(({ name, annotation: { alias } }) => [name, alias]))
  expect(annotations.filter((name) => !understood.has(name))).toEqual([])
})

test('every remark is about a rule', () => {
  const known = new Set(rules.flatMap(({ ids }) => ids))
  expect(Object.keys(remarks).filter((id) => !known.has(id))).toEqual([])
  expect(Object.keys(keyRemarks).filter((name) => !keys.includes(name) || withoutEffect.has(name))).toEqual([])
})
