import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownWords } from './own-words.js'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-words-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** As a program: bytes that are no text, sentences among them, one across the end of a piece. */
function makeProgram(word: string): string {
  const binary = join(folder, 'nginx')
  const bytes = Buffer.alloc(12 * 1024 * 1024, 0x01)
  bytes.write(`this upstream prematurely ${word} connection`, 65_536 - 20, 'latin1')
  bytes.write('nospaceshere', 4_000_000, 'latin1')
  bytes.write(`at the very ending${word}`, bytes.length - 18 - word.length, 'latin1')
  writeFileSync(binary, bytes)
  utimesSync(binary, 1_000, 1_000)
  return binary
}

test('a program of megabytes is read, and again only when it has changed', {
  timeout: 120_000,
}, async () => {
  const binary = makeProgram('zzclosed')
  const engine = { binary, modules: [], streamModules: undefined }
  const words = new Set(await ownWords(engine))
  expect(['prematurely', 'zzclosed', 'endingzzclosed'].map((word) => words.has(word))).toEqual([true, true, true])
  expect(words.has('nospaceshere')).toBe(false)
  makeProgram('zzopened')
  expect((await ownWords(engine)).includes('zzopened')).toBe(false)
  utimesSync(binary, 1_000, 2_000)
  expect((await ownWords(engine)).includes('zzopened')).toBe(true)
})
