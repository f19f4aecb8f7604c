import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { findClosed, makeFolder, reasonOf, type StateFolder } from './state-folder.js'
import type { WorkerUser } from './worker-user.js'

/** Where NGINX finds its Lua. */
export interface LuaPlaces {
  /** Folder of ours. */
  readonly lua: string
  /** The engine's: `FOLDER/?.lua;…`. */
  readonly luaPackagePath: string
}

/**
 * The same Lua where workers may read it. NGINX's master reads nearly all of it, but a thread that makes hashes of
 * passwords (`src/edge/password-queue.ts`) is given its own by a worker, once it is wanted. What workers may read stays
 * where it is; what lies in a folder of root's, as an engine in /root/.cache does, is copied into the state folder,
 * where they cannot write.
 *
 * What differs has another copy, so that NGINX finds what its frame names until it is reloaded.
 *
 * @param user whom workers run as; undefined: as we do
 * @returns `problem`: a sentence about why there is no copy; the places are then those that were given
 */
export function luaForWorkers(
  folder: Pick<StateFolder, 'lua' | 'frame'>,
  places: LuaPlaces,
  user: WorkerUser | undefined,
): { readonly places: LuaPlaces; readonly problem?: string } {
  if (user === undefined) return { places }
  const templates = places.luaPackagePath.split(';')
  try {
    const closed = [...new Set([places.lua, ...templates.map(folderOf)])].filter((path) => !isReadable(path))
    if (closed.length === 0) return { places }
    const copies = copy(closed, folder)
    const lua = copies.get(places.lua) ?? places.lua
    const moved = templates.map((one) => {
      const place = copies.get(folderOf(one))
      return place === undefined ? one : `${place}${TEMPLATE}`
    })
    return { places: { lua, luaPackagePath: moved.join(';') } }
  } catch (cause) {
    const problem = `The Lua that NGINX's workers may not read could not be copied to ${folder.lua} (${reasonOf(cause)}); hashes of passwords hold up other requests.`
    return { places, problem }
  }
}

const TEMPLATE = '/?.lua'

function folderOf(template: string): string {
  return template.endsWith(TEMPLATE) ? template.slice(0, -TEMPLATE.length) : template
}

/** Whether others may read what is there. */
function isReadable(path: string): boolean {
  if (!existsSync(path)) return true
  if (findClosed(realpathSync(path)) !== undefined) return false
  return everythingIn(path).every((name) => {
    const stat = statSync(join(path, name))
    return (stat.mode & (stat.isDirectory() ? 0o001 : 0o004)) !== 0
  })
}

/** Where the Lua of each of these folders lies now. */
function copy(
  sources: readonly string[],
  { lua, frame }: Pick<StateFolder, 'lua' | 'frame'>,
): ReadonlyMap<string, string> {
  const digest = digestOf(sources)
  removeOthers(lua, digest, existsSync(frame) ? readFileSync(frame, 'utf8') : '')
  const whole = join(lua, digest)
  if (!existsSync(whole)) copyWhole(sources, whole)
  return new Map(sources.map((source, number) => [source, join(whole, String(number))]))
}

/** Whole or not at all: NGINX may be started with what is there. */
function copyWhole(sources: readonly string[], whole: string): void {
  const beside = `${whole}.new`
  rmSync(beside, { recursive: true, force: true })
  try {
    for (const [number, source] of sources.entries()) copyLua(source, join(beside, String(number)))
    renameSync(beside, whole)
  } catch (cause) {
    // A disk that is full is not kept so.
    rmSync(beside, { recursive: true, force: true })
    throw cause
  }
}

function copyLua(source: string, place: string): void {
  makeFolder(place, 0o711)
  cpSync(source, place, { recursive: true, dereference: true, filter: isLua })
  for (const name of everythingIn(place)) {
    const path = join(place, name)
    chmodSync(path, statSync(path).isDirectory() ? 0o711 : 0o644)
  }
}

function digestOf(sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const [number, source] of sources.entries()) {
    for (const name of everythingIn(source).filter((one) => one.endsWith('.lua'))) {
      const bytes = readFileSync(join(source, name))
      hash.update(`${number} ${name} ${bytes.length} `).update(bytes)
    }
  }
  return hash.digest('hex').slice(0, 16)
}

function isLua(path: string): boolean {
  return path.endsWith('.lua') || statSync(path).isDirectory()
}

/** Workers that the frame on the disk has started may still need theirs. */
function removeOthers(lua: string, digest: string, frame: string): void {
  if (!existsSync(lua)) return
  for (const name of readdirSync(lua)) {
    const path = join(lua, name)
    if (name !== digest && !frame.includes(path)) rmSync(path, { recursive: true, force: true })
  }
}

function everythingIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
}
