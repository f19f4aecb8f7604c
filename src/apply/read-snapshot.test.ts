import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { printDrop, printPut, printRevision } from '../plan/records.js'
import { readSnapshotFile } from './read-snapshot.js'
import { writeSnapshotFile } from './snapshot-file.js'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-snapshot-'))
  file = join(folder, 'table.snapshot')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const one = { key: 'h:a.test', digest: '0123456789abcdef', content: '{"a":"set x y 3\\nabc"}\nset b c 1' }
const other = { key: 'u:app', digest: 'fedcba9876543210', content: 'caf\xc3\xa9' }

test('what was written is read back, whatever a content looks like', () => {
  writeSnapshotFile(file, 'f', [printPut(one), printDrop('h:gone.test'), printPut(other), printRevision(7)])
  expect([...readSnapshotFile(file, 'f')]).toEqual(
    [one, other].map(({ key, digest, content }) => [key, { digest, content }]),
  )
})

test('a file that is absent, cut short, changed, empty or of another format has nothing', () => {
  expect(readSnapshotFile(file, 'f').size).toBe(0)
  writeSnapshotFile(file, 'f', [printPut(one), printRevision(7)])
  const whole = readFileSync(file)
  expect(readSnapshotFile(file, 'g').size).toBe(0)
  for (const bytes of [whole.subarray(0, -1), whole.subarray(0, 10), Buffer.alloc(0), flipped(whole)]) {
    writeFileSync(file, bytes)
    expect(readSnapshotFile(file, 'f').size).toBe(0)
  }
})

function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes)
  other.writeUInt8(other.readUInt8(60) ^ 1, 60)
  return other
}
