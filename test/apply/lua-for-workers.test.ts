import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { luaForWorkers } from '../../src/apply/lua-for-workers.js'

const nobody = { name: 'nobody', group: 'nogroup', uid: 65_534, gid: 65_534 }
let above: string
let umask: number

beforeEach(() => {
  umask = process.umask(0o077)
  above = mkdtempSync(join(tmpdir(), 'fairlead-lua-'))
  chmodSync(above, 0o711)
})

afterEach(() => {
  process.umask(umask)
  rmSync(above, { recursive: true, force: true })
})

const state = () => ({ lua: join(above, 'state', 'lua'), frame: join(above, 'nginx.conf') })
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

/** Folder with a module in it that a closed folder may hide. */
function library(name: string, text: string, mode = 0o755): string {
  const folder = join(above, name)
  mkdirSync(join(folder, 'deep'), { recursive: true })
  writeFileSync(join(folder, 'deep', 'module.lua'), text)
  writeFileSync(join(folder, 'secret.key'), 'no Lua')
  chmodSync(join(folder, 'deep', 'module.lua'), 0o644)
  chmodSync(join(folder, 'secret.key'), 0o644)
  chmodSync(join(folder, 'deep'), 0o755)
  chmodSync(folder, mode)
  return folder
}

test('what workers may read, or what runs as we do, stays where it is', () => {
  const places = { lua: library('ours', 'a'), luaPackagePath: `${library('engine', 'b')}/?.lua;/nowhere/?.lua` }
  expect(luaForWorkers(state(), places, nobody)).toEqual({ places })
  chmodSync(join(above, 'ours', 'deep', 'module.lua'), 0o600)
  expect(luaForWorkers(state(), places, undefined)).toEqual({ places })
  expect(existsSync(state().lua)).toBe(false)
  expect(luaForWorkers(state(), places, nobody).places.lua).toContain(state().lua)
})

test('Lua in a closed folder is copied to where workers may read it and not write, and nothing else is', () => {
  const open = `${library('engine', 'b')}/?.lua`
  const closed = `${library('closed', 'c', 0o700)}/?.lua`
  const { places, problem } = luaForWorkers(
    state(),
    { lua: library('ours', 'a', 0o700), luaPackagePath: `${open};${closed};/nowhere/?.lua` },
    nobody,
  )
  expect(problem).toBeUndefined()
  const [first, second = '', third] = places.luaPackagePath.split(';')
  expect([first, third]).toEqual([open, '/nowhere/?.lua'])
  for (const [place, text] of [
    [places.lua, 'a'],
    [dirname(second), 'c'],
  ] as const) {
    const module = join(place, 'deep', 'module.lua')
    expect([readFileSync(module, 'utf8'), modeOf(module)]).toEqual([text, '644'])
    expect(existsSync(join(place, 'secret.key'))).toBe(false)
    for (let path = dirname(module); path !== above; path = dirname(path)) expect(modeOf(path), path).toBe('711')
  }
})

test('other Lua lies elsewhere; what the frame on the disk names stays, all else goes', () => {
  const lua = library('ours', 'one', 0o700)
  const place = (): string => luaForWorkers(state(), { lua, luaPackagePath: '' }, nobody).places.lua
  const write = (text: string): void => writeFileSync(join(lua, 'deep', 'module.lua'), text)
  const one = place()
  expect(place()).toBe(one)
  write('two')
  const two = place()
  expect([existsSync(one), existsSync(two)]).toEqual([false, true])
  writeFileSync(state().frame, `  lua_package_path "${two}/?.lua;;";\n`)
  write('three')
  expect([place() === two, existsSync(two)]).toEqual([false, true])
})

test('where there is no place for a copy, it is said, and all else goes on', () => {
  const places = { lua: library('ours', 'a', 0o700), luaPackagePath: '/nowhere/?.lua' }
  writeFileSync(join(above, 'state'), 'a file')
  const answer = luaForWorkers(state(), places, nobody)
  expect(answer.places).toEqual(places)
  expect(answer.problem).toMatch(/could not be copied to .*hashes of passwords hold up other requests/)
})
