import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { createPatternHelper } from '../../src/apply/engine/patterns.js'
import { theEngine } from '../support/engine.js'
import { readCase } from './read-case.js'
import { answersOf } from './run-case.js'

const folder = fileURLToPath(new URL('.', import.meta.url))
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.case'))

const helper = createPatternHelper(await theEngine())

afterAll(() => helper.stop())

/** `npx vitest run test/cases -u` writes what becomes of the requests anew; read the difference like code. */
test.each(files.toSorted().map((file) => [readCase(readFileSync(folder + file, 'utf8')).title, file]))(
  '%s (%s)',
  async (_title, file) => {
    const one = readCase(readFileSync(folder + file, 'utf8'))
    await expect(one.head + (await answersOf(one, helper))).toMatchFileSnapshot(folder + file)
  },
)
