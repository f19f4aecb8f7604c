import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { PROFILE_FILES, type Profile } from '../nginx/profile.js'
import type { StateFolder } from './state-folder.js'

/**
 * Writes the files that directives of profiles name (trusted certificates), before NGINX tests a frame with them. Only
 * NGINX's master reads them, which runs as we do: 0600, in a folder of 0700. Throws what the file system says.
 */
export function writeProfileFiles(folder: StateFolder, profiles: readonly Profile[]): void {
  for (const [name, text] of filesOf(profiles)) {
    const path = join(folderOf(folder), name)
    if (readIfThere(path) === text) continue
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(`${path}.new`, text, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }
}

/** Removes the files that none of these profiles names. One that cannot be removed hurts nobody and is tried again. */
export function removeOtherFiles(folder: StateFolder, profiles: readonly Profile[]): void {
  const wanted = filesOf(profiles)
  for (const name of namesIn(folderOf(folder))) {
    if (wanted.has(name)) continue
    try {
      rmSync(join(folderOf(folder), name), { force: true })
    } catch {
      // After the next reload.
    }
  }
}

function folderOf({ frame }: StateFolder): string {
  return join(dirname(frame), PROFILE_FILES)
}

/** Texts by name. */
function filesOf(profiles: readonly Profile[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const { args, file } of profiles.flatMap(({ directives }) => directives)) {
    const [path] = args
    if (file !== undefined && typeof path === 'string') files.set(basename(path), file)
  }
  return files
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
