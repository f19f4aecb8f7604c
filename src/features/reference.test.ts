import { describe, expect, test } from 'vitest'
import { families } from './index.js'
import { printReference, referenceEntries } from './reference.js'

/** `npx vitest run src/features/reference -u` writes the page anew. */
test('docs/annotations.md says what the declarations say', async () => {
  await expect(printReference()).toMatchFileSnapshot('../../docs/annotations.md')
})

test('no annotation is declared twice, by its name or by an alias', () => {
  const names = families.flatMap(({ annotations }) =>
    Object.entries(annotations).flatMap(([name, { alias }]) => (alias === undefined ? [name] : [name, alias])),
  )
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted())
})

describe.each(referenceEntries().map((entry) => [entry.name, entry] as const))('%s', (_name, { annotation }) => {
  test('has an example that works', () => {
    expect(annotation.kind.parse(annotation.example)).toMatchObject({ ok: true })
  })
  test('is described by a sentence', () => {
    expect(annotation.doc).toMatch(/^[A-Z].*\.$/)
  })
})
