import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { placesByRule } from './places.js'
import { remarks, sections } from './rules.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const places = placesByRule(root)
const rules = sections.map((section) => ({
  ...section,
  ids: Array.from({ length: section.last - section.first + 1 }, (_, i) => `${section.prefix}-${section.first + i}`),
}))

/** `npx vitest run test/parity -u` writes the page anew. */
test('docs/parity.md names the tests of each rule', async () => {
  const tables = rules.flatMap(({ title, ids }) => [
    `## ${title}`,
    '',
    '| rule | shown by | differs |',
    '|---|---|---|',
    ...ids.map((id) => `| ${id} | ${placesOf(id)} | ${remarks[id] ?? ''} |`),
    '',
  ])
  const head = [
    '# Parity with ingress-nginx',
    '',
    'Each rule of the behaviour that users of ingress-nginx rely on, with the tests whose names carry it and what Fairlead does otherwise.',
    'Produced from the names of the tests by `test/parity/`.',
    '',
  ]
  await expect([...head, ...tables].join('\n')).toMatchFileSnapshot('../../docs/parity.md')
})

function placesOf(id: string): string {
  const all = places.get(id) ?? []
  const more = all.length > 3 ? ` and ${all.length - 3} more` : ''
  return `${all.slice(0, 3).join(', ')}${more}`
}

test('every rule has a test, or a word why not', () => {
  expect(rules.flatMap(({ ids }) => ids).filter((id) => !places.has(id) && remarks[id] === undefined)).toEqual([])
})

test('every remark is about a rule', () => {
  const known = new Set(rules.flatMap(({ ids }) => ids))
  expect(Object.keys(remarks).filter((id) => !known.has(id))).toEqual([])
})
