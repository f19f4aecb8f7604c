import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prepareStateFolder, stateFolderAt } from '../../src/apply/state-folder.js'

let above: string
let umask: number

beforeEach(() => {
  umask = process.umask(0o077)
  above = mkdtempSync(join(tmpdir(), 'fairlead-state-'))
})

afterEach(() => {
  process.umask(umask)
  rmSync(above, { recursive: true, force: true })
})

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test('under a closed umask, the folders made on the way let workers of another user pass, and private stays private', () => {
  const root = join(above, 'a', 'b', '8080')
  expect(prepareStateFolder(stateFolderAt(root), undefined)).toBeUndefined()
  expect(['a', 'a/b', 'a/b/8080', 'a/b/8080/private', 'a/b/8080/tmp'].map((path) => modeOf(join(above, path)))).toEqual(
    ['711', '711', '711', '700', '700'],
  )
  expect(modeOf(above)).toBe('700')
})
