import { lstatSync } from 'node:fs'
import { sep } from 'node:path'
import { inspect, isManifest, type Listing, listFolder, realPathOf } from './folder.js'
import type { FolderObjects, Log } from './objects-of-folder.js'
import { createFolderWatches } from './watch.js'

/** Follows a folder: tells the objects which files to read again. */
export interface Follower {
  /** Reads everything that is there. Gives way to other work now and then. */
  start(): Promise<void>
  /** True while the folder is not there. */
  readonly gone: boolean
  /** Folders whose names may not be read; what was read from them before stays. */
  readonly unreadable: Listing['unreadable']
  stop(): void
}

/** Events of one save come within this time; waiting for it makes one pass of them. */
const QUIET_MS = 8
/** A steady stream of events is not waited for longer than this. */
const LONGEST_WAIT_MS = 60
/** A file that is gone or empty is looked at again after this much quiet: programs write in more than one way. */
const DOUBT_MS = 40
const LONGEST_DOUBT_MS = 1000
/** So many paths at once may mean that the kernel's queue overflowed, so the whole folder is compared. */
const MANY_PATHS = 1000
/** How often the folder itself is looked at, since nothing reports that a folder came back. */
const LOOK_MS = 1000
/** Reading gives way to other work after this time. */
const SLICE_MS = 25

export function createFollower(root: string, objects: FolderObjects, onPass: () => void, log: Log): Follower {
  const dirty = new Set<string>()
  const doubted = new Map<string, number>()
  let firstEventAt = 0
  let lastEventAt = 0
  let timer: NodeJS.Timeout | undefined
  let doubtTimer: NodeJS.Timeout | undefined
  let lookTimer: NodeJS.Timeout | undefined
  let rootStamp = ''
  let gone = false
  let started = false
  let stopped = false
  let linksChanged = false
  let outward: Listing['outward'] = new Map()
  let unreadable: Listing['unreadable'] = []

  const watches = createFolderWatches(
    (path) => {
      const now = performance.now()
      if (dirty.size === 0) firstEventAt = now
      lastEventAt = now
      dirty.add(path)
      schedule()
    },
    (message) => log('warn', message),
  )

  const schedule = (): void => {
    if (stopped || !started || dirty.size === 0) return
    const longest = firstEventAt + LONGEST_WAIT_MS - performance.now()
    clearTimeout(timer)
    timer = setTimeout(pass, Math.max(0, Math.min(QUIET_MS, longest)))
  }

  const pass = (): void => {
    if (stopped) return
    const paths = dirty.size >= MANY_PATHS ? [root] : [...dirty]
    dirty.clear()
    if (checkRoot()) for (const path of paths) refresh(path)
    followLinks()
    settleDoubts()
    onPass()
  }

  /** False while the folder is gone. A folder that came back, or another one in its place, is read whole. */
  const checkRoot = (): boolean => {
    const { kind, stamp } = inspect(root)
    if (kind !== 'folder') {
      if (!gone) log('warn', `${root} is gone; the last state stays in force until it is back`)
      gone = true
      rootStamp = ''
      watches.forget(root)
      doubted.clear()
      return false
    }
    if (gone) log('info', `${root} is back`)
    gone = false
    if (stamp !== rootStamp) {
      rootStamp = stamp
      refresh(root)
    }
    return true
  }

  const refresh = (path: string): void => {
    const { kind } = inspect(path)
    if (kind === 'folder') refreshFolder(path)
    else if (kind === 'file' && isManifest(path.slice(path.lastIndexOf(sep) + 1))) refreshFile(path)
    else {
      watches.forget(path)
      if (objects.files.has(path)) doubt(path)
      else for (const file of objects.files.keys()) if (file.startsWith(path + sep)) doubt(file)
    }
  }

  const refreshFolder = (folder: string): void => {
    const listing = listFolder(folder, (below) => watches.follow(below))
    const listed = new Set(listing.files)
    for (const file of listing.files) if (objects.files.get(file)?.stamp !== inspect(file).stamp) refreshFile(file)
    unreadable = [...unreadable.filter((entry) => !isBelow(entry.folder, folder)), ...listing.unreadable]
    for (const file of objects.files.keys()) {
      if (!isBelow(file, folder) || listed.has(file)) continue
      if (!listing.unreadable.some((entry) => isBelow(file, entry.folder))) doubt(file)
    }
    linksChanged ||= listing.linked.size > 0 || listing.outward.size > 0
  }

  const followLinks = (): void => {
    if (!linksChanged) return
    linksChanged = false
    const { linked, outward: found } = listFolder(root)
    outward = found
    watches.followLinked(linked)
    // What was reported while the watches were exchanged is lost.
    for (const file of [...linked.values()].flat())
      if (objects.files.get(file)?.stamp !== inspect(file).stamp) refreshFile(file)
  }

  const refreshFile = (file: string): void => {
    linksChanged ||= isLink(file)
    const before = objects.files.get(file)
    const isEmptied = before !== undefined && before.objects.length > 0 && inspect(file).stamp.startsWith('0 ')
    if (isEmptied) return doubt(file)
    doubted.delete(file)
    objects.load(file)
  }

  const doubt = (file: string): void => {
    if (!doubted.has(file)) doubted.set(file, performance.now())
  }

  /** Believes that files are gone or empty when nothing has happened for a moment, or it has been so for long. */
  const settleDoubts = (): void => {
    clearTimeout(doubtTimer)
    if (doubted.size === 0 || stopped) return
    const now = performance.now()
    const quiet = now - lastEventAt >= DOUBT_MS
    let settled = false
    for (const [file, since] of doubted) {
      if (!quiet && now - since < LONGEST_DOUBT_MS) continue
      doubted.delete(file)
      settled = true
      objects.load(file)
    }
    if (settled) onPass()
    if (doubted.size > 0)
      doubtTimer = setTimeout(() => {
        if (checkRoot()) settleDoubts()
        else onPass()
      }, DOUBT_MS)
  }

  /** No watch sees a link on the way that lies outside of the folder and now leads elsewhere. */
  const look = (): void => {
    const wasGone = gone
    const before = rootStamp
    const there = checkRoot()
    if (there && watches.blind) refresh(root)
    const turned = there ? [...outward].filter(([link, end]) => (realPathOf(link) ?? '') !== end) : []
    for (const [link] of turned) refresh(link)
    if (turned.length > 0) {
      linksChanged = true
      followLinks()
    }
    if (wasGone !== gone || before !== rootStamp || watches.blind || turned.length > 0) {
      settleDoubts()
      onPass()
    }
  }

  return {
    async start() {
      rootStamp = inspect(root).stamp
      const listing = listFolder(root, (folder) => watches.follow(folder))
      let sliceEnd = performance.now() + SLICE_MS
      for (const file of listing.files) {
        objects.load(file)
        if (performance.now() < sliceEnd) continue
        await new Promise((resolve) => setImmediate(resolve))
        if (stopped) return
        sliceEnd = performance.now() + SLICE_MS
      }
      unreadable = listing.unreadable
      watches.followLinked(listing.linked)
      outward = listing.outward
      started = true
      lookTimer = setInterval(look, LOOK_MS)
      schedule()
    },
    get gone() {
      return gone
    },
    get unreadable() {
      return unreadable
    },
    stop() {
      stopped = true
      clearTimeout(timer)
      clearTimeout(doubtTimer)
      clearInterval(lookTimer)
      watches.close()
    },
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep)
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}
