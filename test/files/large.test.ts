import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Problem } from '../../src/problems/problem.js'
import { readFolder } from '../../src/sources/files/index.js'
import { temporaryFolder, write } from './folder.js'

const COUNT = 3000

/** Three thousand questions for a place cost milliseconds each if every one reads the file again; together a minute. */
const BOUND_MS = 15_000

async function problemsOf(folder: string): Promise<readonly Problem[]> {
  const started = performance.now()
  const found = await readFolder({ folder, endpoints: [], log: () => {} })
  if (!found.ok) throw new Error(found.message)
  expect(performance.now() - started).toBeLessThan(BOUND_MS)
  return found.problems
}

const numbers = Array.from({ length: COUNT }, (_, index) => index)

test('a copy of a large file beside it: every duplicate names both places', async () => {
  const folder = temporaryFolder()
  const text = numbers
    .map((n) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c${n}\n  namespace: shop\ndata:\n  key: value\n`)
    .join('---\n')
  write(join(folder, 'a.yaml'), text)
  write(join(folder, 'b.yaml'), text)
  const problems = await problemsOf(folder)
  expect(problems).toHaveLength(COUNT)
  const last = problems.find(({ about }) => about.name === `c${COUNT - 1}`)
  const line = (COUNT - 1) * 8 + 1
  expect(last).toMatchObject({ code: 'object/duplicate', position: { file: join(folder, 'b.yaml'), line, column: 1 } })
  expect(last?.message).toContain(`${join(folder, 'a.yaml')}:${line}`)
})

const lists: [name: string, text: string, line: (n: number) => number, column: number][] = [
  [
    'list.yaml',
    `apiVersion: v1\nkind: List\nitems:\n${numbers
      .map((n) => `- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: c${n}}\n  data:\n    key: true\n`)
      .join('')}`,
    (n) => 3 + n * 5 + 5,
    5,
  ],
  [
    // The escape makes it a text for the full parser.
    'full.yaml',
    `apiVersion: v1\nkind: List\nitems:\n${numbers
      .map((n) => `- apiVersion: v1\n  kind: "Config\\x4dap"\n  metadata: {name: c${n}}\n  data:\n    key: true\n`)
      .join('')}`,
    (n) => 3 + n * 5 + 5,
    5,
  ],
  [
    'list.json',
    `{"apiVersion": "v1", "kind": "List", "items": [\n${numbers
      .map((n) => `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c${n}"},\n "data": {"key": true}}`)
      .join(',\n')}\n]}\n`,
    (n) => 1 + n * 2 + 2,
    11,
  ],
]
test.each(lists)('every mistake in the long list %s is placed', async (name, text, line, column) => {
  const folder = temporaryFolder()
  write(join(folder, name), text)
  const problems = await problemsOf(folder)
  expect(problems).toHaveLength(COUNT)
  for (const n of [0, 1, COUNT - 1]) {
    const position = { file: join(folder, name), line: line(n), column }
    expect(problems[n]).toMatchObject({ code: 'object/invalid', field: 'data["key"]', position })
  }
})
