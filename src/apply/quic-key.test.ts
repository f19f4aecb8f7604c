import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keepQuicKey } from './quic-key.js'

test('a key is kept; one that a full disk left empty is made anew', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-quic-'))
  try {
    const file = join(folder, 'quic.key')
    writeFileSync(file, '')
    keepQuicKey(file)
    const made = readFileSync(file)
    expect(made).toHaveLength(32)
    keepQuicKey(file)
    expect(readFileSync(file)).toEqual(made)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
