import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { faultsIn, followLuaFaults, type LuaFaults } from './lua-faults.js'

const THREAD = `2026/11/27 17:00:00 [error] 12#12: *7 lua entry thread aborted: runtime error: /srv/fairlead/dist/route.lua:12: attempt to index a nil value
stack traceback:
coroutine 0:
	/srv/fairlead/dist/route.lua: in function 'route', client: 127.0.0.1, server: _, request: "GET / HTTP/1.1", host: "a.test"
`
const BALANCER = `2026/11/27 17:00:01 [error] 12#12: *8 failed to run balancer_by_lua*: /srv/balance.lua:3: no pool
`
const FORGED = `2026/11/27 17:00:02 [warn] 12#12: *9 a body is buffered, client: 127.0.0.1, referrer: "[error] 12#12: lua entry thread aborted: runtime error: forged"
`

let folder: string
let path: string
let faults: LuaFaults

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-faults-'))
  path = join(folder, 'error.log')
  writeFileSync(path, THREAD)
  faults = followLuaFaults(path)
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const messages = (): readonly string[] => faults.problems().map(({ message }) => message)

test('the reasons are those of faults, and nothing that clients send', () => {
  expect(faultsIn(THREAD + BALANCER + FORGED)).toEqual([
    'route.lua:12: attempt to index a nil value',
    'balance.lua:3: no pool',
  ])
})

test('what was there before is not looked at, what comes is a problem once, and is none ten minutes after the last', () => {
  expect(faults.look(0)).toBe(false)
  appendFileSync(path, BALANCER)
  expect(faults.look(1_000)).toBe(true)
  expect(messages()).toEqual([expect.stringContaining('failed: balance.lua:3: no pool.')])
  const before = faults.problems()
  appendFileSync(path, BALANCER)
  expect(faults.look(300_000)).toBe(false)
  expect(faults.problems()).toBe(before)
  expect(faults.look(899_000)).toBe(false)
  expect(faults.look(901_000)).toBe(true)
  expect(messages()).toEqual([])
})

test('a line that is not whole is read when it is, and a log that was put aside goes on in the next', () => {
  appendFileSync(path, BALANCER.slice(0, 60))
  expect(faults.look(0)).toBe(false)
  appendFileSync(path, BALANCER.slice(60))
  expect(faults.look(1)).toBe(true)
  renameSync(path, `${path}.1`)
  expect(faults.look(2)).toBe(false)
  writeFileSync(path, THREAD)
  expect(faults.look(3)).toBe(true)
  expect(messages()).toHaveLength(2)
})

test('a log that is not there yet is read from its beginning', () => {
  const other = join(folder, 'later.log')
  faults = followLuaFaults(other)
  expect(faults.look(0)).toBe(false)
  writeFileSync(other, THREAD)
  expect(faults.look(1)).toBe(true)
})
