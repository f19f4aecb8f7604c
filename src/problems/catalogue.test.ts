import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { catalogue } from './catalogue.js'

const source = fileURLToPath(new URL('..', import.meta.url))

/** `npx vitest run src/problems -u` writes the page anew. */
test('docs/problems.md says what the catalogue says', async () => {
  const rows = Object.entries(catalogue).map(
    ([code, { severity, title }]) => `| \`${code}\` | ${severity} | ${title} |`,
  )
  const page = [
    '# Problems',
    '',
    'Every code that `fairlead check`, the log and later the events can carry. Produced from `src/problems/catalogue.ts`.',
    '',
    'error: that part is left out. warning: it works, or a default applies.',
    '',
    '| code | severity | what it means |',
    '|---|---|---|',
    ...rows,
    '',
  ]
  await expect(page.join('\n')).toMatchFileSnapshot('../../docs/problems.md')
})

test('every code of the catalogue is used somewhere', () => {
  const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('catalogue.ts'))
    .map((name) => readFileSync(`${source}/${name}`, 'utf8'))
    .join('\n')
  expect(Object.keys(catalogue).filter((code) => !text.includes(`'${code}'`))).toEqual([])
})
