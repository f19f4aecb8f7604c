import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeOtherFiles, writeProfileFiles } from '../../src/apply/profile-files.js'
import { prepareStateFolder, type StateFolder, stateFolderAt } from '../../src/apply/state-folder.js'
import { createProfile, PROFILE_FILES, type Profile } from '../../src/nginx/profile.js'

let folder: StateFolder
let files: string

beforeEach(() => {
  folder = stateFolderAt(mkdtempSync(join(tmpdir(), 'fairlead-files-')))
  expect(prepareStateFolder(folder, undefined)).toBeUndefined()
  files = join(dirname(folder.frame), PROFILE_FILES)
})

afterEach(() => rmSync(folder.root, { recursive: true }))

const trusting = (name: string, file: string): Profile =>
  createProfile(
    [{ name: 'proxy_ssl_trusted_certificate', args: [`${PROFILE_FILES}/${name}.pem`], file }],
    () => '0123456789ab',
  )

test('files of profiles are written for us alone, and put right where somebody cut them off', () => {
  writeProfileFiles(folder, [trusting('a', 'text of a')])
  expect([statSync(files).mode & 0o777, statSync(join(files, 'a.pem')).mode & 0o777]).toEqual([0o700, 0o600])
  writeFileSync(join(files, 'a.pem'), 'text')
  writeProfileFiles(folder, [trusting('a', 'text of a')])
  expect(readFileSync(join(files, 'a.pem'), 'utf8')).toBe('text of a')
})

test('those that no profile names any more are removed', () => {
  const [a, b] = [trusting('a', 'text of a'), trusting('b', 'text of b')]
  writeProfileFiles(folder, [a, b])
  removeOtherFiles(folder, [b])
  expect(readdirSync(files)).toEqual(['b.pem'])
  removeOtherFiles(folder, [])
  expect(readdirSync(files)).toEqual([])
})

test('without profiles that have files there is no folder', () => {
  writeProfileFiles(folder, [])
  removeOtherFiles(folder, [])
  expect(readdirSync(dirname(files))).toEqual([])
})

test('files that the frame names are written as they are, and stay', () => {
  const other = { name: 'tickets.key', base64: Buffer.from([0, 255, 10]).toString('base64') }
  writeProfileFiles(folder, [], [other])
  removeOtherFiles(folder, [], [other])
  expect([...readFileSync(join(files, 'tickets.key'))]).toEqual([0, 255, 10])
  expect(statSync(join(files, 'tickets.key')).mode & 0o777).toBe(0o600)
  removeOtherFiles(folder, [], [])
  expect(readdirSync(files)).toEqual([])
})
