import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { keys } from '../../src/configmap/index.js'
import { keyGroups, printKeys } from '../../src/configmap/reference.js'
import { defaultKeys } from '../../src/features/defaults.js'

/** `npx vitest run test/configmap -u` writes the page anew. */
test('docs/configmap.md says what the declarations say', async () => {
  await expect(printKeys()).toMatchFileSnapshot('../../docs/configmap.md')
})

/** Keys of ingress-nginx's last version, those that it only documents among them. */
const known = readFileSync(new URL('keys.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')

test('every key that ingress-nginx has is declared, with its effect or why it has none', () => {
  const declared = new Set([...Object.keys(keys), ...defaultKeys])
  expect(known.filter((key) => !declared.has(key))).toEqual([])
})

test('a key is declared once', () => {
  const all = keyGroups().flatMap(({ entries, withoutEffect }) => [
    ...entries.map(({ key }) => key),
    ...withoutEffect.map(([key]) => key),
  ])
  expect(all.toSorted()).toEqual([...new Set(all)].toSorted())
})

describe.each(Object.entries(keys))('%s', (_, declared) => {
  test('is described by sentences, and its example works', () => {
    if ('withoutEffect' in declared) return expect(declared.withoutEffect).toMatch(/^\w.*\.$/)
    expect(declared.doc).toMatch(/^[A-Z].*\.$/)
    expect(declared.kind.parse(declared.example)).toMatchObject({ ok: true })
  })
})
