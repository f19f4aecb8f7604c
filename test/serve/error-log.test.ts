import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lastErrors } from '../../src/apply/complaints.js'
import { stateFolderAt } from '../../src/apply/state-folder.js'
import { createErrorLogKeeper, type ErrorLogKeeper } from '../../src/cli/serve/error-log.js'

let folder: string
let path: string
let reopened: number
let said: string[]
let keeper: ErrorLogKeeper

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-error-log-'))
  path = join(folder, 'error.log')
  reopened = 0
  said = []
  keeper = createErrorLogKeeper({
    path,
    mostBytes: 100,
    reopen: () => reopened++,
    log: (_, message) => said.push(message),
  })
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a long error log is put aside, and the one before goes', () => {
  keeper.step()
  writeFileSync(path, 'a'.repeat(100))
  keeper.step()
  expect([reopened, said.length, existsSync(`${path}.1`)]).toEqual([0, 0, false])
  appendFileSync(path, 'a')
  keeper.step()
  expect([reopened, said.length, existsSync(path)]).toEqual([1, 1, false])
  writeFileSync(path, 'b'.repeat(101))
  keeper.step()
  expect([reopened, readFileSync(`${path}.1`, 'utf8')]).toEqual([2, 'b'.repeat(101)])
})

test('NGINX is told again until it writes to the new one', () => {
  writeFileSync(path, 'a'.repeat(101))
  keeper.step()
  keeper.step()
  keeper.step()
  expect(reopened).toBe(3)
  writeFileSync(path, '')
  keeper.step()
  expect([reopened, said.length]).toEqual([3, 1])
})

test('of a log of any length only the end is read for a message', () => {
  const state = stateFolderAt(folder)
  expect(lastErrors(state)).toBe(`see ${state.errorLog}`)
  mkdirSync(join(folder, 'log'))
  writeFileSync(state.errorLog, `${'x'.repeat(30_000)}\none\ntwo\nthree\n`)
  expect(lastErrors(state)).toBe(`last words in ${state.errorLog}: one | two | three`)
  writeFileSync(state.errorLog, 'x'.repeat(30_000))
  expect(lastErrors(state).length).toBeLessThan(20_000)
})
