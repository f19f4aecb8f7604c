import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Answer, ControlClient } from '../../src/apply/control-client.js'
import { writeSnapshotFile, writeSnapshotInPieces } from '../../src/apply/snapshot-file.js'
import { createTableWriter } from '../../src/apply/table-writer.js'
import { SortedMap } from '../../src/collections/sorted-map.js'
import type { Document } from '../../src/model/documents.js'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-snapshot-'))
  file = join(folder, 'table.snapshot')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const records = Array.from({ length: 20_000 }, (_, i) => `set h:${i} digest ${i % 7}\n${'\u00e9'.repeat(100)}\n`)

describe('a snapshot in pieces', () => {
  test('is the same file, for its owner only, and everything else has its turns meanwhile', async () => {
    writeSnapshotFile(file, 'test.', records)
    const expected = await readFile(file)
    await rm(file)
    let turns = 0
    let done = false
    const turn = (): void => {
      turns += 1
      if (!done) setImmediate(turn)
    }
    setImmediate(turn)
    await writeSnapshotInPieces(file, 'test.', records, () => true)
    done = true
    expect((await readFile(file)).equals(expected)).toBe(true)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['table.snapshot'])
    expect(turns).toBeGreaterThan(5)
  })

  test.each([
    ['before the first piece', 0],
    ['on the way', 3],
    ['as it would take its place', Number.POSITIVE_INFINITY],
  ])('that is not wanted any more %s leaves the old one, and nothing else', async (_when, pieces) => {
    await writeFile(file, 'old')
    let asked = 0
    const pieceCount = Math.ceil(records.join('').length / (256 * 1024))
    const isWanted = (): boolean => asked++ < Math.min(pieces, pieceCount)
    await writeSnapshotInPieces(file, 'test.', records, isWanted)
    expect(await readFile(file, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['table.snapshot'])
  })

  test('that the disk does not take is said', async () => {
    const nowhere = join(folder, 'absent', 'table.snapshot')
    await expect(writeSnapshotInPieces(nowhere, 'test.', records, () => true)).rejects.toThrow('ENOENT')
  })
})

describe('the snapshot of a table', () => {
  const fine: Answer<string> = { ok: true, value: '' }
  let answer: Answer<string> = fine
  const unasked = (): never => {
    throw new Error('nobody asks this')
  }
  const client: ControlClient = {
    push: () => Promise.resolve(answer),
    status: unasked,
    table: unasked,
    stale: unasked,
    purge: unasked,
    takeCounted: unasked,
    connections: unasked,
    close: unasked,
  }
  const host = (name: string): readonly [string, Document] => [
    `u:${name}`,
    { key: name, label: name, addresses: ['192.0.2.1'], ports: [80] },
  ]
  const table = (...names: readonly string[]): SortedMap<Document> => SortedMap.of(names.map(host))
  const saved = async (): Promise<readonly string[]> =>
    [...(await readFile(file, 'latin1')).matchAll(/^(?:set u:(\w+)|(revision \d+))/gm)].map(
      ([, name, revision]) => name ?? revision ?? '',
    )
  const asItIs = (_: string, document: Document): Document => document

  beforeEach(() => {
    answer = fine
  })

  test('in pieces it is the table as it was when it began; what changed meanwhile is in the next', async () => {
    const writer = createTableWriter(client, file, 'test.')
    writer.begin(table('a'))
    const first = writer.saveInPieces()
    await writer.push(table('a', 'b'), asItIs)
    await first
    expect(await saved()).toEqual(['a', 'revision 1'])
    await writer.saveInPieces()
    expect(await saved()).toEqual(['a', 'b', 'revision 2'])
    await writer.saveInPieces()
    writer.save()
    expect(await readdir(folder)).toEqual(['table.snapshot'])
  })

  test('one that is saved at once comes out on top of one that is under way', async () => {
    const writer = createTableWriter(client, file, 'test.')
    writer.begin(table('a'))
    const first = writer.saveInPieces()
    await writer.push(table('b'), asItIs)
    writer.save()
    await first
    expect(await saved()).toEqual(['b', 'revision 2'])
    expect(await readdir(folder)).toEqual(['table.snapshot'])
  })

  test('a clean stop saves what is only on its way to the disk', async () => {
    const writer = createTableWriter(client, file, 'test.')
    writer.begin(table('a'))
    const first = writer.saveInPieces()
    writer.save()
    expect(await saved()).toEqual(['a', 'revision 1'])
    await first
  })

  test('one that failed is saved the next time', async () => {
    const writer = createTableWriter(client, join(folder, 'later', 'table.snapshot'), 'test.')
    writer.begin(table('a'))
    await expect(writer.saveInPieces()).rejects.toThrow('ENOENT')
    expect(() => writer.save()).toThrow('ENOENT')
  })

  test('contents that are not known are not written: the file that is there is better', async () => {
    const writer = createTableWriter(client, file, 'test.')
    writer.begin(table('a'))
    writer.save()
    await writer.push(table('a', 'b'), asItIs)
    // NGINX took a push in part, and what it has is asked: digests only.
    answer = { ok: false, full: false, cause: 'no answer' }
    writer.assume(new Map([['u:a', 'some digest']]), 2, [])
    expect((await writer.push(table('a', 'c'), asItIs)).ok).toBe(false)
    await writer.saveInPieces()
    writer.save()
    expect(await saved()).toEqual(['a', 'revision 1'])
    answer = fine
    await writer.push(table('a', 'c'), asItIs)
    writer.save()
    expect(await saved()).toEqual(['a', 'c', 'revision 3'])
  })
})
