import { type FSWatcher, watch } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { inspect } from './folder.js'
import { causeOf } from './read-file.js'

/** Watches on folders, one per folder and not on the files: a file replaced by a rename is still seen. */
export interface FolderWatches {
  /** Sets up a watch on a folder unless there is one on this very folder already. */
  follow(folder: string): void
  /** Watches what links lead to; an event there means the links. Takes the place of what was said before. */
  followLinked(linked: ReadonlyMap<string, readonly string[]>): void
  /** Ends the watches on a folder and on those below it. */
  forget(folder: string): void
  /** Folders that cannot be watched; the owner has to look by itself from time to time. */
  readonly blind: boolean
  close(): void
}

interface Watch {
  readonly watcher: FSWatcher
  readonly stamp: string
}

/**
 * Creates watches that report paths of which something may have changed: of a file, or of a folder to be listed again.
 * Node's own recursive watch loses a file that was replaced by a rename, and a watch per file takes 10,000 of them.
 */
export function createFolderWatches(onPath: (path: string) => void, onBlind: (message: string) => void): FolderWatches {
  const watches = new Map<string, Watch>()
  const links = new Map<string, Watch>()
  let blind = false

  const open = (folder: string, listener: (event: string, name: string | null) => void): Watch | undefined => {
    try {
      const { stamp } = inspect(folder)
      const watcher = watch(folder, { persistent: true }, listener)
      // An error ends a watch; the folder itself is gone or will be looked at again.
      watcher.on('error', () => watcher.close())
      return { watcher, stamp }
    } catch (error) {
      if (inspect(folder).kind === 'folder') {
        blind = true
        onBlind(`${folder} cannot be watched (${causeOf(error)}); it is looked at every second instead.`)
      }
      return undefined
    }
  }

  const forget = (folder: string): void => {
    for (const [path, { watcher }] of watches) {
      if (path !== folder && !path.startsWith(folder + sep)) continue
      watcher.close()
      watches.delete(path)
    }
  }

  const onEvent = (folder: string, event: string, name: string | null): void => {
    if (name === null || name.startsWith('..')) return onPath(folder)
    if (name.startsWith('.')) return
    if (event === 'rename') {
      // The folder itself went away (it then reports its own name), or another one took the place of one inside it.
      if (name === basename(folder)) {
        forget(folder)
        onPath(folder)
      }
      if (watches.has(join(folder, name))) forget(join(folder, name))
    }
    onPath(join(folder, name))
  }

  return {
    follow(folder) {
      const known = watches.get(folder)
      if (known !== undefined) {
        if (inspect(folder).stamp === known.stamp) return
        known.watcher.close()
        watches.delete(folder)
      }
      const opened = open(folder, (event, name) => onEvent(folder, event, name))
      if (opened !== undefined) watches.set(folder, opened)
    },
    followLinked(linked) {
      for (const { watcher } of links.values()) watcher.close()
      links.clear()
      for (const [folder, paths] of linked) {
        const opened = open(folder, () => paths.forEach(onPath))
        if (opened !== undefined) links.set(folder, opened)
      }
    },
    forget,
    get blind() {
      return blind
    },
    close() {
      for (const { watcher } of [...watches.values(), ...links.values()]) watcher.close()
      watches.clear()
      links.clear()
    },
  }
}
