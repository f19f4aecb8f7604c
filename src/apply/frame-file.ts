import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { namingPath } from '../disk/replace-file.js'
import type { FrameFile as NamedFile } from '../model/frame-settings.js'
import type { Profile } from '../nginx/profile.js'
import type { Done, NginxProcess } from './nginx-process.js'
import { writeProfileFiles } from './profile-files.js'
import { reasonOf, type StateFolder, UNWRITTEN_WAY_OUT } from './state-folder.js'

/** `nginx.conf` on the disk, with the files it names. */
export interface FrameFile {
  /** Lets NGINX try a frame, which lies beside the one that runs. */
  test(text: string, profiles: readonly Profile[], files?: readonly NamedFile[]): Promise<Done>
  /** The same, and puts it in the place of the one that runs if NGINX takes it. */
  write(text: string, profiles: readonly Profile[], files?: readonly NamedFile[]): Promise<Done>
  /** Has the one that ran before in its place again, unless there is none: an empty text. */
  putBack(text: string): void
}

export function createFrameFile(folder: StateFolder, nginx: Pick<NginxProcess, 'test'>): FrameFile {
  const beside = `${folder.frame}.new`

  async function test(text: string, profiles: readonly Profile[], files: readonly NamedFile[] = []): Promise<Done> {
    try {
      writeProfileFiles(folder, profiles, files)
      write(beside, text)
    } catch (cause) {
      discard(beside)
      const why = `the new one could not be written (${reasonOf(cause)}); ${UNWRITTEN_WAY_OUT}.`
      return { ok: false, code: 'frame/not-written', cause: why }
    }
    return nginx.test(beside)
  }

  return {
    test,
    async write(text, profiles, files) {
      const tested = await test(text, profiles, files)
      if (tested.ok) renameSync(beside, folder.frame)
      return tested
    },
    putBack(text) {
      if (text === '') return
      try {
        // Whole or not at all: NGINX starts with what is there.
        writeFileSync(beside, text, { mode: 0o600 })
        renameSync(beside, folder.frame)
      } catch {
        discard(beside)
      }
    },
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 })
  } catch (cause) {
    throw namingPath(file, cause)
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // What cannot be written may not be removable either; the next attempt says so.
  }
}
