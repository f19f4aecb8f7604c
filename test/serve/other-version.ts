import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Program } from './program.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** A copy of the built program whose Lua of `route` is another one; gives its folder. */
export function makeOtherVersion({ folder }: Pick<Program, 'folder'>, change: (lua: string) => string): string {
  const home = join(folder, 'other-version')
  mkdirSync(home)
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(join(repository, name), join(home, name), { recursive: true })
  symlinkSync(join(repository, 'node_modules'), join(home, 'node_modules'))
  const lua = join(home, 'dist', 'lua', 'edge', 'route.lua')
  writeFileSync(lua, change(readFileSync(lua, 'utf8')))
  return home
}
