import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeFolders } from '../disk/make-folders.js'
import { replaceFile } from '../disk/replace-file.js'
import type { FrameFile } from '../model/frame-settings.js'
import { PROFILE_FILES, type Profile } from '../nginx/profile.js'
import type { StateFolder } from './state-folder.js'

/**
 * Writes the files that directives of profiles name (trusted certificates), and `others` that the frame does, before
 * NGINX tests it. Only NGINX's master reads them, which runs as we do: 0600, in a folder of 0700. Throws what the file
 * system says.
 */
export function writeProfileFiles(
  folder: StateFolder,
  profiles: readonly Profile[],
  others: readonly FrameFile[] = [],
): void {
  for (const [name, bytes] of filesOf(profiles, others)) {
    const path = join(folderOf(folder), name)
    if (readIfThere(path)?.equals(bytes) === true) continue
    makeFolders(dirname(path), 0o700)
    replaceFile(path, bytes)
  }
}

/**
 * Removes the files that neither these profiles name nor are among `others`. One that cannot be removed hurts nobody
 * and is tried again.
 */
export function removeOtherFiles(
  folder: StateFolder,
  profiles: readonly Profile[],
  others: readonly FrameFile[] = [],
): void {
  const wanted = filesOf(profiles, others)
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

/** What they hold, by name. */
function filesOf(profiles: readonly Profile[], others: readonly FrameFile[]): ReadonlyMap<string, Buffer> {
  const files = new Map(others.map(({ name, base64 }) => [name, Buffer.from(base64, 'base64')]))
  for (const { args, file } of profiles.flatMap(({ directives }) => directives)) {
    const [path] = args
    if (file !== undefined && typeof path === 'string') files.set(basename(path), Buffer.from(file))
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

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
