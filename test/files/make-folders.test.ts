import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolders } from '../../src/disk/make-folders.js'

let above: string

beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'fairlead-folders-'))
})

afterEach(() => {
  rmSync(above, { recursive: true, force: true })
})

test('what is missing is made, with the mode, and the first of it is told', () => {
  const path = join(above, 'a', 'b', 'c')
  expect(makeFolders(path, 0o700)).toBe(join(above, 'a'))
  expect(['a', 'a/b', 'a/b/c'].map((name) => statSync(join(above, name)).mode & 0o777)).toEqual([0o700, 0o700, 0o700])
  expect(makeFolders(path)).toBeUndefined()
  expect(makeFolders(join(path, 'd'))).toBe(join(path, 'd'))
})

test('a folder above that is there and takes none is an error, and no endless attempt', () => {
  expect(() => makeFolders('/proc/none/of/these')).toThrow('ENOENT')
  symlinkSync(join(above, 'nowhere'), join(above, 'link'))
  expect(() => makeFolders(join(above, 'link', 'a'))).toThrow('ENOENT')
  writeFileSync(join(above, 'file'), '')
  expect(() => makeFolders(join(above, 'file', 'a'))).toThrow('ENOTDIR')
  expect(() => makeFolders(join(above, 'file'))).toThrow('EEXIST')
})
