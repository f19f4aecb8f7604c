import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatOf } from '../../src/apply/lua-format.js'
import { prepareStateFolder, stateFolderAt, type StateFolder } from '../../src/apply/state-folder.js'
import { createFramePrinter } from '../../src/cli/serve/frame-printer.js'
import { keepFallbackCertificate } from '../../src/controller/fallback-certificate.js'
import { knownDirectives } from '../../src/nginx/known-directives.js'
import { parseObject } from '../../src/snapshot/parse.js'
import { createStore } from '../../src/snapshot/store.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { translate } from '../../src/translate/translate.js'
import { allDirectives, parseWithCrossplane } from '../support/crossplane.js'
import { theEngine } from '../support/engine.js'
import { givenSeed } from '../support/seed.js'
import { testConfig } from './frame-engine.js'
import { createHostileObjects, MARK } from './hostile-objects.js'

const lua = fileURLToPath(new URL('../../dist/lua', import.meta.url))

const BATCHES = 200
const INGRESSES = 500
/**
 * How many of the frames go to the independent parser and to NGINX itself, and how many with a hostile line of the
 * access log.
 */
const SAMPLED = 8
const SAMPLED_WITH_LINE = 32

let folder: StateFolder

beforeAll(() => {
  folder = stateFolderAt(mkdtempSync(join(tmpdir(), 'fairlead-fuzz-')))
  expect(prepareStateFolder(folder, undefined)).toBeUndefined()
})

afterAll(() => rmSync(folder.root, { recursive: true }))

test('100,000 Ingresses with hostile text, and frames printed from them: not a word of theirs is in any frame but as the line of the access log', {
  timeout: 240_000,
}, async () => {
  const engine = await theEngine()
  const { certificate, key } = keepFallbackCertificate(
    { certificate: folder.fallbackCertificate, key: folder.fallbackKey },
    Date.now(),
  )
  const flags = { httpPort: 80, httpsPort: 443, tableSize: 16 }
  const print = createFramePrinter({ flags, folder, engine, user: undefined, format: formatOf(lua), lua, ipv6: false })
  const count = { readable: 0, documents: 0, withText: 0, problems: 0 }
  const frames = new Set<string>()
  for (let batch = 0; batch < BATCHES; batch++) {
    const store = createStore()
    for (const raw of createHostileObjects((givenSeed ?? 0) + batch, INGRESSES)) {
      const { object } = parseObject(raw, undefined)
      if (object !== undefined) store.set(object)
    }
    const snapshot = store.snapshot()
    const { documents, problems, frame, profiles } = translate(snapshot, defaultTranslateOptions, {
      fallbackCertificate: { chain: certificate, key },
      now: Date.now(),
    })
    count.readable += snapshot.ingresses.size
    count.problems += problems.length
    for (const document of documents.values()) {
      count.documents += 1
      if (JSON.stringify(document).includes(MARK)) count.withText += 1
    }
    frames.add(print(frame, 1, profiles))
  }
  console.log(`${BATCHES * INGRESSES} Ingresses:`, { ...count, frames: frames.size })
  expect(count.readable).toBeGreaterThan(0.6 * BATCHES * INGRESSES)
  // The text did come through to where it may be: the table, which is data.
  expect(count.withText).toBeGreaterThan(10_000)
  expect(frames.size).toBeGreaterThan(SAMPLED)

  const all = [...frames]
  const withLine = all.filter((text) => text.includes(MARK))
  expect(withLine.length).toBeGreaterThan(SAMPLED_WITH_LINE)
  expect(withLine.filter((text) => text.replace(/^ *log_format upstreaminfo .*$/m, '').includes(MARK))).toEqual([])
  const known: ReadonlySet<string> = new Set(knownDirectives)
  for (const text of new Set([...withLine.slice(0, SAMPLED_WITH_LINE), ...all.slice(0, SAMPLED)])) {
    const found = allDirectives(await parseWithCrossplane(text)).map(({ directive }) => directive)
    expect(found.length).toBeGreaterThan(100)
    expect(found.filter((name) => !known.has(name))).toEqual([])
    expect(await testConfig(engine, folder.root, text)).toBeUndefined()
  }
})
